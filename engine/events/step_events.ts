// What can happen to one step of a run.

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
