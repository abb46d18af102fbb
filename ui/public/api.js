// @ts-check
/// <reference lib="dom" />
// Asks the server, and listens to it.

/** What the server says of something that it cannot give. */
export class ApiError extends Error {
  /**
   * @param {string} message
   * @param {string} [hint]
   */
  constructor(message, hint) {
    super(message);
    this.hint = hint;
  }
}

/**
 * Gives an address with each part escaped.
 * @param {TemplateStringsArray} texts
 * @param {...(string | number)} parts
 */
export function address(texts, ...parts) {
  return texts.map((text, at) =>
    text + (at < parts.length ? encodeURIComponent(parts[at] ?? "") : "")
  ).join("");
}

/**
 * Asks for JSON; throws ApiError with words for people.
 * @param {string} path
 * @param {AbortSignal} signal
 * @returns {Promise<any>}
 */
export async function ask(path, signal) {
  const response = await fetch(path, { signal }).catch((error) => {
    if (signal.aborted) throw error;
    throw new ApiError("The server does not answer", "Start it again with: deno task ui");
  });
  const body = await response.json();
  if (response.ok) return body;
  throw new ApiError(body.message, body.hint);
}

/**
 * Listens until the server says "end" or the view is left; goes on by itself after a lost connection.
 * @param {string} path
 * @param {Record<string, (data: any) => void>} heard by name of the message
 * @param {AbortSignal} signal
 */
export function listen(path, heard, signal) {
  const source = new EventSource(path);
  for (const [name, hear] of Object.entries(heard)) {
    source.addEventListener(name, (message) => hear(JSON.parse(message.data)));
  }
  const close = () => {
    source.close();
    showLink("");
  };
  source.addEventListener("end", close);
  source.addEventListener("open", () => showLink("live"));
  source.addEventListener("error", () => {
    if (!signal.aborted) showLink("lost");
  });
  signal.addEventListener("abort", close);
}

/** @param {"" | "live" | "lost"} state */
function showLink(state) {
  const place = document.getElementById("link");
  if (place === null) return;
  place.className = state;
  place.textContent = { "": "", live: "live", lost: "connection lost, trying again" }[state];
}
