// Who may ask, and what a browser may do with the answer. The server shows a person's own files to that
// person's own browser; any other page open in it is a stranger.
import { createHash, randomBytes } from "node:crypto";

const TOKEN_HEADER = "x-cairn-token";
const OWN_NAMES: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** Scripts and styles come from files of the page alone; nothing comes from elsewhere. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** What a step made is shown without scripts, without network and as of no origin. */
export const ARTIFACT_POLICY = [
  "sandbox",
  "default-src 'none'",
  "img-src data:",
  "style-src 'unsafe-inline'",
  "frame-ancestors 'self'",
].join("; ");

/** How far a page reaches. */
export interface Reach {
  /** Whoever knows it may change things; absent where the page only shows. */
  readonly token: string | undefined;
  /** Names by which other machines call this one, beside its addresses; absent where none reaches it. */
  readonly names?: ReadonlySet<string>;
}

/** Says why a request is refused; undefined where it may be answered. Changes need the token. */
export function refusal(request: Request, { token, names }: Reach): string | undefined {
  const url = new URL(request.url);
  if (!isOurs(url.hostname, names)) return `this server does not answer to "${url.hostname}"`;
  const origin = request.headers.get("origin");
  if (origin !== null && origin !== url.origin) return "requests of other sites are refused";
  const site = request.headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin" && site !== "none" && !isFollowedLink(request)) {
    return "requests of other sites are refused";
  }
  if (request.method === "GET" || request.method === "HEAD") return undefined;
  if (request.method !== "POST" || token === undefined) return "this page only shows";
  return isToken(sentToken(request), token)
    ? undefined
    : "changes need the address that the terminal shows, with its token";
}

/** A link that a person followed, in a chat or a terminal in the browser: the other site sees nothing of it. */
function isFollowedLink({ method, headers }: Request): boolean {
  return method === "GET" && headers.get("sec-fetch-mode") === "navigate" &&
    headers.get("sec-fetch-dest") === "document";
}

/** A foreign name that leads here is how another site would get past the browser's own check. */
function isOurs(name: string, names: Reach["names"]): boolean {
  if (OWN_NAMES.has(name)) return true;
  if (names === undefined) return false;
  const isAddress = name.startsWith("[") || /^\d+(?:\.\d+){3}$/.test(name); // nobody can redirect it
  return isAddress || names.has(name.toLowerCase());
}

/** The token that a program sends along; empty where it sends none. */
export function sentToken(request: Request): string {
  return request.headers.get(TOKEN_HEADER) ?? "";
}

/** Says whether a text is the token, in a time that tells nothing of it. */
export function isToken(text: string, token: string): boolean {
  return digestOf(text) === digestOf(token);
}

/** Reads the token of a project's page, or makes one that only this user can read. */
export async function readToken(stateFolder: string): Promise<string> {
  const path = `${stateFolder}/page_token`;
  const known = await Deno.readTextFile(path).catch(() => "");
  if (/^[0-9a-f]{48}$/.test(known)) return known;
  const token = randomBytes(24).toString("hex");
  await Deno.writeTextFile(path, token, { mode: 0o600 });
  return token;
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Adds what every answer carries; an answer's own policy stays. */
export function secured(response: Response): Response {
  const { headers } = response;
  if (!headers.has("content-security-policy")) {
    headers.set("content-security-policy", PAGE_POLICY);
  }
  headers.set("x-content-type-options", "nosniff");
  headers.set("referrer-policy", "no-referrer");
  headers.set("cross-origin-resource-policy", "same-origin");
  headers.set("cross-origin-opener-policy", "same-origin");
  return response;
}
