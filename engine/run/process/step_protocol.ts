// What the engine and a step's process say to each other: a JSON request and JSON answers in, marked JSON
// lines out.
import type { Checkpoint, InputArtifact, InputItem, Lease } from "../../plugin.ts";
import type { JsonObject } from "../../workflow/workflow.ts";
import type { Denial } from "./denial.ts";

/** Most characters of one text in a message; so a message stays shorter than the longest line that is read whole. */
export const LONGEST_TEXT = 10_000;

/** The inputs of a step by port. */
export type StepInputs = Readonly<Record<string, InputArtifact | readonly InputItem[]>>;

/** All that a step's process is told. */
export interface StepRequest {
  /** Starts every line of output that is a message, and cannot be guessed by a plugin's own printing. */
  readonly mark: string;
  readonly config: JsonObject;
  readonly inputs: StepInputs;
  readonly outputs: Readonly<Record<string, string>>;
  readonly scratch: string;
  /** Where checkpoints are written, each into a folder named by its question. */
  readonly saving: string;
  readonly shared: Readonly<Record<string, string>>;
  readonly lease: Lease;
  readonly seed: number;
}

/** What a step's process asks of its checkpoints; ids are of one process. */
export type CheckpointQuestion =
  | { readonly type: "checkpoint-wanted"; readonly id: number; readonly atMost?: number }
  | { readonly type: "checkpoint-written"; readonly id: number; readonly at: number };

/** The engine's answer to one question. */
export interface StepAnswer {
  readonly id: number;
  readonly found?: Checkpoint;
  /** Set where the store failed. */
  readonly problem?: string;
}

/** What a step's process reports. */
export type StepMessage =
  | CheckpointQuestion
  | { readonly type: "log" | "warn"; readonly text: string }
  | {
    readonly type: "progress";
    readonly done: number;
    readonly total: number;
    readonly unit: string;
  }
  | { readonly type: "metric"; readonly name: string; readonly value: number; readonly at: number }
  | { readonly type: "effect"; readonly path: string }
  | { readonly type: "done" }
  | {
    readonly type: "error";
    readonly message: string;
    readonly hint?: string;
    /** Absent for mistakes that are the user's to mend. */
    readonly stack?: string;
    /** Set where the sandbox refused something. */
    readonly denial?: Denial;
  };
