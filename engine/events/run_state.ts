// The state of a run as a fold over its events: what the terminal, `runs` and the page show.
import type { Event, RunOutcome } from "./event.ts";

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
  readonly progress?: { readonly done: number; readonly total: number; readonly unit: string };
  readonly message?: string;
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
  let state = NOTHING;
  for (const event of events) state = applyEvent(state, event);
  return state;
}

/** State after one more event. */
export function applyEvent(state: RunState, event: Event): RunState {
  switch (event.type) {
    case "run-started":
      return {
        ...NOTHING,
        run: event.run,
        workflow: event.workflow,
        file: event.file,
        startedAtMs: event.timeMs,
        steps: new Map(
          event.steps.map((step) => [step.name, { ...step, status: "waiting", reason: "" }]),
        ),
      };
    case "step-started":
      return change(state, event.step, {
        status: "running",
        reason: event.reason,
        startedAtMs: event.timeMs,
      });
    case "step-reused":
      return change(state, event.step, {
        status: "reused",
        savedMs: event.savedMs,
        reason: "unchanged",
      });
    case "step-progress": {
      const { done, total, unit } = event;
      return change(state, event.step, { progress: { done, total, unit } });
    }
    case "step-finished":
      return change(state, event.step, { status: "ran", durationMs: event.durationMs });
    case "step-failed": {
      const { message, durationMs } = event;
      return change(state, event.step, { status: "failed", message, durationMs });
    }
    case "step-skipped":
      return change(state, event.step, {
        status: "skipped",
        reason: `"${event.because}" did not finish`,
      });
    case "step-cancelled":
      return change(state, event.step, { status: "cancelled" });
    case "published":
      return { ...state, published: [...state.published, event.target] };
    case "run-finished":
      return { ...state, outcome: event.outcome, durationMs: event.durationMs };
    case "step-log":
    case "step-metric":
    case "publish-failed":
      return state;
  }
}

function change(state: RunState, name: string, fields: Partial<StepState>): RunState {
  const step = state.steps.get(name);
  if (step === undefined) return state;
  return { ...state, steps: new Map(state.steps).set(name, { ...step, ...fields }) };
}
