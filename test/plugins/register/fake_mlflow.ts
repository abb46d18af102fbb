// An MLflow server in memory, with the traps of the real one: JSON required, HTML for unknown routes, no
// word after an upload, refusals in several spellings. What it holds and answers is in fake_tracking.ts.
import { refuse, type Reply } from "./fake_replies.ts";
import { FakeTracking } from "./fake_tracking.ts";

interface Call {
  readonly method: string;
  /** Below `/api/2.0/`. */
  readonly path: string;
  readonly body: unknown;
}

/** How a request goes wrong: not heard at all, or done without an answer that arrives. */
export type Trouble = "before" | "after" | undefined;

/** What the server holds, for tests to look at. */
export interface FakeMlflow extends AsyncDisposable {
  readonly base: string;
  readonly calls: Call[];
  readonly files: Map<string, Uint8Array<ArrayBuffer>>;
  /** A file as text. */
  text(path: string): string;
  readonly tracking: FakeTracking;
  /** Answers the path that ends so with this. */
  readonly refusals: Map<string, Response>;
  /** Decides by the number of the request, from 0, what goes wrong. */
  trouble: (request: number) => Trouble;
  /** Requests so far. */
  requests: number;
}

/** Serves on a free port of this machine until it is disposed. */
export function serveFakeMlflow(port = 0): FakeMlflow {
  const server = Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, handle);
  const fake: FakeMlflow = {
    base: `http://127.0.0.1:${server.addr.port}`,
    calls: [],
    files: new Map(),
    text: (path) => new TextDecoder().decode(fake.files.get(path)),
    tracking: new FakeTracking(),
    refusals: new Map(),
    trouble: () => undefined,
    requests: 0,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };

  async function handle(request: Request): Promise<Response> {
    const trouble = fake.trouble(fake.requests++);
    const bytes = await request.bytes();
    if (trouble === "before") return refuse("INTERNAL_ERROR", "Busy", 500).response;
    const response = answer(request, bytes);
    return trouble === "after" ? new Response("Bad Gateway", { status: 502 }) : response;
  }

  function answer(request: Request, bytes: Uint8Array<ArrayBuffer>): Response {
    const text = new TextDecoder().decode(bytes);
    const url = new URL(request.url);
    if (url.pathname === "/version") return new Response("3.17.2");
    const path = url.pathname.replace("/api/2.0/", "");
    const refusal = [...fake.refusals].find(([end]) => path.endsWith(end))?.[1].clone();
    if (path.startsWith("mlflow-artifacts/artifacts/")) {
      if (refusal !== undefined) return refusal;
      if (request.method === "GET") return fileAt(path);
      fake.files.set(decodeURIComponent(path.replace("mlflow-artifacts/artifacts/", "")), bytes);
      return new Response(null);
    }
    if (path === "mlflow-artifacts/artifacts") {
      return refusal ?? Response.json(listing(url.searchParams.get("path") ?? ""));
    }
    const isJson = request.headers.get("content-type") === "application/json";
    if (text !== "" && !isJson) return refuse("INVALID_PARAMETER_VALUE", "Bad type").response;
    const body = text === "" ? undefined : JSON.parse(text);
    fake.calls.push({ method: request.method, path, body });
    if (refusal !== undefined) return refusal;
    const reply: Reply | undefined = fake.tracking.answer(
      [request.method, path],
      body ?? Object.fromEntries(url.searchParams),
    );
    if (reply === undefined) {
      return new Response("<!doctype html><title>404 Not Found</title>", { status: 404 });
    }
    return "response" in reply ? reply.response : Response.json(reply.json);
  }
  /** A missing file is an error of the server. */
  function fileAt(path: string): Response {
    const text = fake.files.get(
      decodeURIComponent(path.replace("mlflow-artifacts/artifacts/", "")),
    );
    return text === undefined
      ? refuse("INTERNAL_ERROR", "No such file", 500).response
      : new Response(text);
  }

  /** Names only their last part, and an empty list is left out. */
  function listing(folder: string): unknown {
    const names = new Map<string, boolean>();
    for (const path of fake.files.keys()) {
      if (!path.startsWith(`${folder}/`)) continue;
      const [name = "", ...below] = path.slice(folder.length + 1).split("/");
      names.set(name, below.length > 0);
    }
    const files = [...names].map(([path, is_dir]) => ({ path, is_dir }));
    return files.length === 0 ? {} : { files };
  }
  return fake;
}
