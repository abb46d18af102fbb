// The page's own files: plain modules and style sheets, sent as they lie in `public/` and its rooms.

const PUBLIC = new URL("../public/", import.meta.url);

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};

/** Sends the page itself, whatever place in it the address names. */
export async function sendPage(): Promise<Response> {
  return await send("index.html");
}

/** Sends one of the page's files, such as `run/steps.css`; undefined where there is none. */
export async function sendPageFile(name: string): Promise<Response | undefined> {
  if (!/^([a-z_]+\/)?[a-z_]+\.(js|css|svg)$/.test(name)) return undefined;
  return await send(name).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
}

async function send(name: string): Promise<Response> {
  const bytes = await Deno.readFile(new URL(name, PUBLIC));
  const type = TYPES[name.slice(name.lastIndexOf(".") + 1)] ?? "application/octet-stream";
  return new Response(bytes, { headers: { "content-type": type, "cache-control": "no-cache" } });
}
