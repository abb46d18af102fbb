// A real MLflow server for tests, and a door before it that can let the server die at a chosen request.
import assert from "node:assert/strict";

/** A Python with mlflow, onnx and onnxruntime; undefined where CAIRN_MLFLOW_PYTHON names none. */
export const python = Deno.env.get("CAIRN_MLFLOW_PYTHON");

const START_WITHIN_MS = 120_000;

/** A server that can be killed and started again on the same data. */
export class RealMlflow implements AsyncDisposable {
  readonly #folder: string;
  readonly #door: Deno.HttpServer<Deno.NetAddr>;
  #child: Deno.ChildProcess | undefined;
  #port = 0;
  #requests = 0;
  /** The server dies once it has performed this request, and nobody hears its answer. */
  dieAt = Number.POSITIVE_INFINITY;

  private constructor(folder: string) {
    this.#folder = folder;
    const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
    this.#door = Deno.serve(options, (request) => this.#pass(request));
  }

  /** Starts a server with a new, empty database. */
  static async start(): Promise<RealMlflow> {
    const server = new RealMlflow(await Deno.makeTempDir({ prefix: "cairn_mlflow_" }));
    await server.revive();
    return server;
  }

  /** Its address, which stays the same. */
  get uri(): string {
    return `http://127.0.0.1:${this.#door.addr.port}`;
  }

  get isAlive(): boolean {
    return this.#child !== undefined;
  }

  /** Starts it again. */
  async revive(): Promise<void> {
    this.#port = freePort();
    const options = {
      "host": "127.0.0.1",
      "port": String(this.#port),
      "workers": "1",
      "backend-store-uri": `sqlite:///${this.#folder}/mlflow.db`,
      "artifacts-destination": `${this.#folder}/artifacts`,
    };
    this.#child = new Deno.Command(python!, {
      args: [
        ...["-m", "mlflow", "server"],
        ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
      ],
      env: { MLFLOW_DISABLE_TELEMETRY: "true", DO_NOT_TRACK: "true" },
      stdin: "null",
      stdout: "null",
      stderr: "null",
      detached: true, // its workers are children of their own
    }).spawn();
    await waitForHealth(`http://127.0.0.1:${this.#port}`);
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    Deno.kill(-child.pid, "SIGKILL");
    await child.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#door.shutdown();
    await this.kill();
    await Deno.remove(this.#folder, { recursive: true });
  }

  async #pass(request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const isLast = ++this.#requests === this.dieAt;
    const body = await request.arrayBuffer();
    try {
      const response = await fetch(`http://127.0.0.1:${this.#port}${pathname}${search}`, {
        method: request.method,
        headers: request.headers,
        ...(body.byteLength > 0 && { body }),
      });
      const answer = await response.arrayBuffer();
      if (!isLast) return new Response(answer, response);
      await this.kill();
    } catch {
      // It is dead already.
    }
    return new Response("Bad Gateway", { status: 502 });
  }
}

function freePort(): number {
  using probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (probe.addr as Deno.NetAddr).port;
}

async function waitForHealth(uri: string): Promise<void> {
  const deadlineMs = Date.now() + START_WITHIN_MS;
  while (Date.now() < deadlineMs) {
    const isUp = await fetch(`${uri}/health`).then(async (response) => {
      await response.body?.cancel();
      return response.ok;
    }, () => false);
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.fail("the MLflow server did not start");
}
