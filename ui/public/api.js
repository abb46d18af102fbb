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
 * Gives the address of an artifact's file.
 * @param {string} tree
 * @param {string} path
 */
export function fileAddress(tree, path) {
  return `/artifacts/${tree}/${path.split("/").map(encodeURIComponent).join("/")}`;
}

/**
 * Asks for JSON; throws ApiError with words for people.
 * @param {string} path
 * @param {AbortSignal} signal
 * @param {RequestInit} [options]
 * @returns {Promise<any>}
 */
export async function ask(path, signal, options = {}) {
  const response = await fetch(path, { ...options, signal }).catch((error) => {
    if (signal.aborted) throw error;
    throw new ApiError("The server does not answer", "Start it again with: deno task ui");
  });
  const body = await response.json();
  if (response.ok) return body;
  throw new ApiError(body.message, body.hint);
}

const TOKEN = "cairn-token";

/** Takes the token out of the address that the terminal shows, and keeps it for this browser. */
export function keepToken() {
  const match = /^#token=([0-9a-f]+)$/.exec(location.hash);
  if (match === null) return;
  localStorage.setItem(TOKEN, match[1] ?? "");
  history.replaceState(null, "", location.pathname + location.search);
}

/**
 * Asks the server to change something; throws ApiError with words for people.
 * @param {string} path
 * @param {unknown} body
 * @param {AbortSignal} signal
 * @returns {Promise<any>}
 */
export async function change(path, body, signal) {
  const token = localStorage.getItem(TOKEN) ?? "";
  const headers = { "content-type": "application/json", "x-cairn-token": token };
  return await ask(path, signal, { method: "POST", headers, body: JSON.stringify(body) });
}

/**
 * Listens until the server says "end" or the view is left; goes on by itself after a lost connection.
 * @param {string} path
 * @param {Record<string, (data: never) => void>} heard by name of the message
 * @param {AbortSignal} signal
 */
export function listen(path, heard, signal) {
  const source = new EventSource(path);
  for (const [name, hear] of Object.entries(heard)) {
    source.addEventListener(
      name,
      (message) => hear(/** @type {never} */ (JSON.parse(message.data))),
    );
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
