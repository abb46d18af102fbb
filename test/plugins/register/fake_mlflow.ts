// An MLflow server in memory, with the traps of the real one: JSON required, HTML for unknown routes, no
// word after an upload, refusals in several spellings. What it holds and answers is in fake_tracking.ts.
import { FakeTracking, refuse, type Reply } from "./fake_tracking.ts";

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
  readonly files: Map<string, string>;
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
    tracking: new FakeTracking(),
    refusals: new Map(),
    trouble: () => undefined,
    requests: 0,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };

  async function handle(request: Request): Promise<Response> {
    const trouble = fake.trouble(fake.requests++);
    const text = await request.text();
    if (trouble === "before") return refuse("INTERNAL_ERROR", "Busy", 500).response;
    const response = answer(request, text);
    return trouble === "after" ? new Response("Bad Gateway", { status: 502 }) : response;
  }

  function answer(request: Request, text: string): Response {
    const url = new URL(request.url);
    if (url.pathname === "/version") return new Response("3.17.2");
    const path = url.pathname.replace("/api/2.0/", "");
    const refusal = [...fake.refusals].find(([end]) => path.endsWith(end))?.[1].clone();
    if (path.startsWith("mlflow-artifacts/artifacts/")) {
      if (refusal !== undefined) return refusal;
      fake.files.set(decodeURIComponent(path.replace("mlflow-artifacts/artifacts/", "")), text);
      return new Response(null);
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
  return fake;
}
