// Everything that can happen in a run, as data. The terminal, the journal and the page are folds of it.
import type { Starter } from "./starter.ts";

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

/** A stored result is used; the step did not run. */
export interface StepReused {
  /** Tells the kind of event. */
  readonly type: "step-reused";
  /** The step, by its full name. */
  readonly step: string;
  /** What decided that the result is the right one. */
  readonly fingerprint: string;
  /** Run that made the result. */
  readonly madeBy: string;
  /** How long making it took: the time saved. */
  readonly savedMs: number;
  /** Name of the remote store that the result came from; absent where it lay here. */
  readonly from?: string;
  /** Bytes that came from there. */
  readonly fetchedBytes?: number;
}

/** The step's process starts. */
export interface StepStarted {
  /** Tells the kind of event. */
  readonly type: "step-started";
  /** The step, by its full name. */
  readonly step: string;
  /** What its result will be known by. */
  readonly fingerprint: string;
  /** Why it runs, as a sentence's end: "first run", "option lr changed from 0.001 to 0.01". */
  readonly reason: string;
  /** Processors that it was granted. */
  readonly cpus: number;
  /** Memory that it was granted. */
  readonly memoryBytes: number;
  /** Ids of the GPUs that it was granted. */
  readonly gpus: readonly string[];
  /** Which attempt this is, from 2 on; absent for the first one. */
  readonly attempt?: number;
  /** Memory of each of those that it was granted; absent where it has none. */
  readonly gpuMemoryBytes?: number;
  /** Tokens that it was granted; absent where it has none. */
  readonly tokens?: Readonly<Record<string, number>>;
}

/** A line that the step reported or printed. */
export interface StepLog {
  /** Tells the kind of event. */
  readonly type: "step-log";
  /** The step, by its full name. */
  readonly step: string;
  /** Whether it reported the line, warned, or printed it. */
  readonly level: "log" | "warn" | "output";
  /** The line. */
  readonly text: string;
}

/** How far a running step is. */
export interface StepProgress {
  /** Tells the kind of event. */
  readonly type: "step-progress";
  /** The step, by its full name. */
  readonly step: string;
  /** How much is done. */
  readonly done: number;
  /** How much there is to do. */
  readonly total: number;
  /** What is counted; may be empty. */
  readonly unit: string;
}

/** A point of a curve. */
export interface StepMetric {
  /** Tells the kind of event. */
  readonly type: "step-metric";
  /** The step, by its full name. */
  readonly step: string;
  /** Name of the curve. */
  readonly name: string;
  /** The value. */
  readonly value: number;
  /** Where on the curve, such as the epoch. */
  readonly at: number;
}

/** The step ran and its outputs are stored. */
export interface StepFinished {
  /** Tells the kind of event. */
  readonly type: "step-finished";
  /** The step, by its full name. */
  readonly step: string;
  /** What its result is known by. */
  readonly fingerprint: string;
  /** How long it took. */
  readonly durationMs: number;
  /** Tree digest per output. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Size of all outputs. */
  readonly sizeBytes: number;
  /** The most memory, bytes, that its processes were seen to take together; absent where it was short. */
  readonly peakMemoryBytes?: number;
  /** The checkpoint that the step went on from: how far it was, and the run that saved it. */
  readonly resumedFrom?: { readonly run: string; readonly at: number };
  /** Set where the result serves this run only, with the reason. */
  readonly unreusable?: string;
}

/** An attempt of the step failed, and another one follows. */
export interface StepRetrying {
  /** Tells the kind of event. */
  readonly type: "step-retrying";
  /** The step, by its full name. */
  readonly step: string;
  /** What went wrong. */
  readonly message: string;
  /** How long the attempt took. */
  readonly durationMs: number;
  /** Which attempt follows, from 2 on. */
  readonly attempt: number;
  /** How many there are at most. */
  readonly attempts: number;
  /** How long until then; the step holds nothing meanwhile. */
  readonly delayMs: number;
}

/** The step's own failure. */
export interface StepFailed {
  /** Tells the kind of event. */
  readonly type: "step-failed";
  /** The step, by its full name. */
  readonly step: string;
  /** Name of its plugin. */
  readonly plugin: string;
  /** What went wrong. */
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string;
  /** Only for defects of a plugin or the engine. */
  readonly stack?: string;
  /** How long it took. */
  readonly durationMs: number;
  /** How many attempts there were; absent where there was one. */
  readonly attempts?: number;
  /** Set where not its work is at fault but its condition. */
  readonly part?: "if";
  /** The most memory, bytes, that its processes were seen to take together; absent where it was short. */
  readonly peakMemoryBytes?: number;
  /** Absolute path of its log. */
  readonly logPath?: string;
  /** The last lines of its log. */
  readonly lastLines: readonly string[];
  /** Where in the plugin's code, by absolute path, it failed. */
  readonly reachedAt?: { readonly path: string; readonly line: number; readonly column: number };
}

/** Why a step does not run; at least one of the first two is there. */
export interface SkipReason {
  /** The step that failed or was cancelled before it, or that was skipped so that nothing of it can be taken. */
  readonly because?: string;
  /** The condition that is false, as written: its own, or where there is a `because`, that one's. */
  readonly condition?: string;
  /** What its own condition read, by the words that it read it with. */
  readonly values?: Readonly<Record<string, unknown>>;
}

/** The step does not run: its condition is false, or it cannot start because of others. */
export interface StepSkipped extends SkipReason {
  /** Tells the kind of event. */
  readonly type: "step-skipped";
  /** The step, by its full name. */
  readonly step: string;
}

/** The step was stopped, or not started, because the run was interrupted. */
export interface StepCancelled {
  /** Tells the kind of event. */
  readonly type: "step-cancelled";
  /** The step, by its full name. */
  readonly step: string;
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
