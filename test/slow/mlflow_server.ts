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
  /** The server dies once it has performed the first such request, and nobody hears its answer. */
  dieWhen: (path: string, body: string) => boolean = () => false;

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
    this.dieWhen = () => false;
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
    await waitForServer(`http://127.0.0.1:${this.#port}/health`);
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
    const body = await request.arrayBuffer();
    const isLast = this.dieWhen(pathname, new TextDecoder().decode(body));
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

/** A port that nobody listens on at the moment. */
export function freePort(): number {
  using probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (probe.addr as Deno.NetAddr).port;
}

/** Waits until an address answers well. */
export async function waitForServer(address: string): Promise<void> {
  const deadlineMs = Date.now() + START_WITHIN_MS;
  while (Date.now() < deadlineMs) {
    const isUp = await fetch(address).then(async (response) => {
      await response.body?.cancel();
      return response.ok;
    }, () => false);
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.fail(`nothing answers at ${address}`);
}
