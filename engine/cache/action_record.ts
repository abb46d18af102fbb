// What a finished step leaves behind, as data: the record that reuse goes by.
import type { Digest } from "./content/digest.ts";

/** A file outside the store that a result stands for, such as a registry's alias. */
export interface Effect {
  /** Relative to the folder that holds the store. */
  readonly path: string;
  readonly digest: Digest;
}

/** The checkpoint that a step went on from. */
export interface Resumption {
  /** The run that saved it. */
  readonly run: string;
  /** How far that was, in the plugin's own count. */
  readonly at: number;
}

/** What one successful step made, and from what. */
export interface ActionRecord {
  readonly fingerprint: Digest;
  /** Digest of the stored fingerprint material, for explanations. */
  readonly material: Digest;
  /** Tree digest per output port. */
  readonly outputs: Readonly<Record<string, Digest>>;
  readonly effects: readonly Effect[];
  readonly run: string;
  readonly step: string;
  readonly finishedAtMs: number;
  readonly durationMs: number;
  /** Bytes of all outputs together. */
  readonly sizeBytes: number;
  /** The most memory, bytes, that its processes were seen to take together; absent where it was short. */
  readonly peakMemoryBytes?: number;
  /** Absent where the step did all of its work itself. */
  readonly resumedFrom?: Resumption;
}
