// Server-sent events: what is new of a run or of a log, as it happens, from where the page left off.
import type { Event, LoadSample, Progress } from "../../engine/mod.ts";
import type { RunHead, StepView } from "../runs/run_fold.ts";
import { listRunSummaries } from "./run_view.ts";
import type { RunLibrary, RunOutcomeView, RunReader } from "../runs/runs.ts";

const LOOK_EVERY_MS = 250;
const SIGN_OF_LIFE_MS = 15_000;
const LONGEST_PIECE_BYTES = 256 * 1024;

/** A message of a stream; `id` is what a browser sends back to go on after it. */
export interface Message {
  readonly event: string;
  readonly data: unknown;
  readonly id?: number;
}

/** What changed in a run since the last message. */
export interface RunChange {
  /** As `run --json` prints them. */
  readonly events: readonly Event[];
  /** The steps that they are about, as they are now. */
  readonly steps: readonly StepView[];
  readonly head: Omit<RunHead, "outcome"> & { readonly outcome: RunOutcomeView };
}

/** Waits until it is time to look again; false where nobody listens any more. */
export type Pause = () => Promise<boolean>;

/** Follows the newest runs: first all of them, then those that changed or went. */
export async function* followRuns(library: RunLibrary, pause: Pause): AsyncGenerator<Message> {
  let known: ReadonlyMap<string, string> | undefined;
  do {
    const { runs } = await listRunSummaries(library);
    const now = new Map(runs.map((run) => [run.run, JSON.stringify(run)]));
    const changed = runs.filter((run) => known?.get(run.run) !== now.get(run.run));
    const gone = [...known?.keys() ?? []].filter((run) => !now.has(run));
    if (known === undefined || changed.length + gone.length > 0) {
      yield { event: "runs", data: { changed, gone } };
    }
    known = now;
  } while (await pause());
}

/** Samples of the machine's load from the one with the number `from`. */
export interface LoadChange {
  readonly from: number;
  readonly samples: readonly LoadSample[];
}

/** Follows a run to its end, from the event and the sample of its load with these numbers. */
export async function* followRun(
  reader: RunReader,
  after: { readonly event: number; readonly sample: number },
  pause: Pause,
): AsyncGenerator<Message> {
  let sent = Math.min(after.event, reader.events.length);
  let sampled = after.sample;
  let outcome: RunOutcomeView = "running";
  let shownProgress = "{}";
  do {
    await reader.refresh();
    if (reader.events.length > sent || reader.outcome !== outcome) {
      outcome = reader.outcome;
      yield { event: "change", id: reader.events.length, data: changeSince(reader, sent) };
      sent = reader.events.length;
    }
    const samples = await reader.load();
    if (samples.length > sampled) {
      yield {
        event: "load",
        data: { from: sampled, samples: samples.slice(sampled) } satisfies LoadChange,
      };
      sampled = samples.length;
    }
    const progress: Progress = await reader.progress();
    if (JSON.stringify(progress) !== shownProgress) yield { event: "progress", data: progress };
    shownProgress = JSON.stringify(progress);
  } while (outcome === "running" && await pause());
  yield { event: "end", data: outcome };
}

function changeSince(reader: RunReader, sent: number): RunChange {
  const events = reader.events.slice(sent);
  const names = new Set(events.flatMap((event) => "step" in event ? [event.step] : []));
  return {
    events,
    steps: [...names].map((name) => reader.fold.steps.get(name)).filter((step) =>
      step !== undefined
    ),
    head: { ...reader.fold.head, outcome: reader.outcome },
  };
}

/** Follows a step's log from this byte until `isOver` and everything was read. */
export async function* followLog(
  path: string,
  from: number,
  watch: { readonly isOver: () => Promise<boolean>; readonly pause: Pause },
): AsyncGenerator<Message> {
  let at = from;
  yield { event: "start", data: from };
  for (;;) {
    const isOver = await watch.isOver(); // asked first: what is written before the end is read
    for (;;) {
      const bytes = await readPiece(path, at);
      if (bytes.length === 0) break;
      at += bytes.length;
      yield { event: "text", id: at, data: new TextDecoder().decode(bytes) };
    }
    if (isOver) break;
    if (!await watch.pause()) return;
  }
  yield { event: "end", data: null };
}

/** Bytes from here to the last whole line of a piece. */
async function readPiece(path: string, from: number): Promise<Uint8Array> {
  const file = await Deno.open(path).catch(() => undefined);
  if (file === undefined) return new Uint8Array();
  using open = file;
  await open.seek(from, Deno.SeekMode.Start);
  const piece = new Uint8Array(LONGEST_PIECE_BYTES);
  const count = await open.read(piece) ?? 0;
  const lines = piece.subarray(0, count).lastIndexOf(10) + 1;
  return piece.subarray(0, lines === 0 && count === piece.length ? count : lines);
}

/** Answers with a stream of what `follow` gives, until that ends or the listener leaves. */
export function streamResponse(follow: (pause: Pause) => AsyncGenerator<Message>): Response {
  const encoder = new TextEncoder();
  const left = new AbortController();
  const messages = follow(pauseUntil(left.signal));
  let timer: ReturnType<typeof setInterval> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller): void {
      const beat = (): void => controller.enqueue(encoder.encode(": here\n\n"));
      timer = setInterval(beat, SIGN_OF_LIFE_MS);
    },
    async pull(controller): Promise<void> {
      const { done, value } = await messages.next();
      if (left.signal.aborted) return;
      if (!done) return controller.enqueue(encoder.encode(textOf(value)));
      clearInterval(timer);
      controller.close();
    },
    cancel(): void {
      clearInterval(timer);
      left.abort();
    },
  });
  return new Response(body, {
    headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
  });
}

/** A pause that ends early when the listener leaves. */
function pauseUntil(left: AbortSignal): Pause {
  return () =>
    new Promise((resolve) => {
      if (left.aborted) return resolve(false);
      const leave = (): void => {
        clearTimeout(timer);
        resolve(false);
      };
      const timer = setTimeout(() => {
        left.removeEventListener("abort", leave);
        resolve(true);
      }, LOOK_EVERY_MS);
      left.addEventListener("abort", leave, { once: true });
    });
}

function textOf({ event, id, data }: Message): string {
  const number = id === undefined ? "" : `id: ${id}\n`;
  return `event: ${event}\n${number}data: ${JSON.stringify(data)}\n\n`; // JSON has no line breaks
}
