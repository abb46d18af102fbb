// Speaks MLflow's REST protocol: requests, replies, and what their failures mean to a person.
// Nothing is retried here: creating is not repeatable, so whoever tries again must look first.
import { StepError, type z } from "../../../engine/plugin.ts";
import type { MlflowSettings } from "./settings.ts";

/** A refusal by the server. */
export interface Refusal {
  readonly status: number;
  /** Such as "RESOURCE_ALREADY_EXISTS"; empty where the reply was no JSON. */
  readonly code: string;
  readonly message: string;
  readonly retryAfterMs: number | undefined;
}

/** What a request carries besides its address. */
export interface Payload {
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  readonly bytes?: Uint8Array<ArrayBuffer>;
}

/** Method and path below `/api/2.0/`. */
export type Endpoint = readonly ["GET" | "POST" | "PUT" | "PATCH", string];

/** What helps after a failure: waiting, mending the server or the settings, or nothing. */
export type Remedy = "wait" | "mend" | "none";

/** A failure of the server, in words; reads to the engine like any StepError. */
export class MlflowError extends StepError {
  constructor(
    message: string,
    readonly remedy: Remedy,
    options: { readonly hint?: string; readonly cause?: unknown; readonly retryAfterMs?: number } =
      {},
  ) {
    super(message, options);
    this.retryAfterMs = options.retryAfterMs;
  }

  /** How long the server asked to be left alone. */
  readonly retryAfterMs: number | undefined;

  /** Says whether the server took too long, so that trying again at once would, too. */
  get isTimeout(): boolean {
    return this.cause instanceof DOMException && this.cause.name === "TimeoutError";
  }
}

interface RawReply {
  readonly status: number;
  readonly isGood: boolean;
  readonly text: string;
  readonly retryAfterMs: number | undefined;
}

/** How long an answer may take, and at least that of whoever sends or brings files. */
const usualTimeoutMs = 120_000;

/** A connection to one server. */
export class MlflowClient {
  readonly #http: Deno.HttpClient | undefined;

  constructor(
    readonly settings: MlflowSettings,
    readonly signal: AbortSignal,
    private readonly timeoutMs = usualTimeoutMs,
  ) {
    this.#http = httpClient(settings);
  }

  /** Requests an endpoint; throws StepError where it is refused. */
  async call<Schema extends z.ZodType>(
    schema: Schema,
    endpoint: Endpoint,
    payload: Payload = {},
  ): Promise<z.output<Schema>> {
    const reply = await this.attempt(schema, endpoint, payload);
    if ("refusal" in reply) throw this.refused(reply.refusal);
    return reply.body;
  }

  /** Requests an endpoint and gives a refusal as a value. */
  async attempt<Schema extends z.ZodType>(
    schema: Schema,
    [method, path]: Endpoint,
    payload: Payload = {},
  ): Promise<{ readonly body: z.output<Schema> } | { readonly refusal: Refusal }> {
    const reply = await this.#read(method, `api/2.0/${path}`, payload);
    // Some versions answer an upload with nothing at all.
    const body = reply.text === "" ? {} : parseJson(reply.text);
    if (!reply.isGood) return { refusal: refusalOf(reply, body) };
    const parsed = schema.safeParse(body);
    if (parsed.success) return { body: parsed.data };
    throw new MlflowError(
      `The MLflow server answered "${path}" with something unexpected`,
      "mend",
      {
        hint: `Check that ${this.settings.base} is an MLflow server of version 3 or newer`,
        cause: parsed.error,
      },
    );
  }

  /** Asks the server for its version, such as "3.17.2"; undefined where it does not tell. */
  async version(): Promise<string | undefined> {
    const { isGood, text, ...reply } = await this.#read("GET", "version", {});
    if (reply.status >= 500) throw this.refused(refusalOf({ isGood, text, ...reply }, undefined));
    return isGood && /^\d+\.\d+[\w.]*$/.test(text.trim()) ? text.trim() : undefined;
  }

