// A page that other machines reach: nothing of it is given without the token. The address that the terminal
// shows carries it once; the browser keeps a cookie in its place, which cannot change anything.
import { createHash } from "node:crypto";
import { isToken, sentToken } from "./guard.ts";

const PARAMETER = "token";
const KEPT_SECONDS = 30 * 24 * 3600;
const LOCKED = "This page needs the address that the terminal shows, with its token";

/** Answers in place of the page to who has not shown the token; undefined where the request may go on. */
export function admit(request: Request, token: string): Response | undefined {
  const url = new URL(request.url);
  const shown = url.searchParams.get(PARAMETER);
  if (shown !== null && isToken(shown, token) && request.method === "GET") {
    return welcome(url, token);
  }
  if (isToken(sentToken(request), token)) return undefined;
  if (isToken(cookieOf(request, cookieName(url)), cookieValue(token))) return undefined;
  const wantsPage = request.headers.get("accept")?.includes("text/html") === true;
  return wantsPage
    ? new Response(
      `<!DOCTYPE html><html lang="en"><title>cairn</title><h1>${LOCKED}</h1>` +
        "<p>It begins with “Open” and ends with “?token=…”; " +
        "<code>.cairn/page_token</code> in the project folder holds the token, too.</p>",
      { status: 401, headers: { "content-type": "text/html; charset=utf-8" } },
    )
    : Response.json({ message: LOCKED }, { status: 401 });
}

/** Leads to the same address without the token in it, so that it does not stay in sight. */
function welcome(url: URL, token: string): Response {
  const { origin, pathname, searchParams, port } = url;
  searchParams.delete(PARAMETER);
  const rest = searchParams.size === 0 ? "" : `?${searchParams}`;
  return new Response(null, {
    status: 303,
    headers: {
      // The page's scripts keep what stands after "#" for what they change.
      location: `${origin}${pathname}${rest}#token=${token}`,
      "set-cookie":
        `${cookieName({ port })}=${cookieValue(token)}; HttpOnly; SameSite=Lax; Path=/; ` +
        `Max-Age=${KEPT_SECONDS}`,
      "cache-control": "no-store",
    },
  });
}

/** Browsers send cookies to all ports of a machine, so each port has its own. */
function cookieName({ port }: Pick<URL, "port">): string {
  return `cairn_${port || "80"}`;
}

function cookieValue(token: string): string {
  return createHash("sha256").update(`cookie of ${token}`).digest("hex");
}

function cookieOf(request: Request, name: string): string {
  const cookies = (request.headers.get("cookie") ?? "").split(/;\s*/);
  return cookies.find((cookie) => cookie.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
}
