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

/** Says why a request is refused; undefined where it may be answered. Changes need the token. */
export function refusal(request: Request, token: string | undefined): string | undefined {
  const url = new URL(request.url);
  // A foreign name that leads here is how another site would get past the browser's own check.
  if (!OWN_NAMES.has(url.hostname)) return `this server does not answer to "${url.hostname}"`;
  const origin = request.headers.get("origin");
  if (origin !== null && origin !== url.origin) return "requests of other sites are refused";
  const site = request.headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin" && site !== "none") {
    return "requests of other sites are refused";
  }
  if (request.method === "GET" || request.method === "HEAD") return undefined;
  if (request.method !== "POST" || token === undefined) return "this page only shows";
  const isKnown = digestOf(request.headers.get(TOKEN_HEADER) ?? "") === digestOf(token);
  return isKnown ? undefined : "changes need the address that the terminal shows, with its token";
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

/** Compared in place of what was sent, so that the time it takes tells nothing of the token. */
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