  /** Turns a refusal into an error that says what to do. */
  refused(refusal: Refusal): MlflowError {
    const { status, code, message, retryAfterMs } = refusal;
    const what = [`${status}`, code, message].filter((part) => part !== "").join(" ");
    const hint = this.#hint(refusal);
    return new MlflowError(`The MLflow server refused: ${what}`, remedyOf(refusal), {
      ...(hint === undefined ? {} : { hint }),
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }

  /** Gives the bytes of a file below `/api/2.0/` as they come; throws StepError where it is refused. */
  async download(path: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const response = await this.#fetch("GET", `api/2.0/${path}`, {});
    if (response.ok) return response.body ?? new Blob([]).stream();
    const reply = await rawReply(response);
    throw this.refused(refusalOf(reply, parseJson(reply.text)));
  }

  async #read(method: string, path: string, payload: Payload): Promise<RawReply> {
    return await this.#reaching(async () =>
      await rawReply(await this.#fetch(method, path, payload))
    );
  }

  async #fetch(method: string, path: string, payload: Payload): Promise<Response> {
    const { base, authorization } = this.settings;
    const query = new URLSearchParams(payload.query).toString();
    const headers = new Headers(authorization === undefined ? {} : { authorization });
    // MLflow refuses JSON without this header.
    if (payload.json !== undefined) headers.set("content-type", "application/json");
    const body = payload.json === undefined ? payload.bytes : JSON.stringify(payload.json);
    const timeoutMs = payload.bytes === undefined
      ? this.timeoutMs
      : Math.max(this.timeoutMs, usualTimeoutMs);
    return await this.#reaching(() =>
      fetch(`${base}/${path}${query === "" ? "" : `?${query}`}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
        ...(this.#http === undefined ? {} : { client: this.#http }),
        signal: AbortSignal.any([this.signal, AbortSignal.timeout(timeoutMs)]),
      })
    );
  }

  /** Says so where the server cannot be reached, or an answer breaks off. */
  async #reaching<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      this.signal.throwIfAborted();
      if (cause instanceof MlflowError) throw cause;
      if (/certificate|UnknownIssuer/i.test(messagesOf(cause))) throw this.#distrusted(cause);
      throw new MlflowError(`Cannot reach the MLflow server at "${this.settings.base}"`, "wait", {
        hint: "Start the server, correct MLFLOW_TRACKING_URI, or unset it to register only locally",
        cause,
      });
    }
  }

  #distrusted(cause: unknown): MlflowError {
    const message =
      `The certificate of the MLflow server at "${this.settings.base}" is not trusted`;
    const hint = "Name it, or its authority's, with MLFLOW_TRACKING_SERVER_CERT_PATH";
    return new MlflowError(message, "mend", { hint, cause });
  }

  #hint({ status, code, message }: Refusal): string | undefined {
    const { host } = new URL(this.settings.base);
    if (status === 401) {
      return "Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN";
    }
    if (status === 403 && /host header/i.test(message)) {
      return `Start the server with --allowed-hosts "${host}"`;
    }
    if (status === 403) return "Ask for the right to write on that server";
    if (status === 404 && code === "") return "Check that MLFLOW_TRACKING_URI is an MLflow server";
    if (isWithoutArtifacts({ status, message })) return "Start the server with --serve-artifacts";
    return undefined;
  }
}

/** What an error says, with all that caused it. */
function messagesOf(error: unknown): string {
  return error instanceof Error ? `${error.message} ${messagesOf(error.cause)}` : "";
}

/** What speaks to a server with certificates of its own. */
function httpClient({ tls }: MlflowSettings): Deno.HttpClient | undefined {
  if (tls === undefined) return undefined;
  const { ca, client } = tls;
  return Deno.createHttpClient({
    ...(ca === undefined ? {} : { caCerts: [ca] }),
    ...(client === undefined ? {} : { cert: client, key: client }),
  });
}

async function rawReply(response: Response): Promise<RawReply> {
  return {
    status: response.status,
    isGood: response.ok,
    text: await response.text(),
    retryAfterMs: secondsIn(response.headers.get("retry-after")),
  };
}

/** Not every refusal is JSON: an unknown route is HTML, a wrong host plain text. */
function refusalOf({ status, text, retryAfterMs }: RawReply, body: unknown): Refusal {
  if (typeof body === "object" && body !== null && "error_code" in body && "message" in body) {
    const message = firstWords(String(body.message));
    return { status, code: String(body.error_code), message, retryAfterMs };
  }
  const message = text.trimStart().startsWith("<") ? "" : firstWords(text);
  return { status, code: "", message, retryAfterMs };
}

function remedyOf({ status, code, message }: Refusal): Remedy {
  if (isWithoutArtifacts({ status, message })) return "mend";
  if ([408, 425, 429, 500, 502, 503, 504].includes(status)) return "wait";
  const isAccess = status === 401 || status === 403 || (status === 404 && code === "");
  return isAccess ? "mend" : "none";
}

/** A server that was told not to serve artifacts looks like one that is away for a while. */
function isWithoutArtifacts({ status, message }: Pick<Refusal, "status" | "message">): boolean {
  return status === 503 && /serve-artifacts|artifacts-only/.test(message);
}

function secondsIn(header: string | null): number | undefined {
  return header !== null && /^\d{1,5}$/.test(header) ? Number(header) * 1000 : undefined;
}

/** Messages of the server can trail SQL. */
function firstWords(text: string): string {
  return text.split(/\[SQL|\n/)[0]!.trim().slice(0, 300).replace(/\.$/, "");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
