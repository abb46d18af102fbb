// Everything that can happen in a run, as data. The terminal, the journal and the page are folds of it.
import type { Starter } from "./starter.ts";
import type {
  StepCancelled,
  StepFailed,
  StepFinished,
  StepLog,
  StepMetric,
  StepProgress,
  StepRetrying,
  StepReused,
  StepSkipped,
  StepStarted,
} from "./step_events.ts";

export type * from "./step_events.ts";

/** How a run or a step ended. */
export type RunOutcome = "done" | "failed" | "cancelled";

/** A step as announced at the start of a run. */
export interface AnnouncedStep {
  /** Its full name, with brackets where it is one of a matrix. */
  readonly name: string;
  /** Name of its plugin. */
  readonly plugin: string;
  /** What its plugin is for, such as `train`. */
  readonly kind: string;
  /** Steps that must end before it. */
  readonly dependsOn: readonly string[];
}

/** The run begins; steps are in an order that respects their dependencies. */
export interface RunStarted {
  /** Tells the kind of event. */
  readonly type: "run-started";
  /** The run's id, which sorts by time. */
  readonly run: string;
  /** Name of the workflow. */
  readonly workflow: string;
  /** Path of the workflow file relative to the project folder. */
  readonly file: string;
  /** Who started it; absent where that was not told. */
  readonly startedBy?: Starter;
  /** All steps of the run. */
  readonly steps: readonly AnnouncedStep[];
}

/** An output was copied to where people look, or found there unchanged. */
export interface Published {
  /** Tells the kind of event. */
  readonly type: "published";
  /** Where it lies, from the project folder. */
  readonly target: string;
  /** The step, by its full name. */
  readonly step: string;
  /** How many files it has. */
  readonly files: number;
  /** How many of them were written. */
  readonly changed: number;
}

/** An output could not be copied to where people look. */
export interface PublishFailed {
  /** Tells the kind of event. */
  readonly type: "publish-failed";
  /** Where it should lie, from the project folder. */
  readonly target: string;
  /** What went wrong. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** A remote store, or a result that it holds, cannot be used; the run goes on without. */
export interface RemoteFailed {
  /** Tells the kind of event. */
  readonly type: "remote-failed";
  /** The remote store's name. */
  readonly remote: string;
  /** What went wrong. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** How much of what was made has gone to a remote store; told while the run waits for that, and at the end. */
export interface RemoteSending {
  /** Tells the kind of event. */
  readonly type: "remote-sending";
  /** The remote store's name. */
  readonly remote: string;
  /** Results that are there now. */
  readonly sent: number;
  /** Bytes of those. */
  readonly sentBytes: number;
  /** Results that are still on their way, or will never come where the remote store cannot be used. */
  readonly unsent: number;
  /** Whether nothing more will be sent. */
  readonly isOver: boolean;
}

/** The run is over. */
export interface RunFinished {
  /** Tells the kind of event. */
  readonly type: "run-finished";
  /** How it ended. */
  readonly outcome: RunOutcome;
  /** How long it took. */
  readonly durationMs: number;
}

/** An event without its time. */
export type EventBody =
  | RunStarted
  | StepReused
  | StepStarted
  | StepLog
  | StepProgress
  | StepMetric
  | StepFinished
  | StepRetrying
  | StepFailed
  | StepSkipped
  | StepCancelled
  | Published
  | PublishFailed
  | RemoteFailed
  | RemoteSending
  | RunFinished;

/** An event with the time at which it happened, milliseconds since 1970. */
export type Event = EventBody & { readonly timeMs: number };

/** Receives events in order; those that are given together are recorded together. */
export type Emit = (...events: readonly EventBody[]) => void;
