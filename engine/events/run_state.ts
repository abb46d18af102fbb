// The state of a run as a fold over its events: what the terminal, `runs` and the page show.
import type { Event, RunOutcome, RunStarted, StepFinished } from "./event.ts";
import { skipWords } from "./skip_words.ts";

export type StepStatus =
  | "waiting"
  | "running"
  | "reused"
  | "ran"
  | "failed"
  | "skipped"
  | "cancelled";

export interface StepState {
  readonly name: string;
  readonly plugin: string;
  readonly kind: string;
  readonly dependsOn: readonly string[];
  readonly status: StepStatus;
  /** Why it ran, or what it waits for; empty while unknown. */
  readonly reason: string;
  readonly startedAtMs?: number;
  readonly durationMs?: number;
  readonly savedMs?: number;
  /** The most memory that it was seen to take; absent where it was short. */
  readonly peakMemoryBytes?: number;
  readonly progress?: { readonly done: number; readonly total: number; readonly unit: string };
  readonly message?: string;
  /** The attempt that it waits for. */
  readonly next?: { readonly attempt: number; readonly attempts: number; readonly atMs: number };
}

export interface RunState {
  readonly run: string;
  readonly workflow: string;
  readonly file: string;
  readonly startedAtMs: number;
  /** "running" also for a run whose engine died before it could say how it ended. */
  readonly outcome: RunOutcome | "running";
  readonly durationMs: number;
  readonly steps: ReadonlyMap<string, StepState>;
  readonly published: readonly string[];
}

const NOTHING: RunState = {
  run: "",
  workflow: "",
  file: "",
  startedAtMs: 0,
  outcome: "running",
  durationMs: 0,
  steps: new Map(),
  published: [],
};

/** State after all events of a run. */
export function foldEvents(events: Iterable<Event>): RunState {
  const fold = new RunFold();
  for (const event of events) fold.apply(event);
  return fold.state;
}

/** Folds events as they come; one event costs the same however many steps there are. */
export class RunFold {
  #state: RunState = NOTHING;
  #steps = new Map<string, StepState>();

  /** State after the events so far; its steps change with the next event. */
  get state(): RunState {
    return this.#state;
  }

  /** Takes the next event. */
  apply(event: Event): void {
    switch (event.type) {
      case "run-started":
        return this.#start(event);
      case "published": {
        const published = [...this.#state.published, event.target];
        this.#state = { ...this.#state, published };
        return;
      }
      case "run-finished": {
        const { outcome, durationMs } = event;
        this.#state = { ...this.#state, outcome, durationMs };
        return;
      }
      case "publish-failed":
      case "remote-failed":
      case "remote-sending":
        return;
      default: {
        const step = this.#steps.get(event.step);
        if (step !== undefined) {
          this.#steps.set(event.step, { ...beforeAttempt(step, event), ...changesOf(event) });
        }
      }
    }
  }

  #start({ run, workflow, file, steps, timeMs }: RunStarted & { readonly timeMs: number }): void {
    this.#steps = new Map(
      steps.map((step) => [step.name, { ...step, status: "waiting", reason: "" }]),
    );
    this.#state = { ...NOTHING, run, workflow, file, startedAtMs: timeMs, steps: this.#steps };
  }
}

/** A step without what an earlier attempt left, where another one begins. */
function beforeAttempt(step: StepState, event: Event): StepState {
  if (event.type !== "step-started") return step;
  const { progress: _progress, message: _message, next: _next, ...rest } = step;
  return rest;
}

type StepEvent = Extract<Event, { readonly step: string }>;

/** What an event changes in the state of its step. */
function changesOf(event: Exclude<StepEvent, { readonly type: "published" }>): Partial<StepState> {
  switch (event.type) {
    case "step-started":
      return {
        status: "running",
        startedAtMs: event.timeMs,
        // That of the first attempt is why the step runs.
        ...(event.attempt === undefined ? { reason: event.reason } : {}),
      };
    case "step-reused":
      return { status: "reused", savedMs: event.savedMs, reason: "unchanged" };
    case "step-progress": {
      const { done, total, unit } = event;
      return { progress: { done, total, unit } };
    }
    case "step-finished":
      return { status: "ran", durationMs: event.durationMs, ...peakOf(event) };
    case "step-retrying": {
      const { attempt, attempts, delayMs, timeMs, message } = event;
      return { status: "waiting", message, next: { attempt, attempts, atMs: timeMs + delayMs } };
    }
    case "step-failed": {
      const { message, durationMs } = event;
      return { status: "failed", message, durationMs, ...peakOf(event) };
    }
    case "step-skipped":
      return { status: "skipped", reason: skipWords(event) };
    case "step-cancelled":
      return { status: "cancelled" };
    case "step-log":
    case "step-metric":
      return {};
  }
}

function peakOf(
  { peakMemoryBytes }: Pick<StepFinished, "peakMemoryBytes">,
): Pick<StepState, "peakMemoryBytes"> {
  return peakMemoryBytes === undefined ? {} : { peakMemoryBytes };
}
