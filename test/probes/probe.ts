// What a probe of reuse is: a situation, and a check that throws where the program does not do the best thing.
import type { StepKind } from "./chain.ts";

/** One situation in which a step may be skipped or must not. Numbered and named as in the comparison of engines. */
export interface Probe {
  readonly number: number;
  readonly name: string;
  /** Throws where the outcome is not the best one. */
  readonly check: (kind: StepKind) => Promise<void>;
}
