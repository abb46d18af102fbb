// What the engine and a step's process say to each other: one JSON request in, marked JSON lines out.
import type { InputArtifact, InputItem, Lease } from "../plugin.ts";
import type { JsonObject } from "../workflow/workflow.ts";
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
  readonly shared: Readonly<Record<string, string>>;
  readonly lease: Lease;
  readonly seed: number;
}

/** What a step's process reports. */
export type StepMessage =
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
