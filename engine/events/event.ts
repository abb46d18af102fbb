// Everything that can happen in a run, as data. The terminal, the journal and the page are folds of it.

/** How a run or a step ended. */
export type RunOutcome = "done" | "failed" | "cancelled";

/** A step as announced at the start of a run. */
export interface AnnouncedStep {
  readonly name: string;
  readonly plugin: string;
  readonly kind: string;
  readonly dependsOn: readonly string[];
}

/** The run begins; steps are in an order that respects their dependencies. */
export interface RunStarted {
  readonly type: "run-started";
  readonly run: string;
  readonly workflow: string;
  /** Path of the workflow file relative to the project folder. */
  readonly file: string;
  readonly steps: readonly AnnouncedStep[];
}

/** A stored result is used; the step did not run. */
export interface StepReused {
  readonly type: "step-reused";
  readonly step: string;
  readonly fingerprint: string;
  /** Run that made the result. */
  readonly madeBy: string;
  /** How long making it took: the time saved. */
  readonly savedMs: number;
  /** Set where the result came from a remote store: its name, and the bytes that came. */
  readonly from?: string;
  readonly fetchedBytes?: number;
}

/** The step's process starts. */
export interface StepStarted {
  readonly type: "step-started";
  readonly step: string;
  readonly fingerprint: string;
  /** Why it runs, as a sentence's end: "first run", "option lr changed from 0.001 to 0.01". */
  readonly reason: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly gpus: readonly string[];
}

/** A line that the step reported or printed. */
export interface StepLog {
  readonly type: "step-log";
  readonly step: string;
  readonly level: "log" | "warn" | "output";
  readonly text: string;
}

/** How far a running step is. */
export interface StepProgress {
  readonly type: "step-progress";
  readonly step: string;
  readonly done: number;
  readonly total: number;
  readonly unit: string;
}

/** A point of a curve. */
export interface StepMetric {
  readonly type: "step-metric";
  readonly step: string;
  readonly name: string;
  readonly value: number;
  readonly at: number;
}

/** The step ran and its outputs are stored. */
export interface StepFinished {
  readonly type: "step-finished";
  readonly step: string;
  readonly fingerprint: string;
  readonly durationMs: number;
  /** Tree digest per output. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly sizeBytes: number;
  /** The checkpoint that the step went on from: how far it was, and the run that saved it. */
  readonly resumedFrom?: { readonly run: string; readonly at: number };
  /** Set where the result serves this run only, with the reason. */
  readonly unreusable?: string;
}

/** The step's own failure. */
export interface StepFailed {
  readonly type: "step-failed";
  readonly step: string;
  readonly plugin: string;
  readonly message: string;
  readonly hint?: string;
  /** Only for defects of a plugin or the engine. */
  readonly stack?: string;
  readonly durationMs: number;
  readonly logPath?: string;
  readonly lastLines: readonly string[];
  /** Where in the plugin's code, by absolute path, something undeclared was reached for. */
  readonly reachedAt?: { readonly path: string; readonly line: number; readonly column: number };
}

/** The step cannot start because of others. */
export interface StepSkipped {
  readonly type: "step-skipped";
  readonly step: string;
  /** The step that failed or was cancelled before it. */
  readonly because: string;
}

/** The step was stopped, or not started, because the run was interrupted. */
export interface StepCancelled {
  readonly type: "step-cancelled";
  readonly step: string;
}

/** An output was copied to where people look, or found there unchanged. */
export interface Published {
  readonly type: "published";
  readonly target: string;
  readonly step: string;
  readonly files: number;
  readonly changed: number;
}

/** An output could not be copied to where people look. */
export interface PublishFailed {
  readonly type: "publish-failed";
  readonly target: string;
  readonly message: string;
  readonly hint?: string;
}

/** A remote store, or a result that it holds, cannot be used; the run goes on without. */
export interface RemoteFailed {
  readonly type: "remote-failed";
  readonly remote: string;
  readonly message: string;
  readonly hint?: string;
}

/** How much of what was made has gone to a remote store; told while the run waits for that, and at the end. */
export interface RemoteSending {
  readonly type: "remote-sending";
  readonly remote: string;
  /** Results that are there now. */
  readonly sent: number;
  readonly sentBytes: number;
  /** Results that are still on their way, or will never come where the remote store cannot be used. */
  readonly unsent: number;
  readonly isOver: boolean;
}

/** The run is over. */
export interface RunFinished {
  readonly type: "run-finished";
  readonly outcome: RunOutcome;
  readonly durationMs: number;
}

export type EventBody =
  | RunStarted
  | StepReused
  | StepStarted
  | StepLog
  | StepProgress
  | StepMetric
  | StepFinished
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
