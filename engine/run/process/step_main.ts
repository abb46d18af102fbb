// Runs inside a step's own process: reads the request, calls the plugin, reports. The process has only the
// permissions that the plugin declared.
import { findPlugin } from "../../graph/plugins/describe.ts";
import type { Plugin, Ports, StepContext } from "../../plugin.ts";
import { CheckpointQuestions } from "../checkpoints/checkpoint_questions.ts";
import { denialOf } from "./denial.ts";
import { LONGEST_TEXT, type StepMessage, type StepRequest } from "./step_protocol.ts";

/** Between two progress messages. */
const PROGRESS_EVERY_MS = 100;

/** Performs the step whose plugin the module exports, then ends the process. */
export async function performStep(module: Readonly<Record<string, unknown>>): Promise<never> {
  const input = new LineReader(Deno.stdin.readable);
  const request = JSON.parse(await input.next()) as StepRequest; // written by the engine
  const send = (message: StepMessage): void =>
    writeLine(`${request.mark}${JSON.stringify(message, clipped)}`);
  const cancelled = new AbortController();
  Deno.addSignalListener("SIGTERM", () => cancelled.abort(new Error("the run was interrupted")));
  const checkpoint = new CheckpointQuestions(request.saving, send);
  hearAnswers(input, checkpoint);
  const fail = (error: unknown): never => {
    send(describeError(error));
    Deno.exit(1);
  };
  // What is thrown where nobody waits for it, in this thread or in a worker, ends the step as well.
  addEventListener("unhandledrejection", (event) => fail(event.reason));
  addEventListener("error", ({ error, message }) => fail(error ?? new Error(message)));
  try {
    const plugin = findPlugin(module);
    if ("problem" in plugin) throw new Error(`the plugin's module ${plugin.problem}`);
    await runPlugin(
      plugin,
      contextOf(plugin, request, { send, checkpoint, signal: cancelled.signal }),
    );
    send({ type: "done" });
    Deno.exit(0);
  } catch (error) {
    return fail(error);
  }
}

/** Hears the engine until it ends, and then ends too: a step must not outlive it. */
async function hearAnswers(input: LineReader, checkpoint: CheckpointQuestions): Promise<void> {
  try {
    for (let line = await input.next(); line !== ""; line = await input.next()) {
      checkpoint.answer(line);
    }
  } finally {
    Deno.exit(1);
  }
}

async function runPlugin(
  plugin: Plugin,
  context: StepContext<unknown, Ports, Ports>,
): Promise<void> {
  if (plugin.run === undefined) throw new Error(`plugin "${plugin.name}" has no run function`);
  // The context's types are those that definePlugin checked; `Plugin` has forgotten them.
  await (plugin.run as (context: StepContext<unknown, Ports, Ports>) => Promise<void> | void)(
    context,
  );
}

function contextOf(
  plugin: Plugin,
  request: StepRequest,
  tools: {
    readonly send: (message: StepMessage) => void;
    readonly checkpoint: CheckpointQuestions;
    readonly signal: AbortSignal;
  },
): StepContext<unknown, Ports, Ports> {
  const { send, checkpoint, signal } = tools;
  let progressAtMs = 0;
  return {
    config: plugin.config.parse(request.config),
    inputs: request.inputs as StepContext<unknown, Ports, Ports>["inputs"],
    outputs: request.outputs,
    scratch: request.scratch,
    shared: request.shared,
    lease: request.lease,
    seed: request.seed,
    signal,
    log: (text) => send({ type: "log", text }),
    warn: (text) => send({ type: "warn", text }),
    progress: (done, total, unit = "") => {
      const nowMs = performance.now();
      if (done < total && nowMs - progressAtMs < PROGRESS_EVERY_MS) return;
      progressAtMs = nowMs;
      send({ type: "progress", done, total, unit });
    },
    metric: (name, value, at = 0) =>
      Number.isFinite(value)
        ? send({ type: "metric", name, value, at })
        : send({ type: "warn", text: `Metric "${name}" is ${value} at ${at}` }),
    effect: (path) => send({ type: "effect", path }),
    checkpoint,
  };
}

function describeError(error: unknown): StepMessage {
  const denial = denialOf(error);
  if (denial !== undefined) return { type: "error", message: "Refused by the sandbox", denial };
  if (!(error instanceof Error)) return { type: "error", message: String(error) };
  const { name, message, stack } = error;
  if (name === "StepError") {
    const { hint } = error as { readonly hint?: unknown };
    return { type: "error", message, ...(typeof hint === "string" ? { hint } : {}) };
  }
  return {
    type: "error",
    message: `${name}: ${message}`,
    ...(stack === undefined ? {} : { stack: framesOfPlugin(stack) }),
  };
}

/** A stack without the frames of the engine, which its author cannot mend. */
function framesOfPlugin(stack: string): string {
  const lines = stack.split("\n");
  const engine = lines.findIndex((line) => line.includes(import.meta.url));
  return lines.slice(0, engine === -1 ? undefined : engine).join("\n");
}

/** Shortens the texts of a message while it is turned into JSON. */
function clipped(_name: string, value: unknown): unknown {
  const isTooLong = typeof value === "string" && value.length > LONGEST_TEXT;
  return isTooLong ? `${value.slice(0, LONGEST_TEXT)}…` : value;
}

function writeLine(line: string): void {
  const bytes = new TextEncoder().encode(`${line}\n`);
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}

/** Lines of a byte stream. */
class LineReader {
  readonly #reader: ReadableStreamDefaultReader<string>;
  #rest = "";

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The next line; what is left where the stream ends. */
  async next(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf("\n");
      if (end !== -1) {
        const line = this.#rest.slice(0, end);
        this.#rest = this.#rest.slice(end + 1);
        return line;
      }
      const { done, value } = await this.#reader.read();
      if (done) return this.#rest;
      this.#rest += value;
    }
  }
}
