// Which result each step of a workflow had last: what `explain` compares with, durations are taken from, and
// where a look-up begins. Like all of the index a hint; what it does not know is looked at.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type Digest, parseDigest } from "../content/digest.ts";
import { checkedText, withChecksum } from "./checked_text.ts";

/** A step's last result. */
export interface LastResult {
  readonly fingerprint: Digest;
  readonly durationMs: number;
  /** The most memory, bytes, that it was seen to take; undefined where it was short. */
  readonly peakMemoryBytes?: number | undefined;
  /** What the fingerprint was computed from, in short; see `run/basis.ts`. */
  readonly basis?: string | undefined;
  /** The record with the stamps of all its files; see `whole_result.ts`. */
  readonly whole?: string | undefined;
}

interface Row {
  readonly step: string;
  readonly fingerprint: string;
  readonly duration: number;
  readonly peak_memory: number | null;
  readonly basis: string | null;
  readonly whole: string | null;
}

/** Remembers last results in the index; those of a workflow are read all at once. */
export class LastResults {
  #known: Map<string, LastResult> | undefined;
  readonly #insert: StatementSync;

  constructor(private readonly index: DatabaseSync, private readonly workflow: string) {
    this.#insert = index.prepare("INSERT OR REPLACE INTO last_result VALUES (?, ?, ?, ?, ?, ?, ?)");
  }

  /** The last result of a step; undefined where it never had one here. */
  recall(step: string): LastResult | undefined {
    this.#known ??= this.#read();
    return this.#known.get(step);
  }

  remember(step: string, result: LastResult): void {
    const { fingerprint, durationMs, peakMemoryBytes: peak, basis, whole } = result;
    const before = this.recall(step);
    const isKnown = before?.fingerprint === fingerprint && before.durationMs === durationMs &&
      before.peakMemoryBytes === peak && before.basis === basis && before.whole === whole;
    if (isKnown) return;
    this.#known?.set(step, result);
    const kept = whole === undefined ? null : withChecksum(whole);
    const row = [fingerprint, durationMs, peak ?? null, basis ?? null, kept];
    this.#insert.run(this.workflow, step, ...row);
  }

  #read(): Map<string, LastResult> {
    const rows = this.index.prepare(
      "SELECT step, fingerprint, duration, peak_memory, basis, whole FROM last_result WHERE workflow = ?",
    ).all(this.workflow) as unknown as readonly Row[]; // as the schema says
    return new Map(
      rows.flatMap(({ step, fingerprint: text, duration, peak_memory: peak, basis, whole }) => {
        const fingerprint = parseDigest(text);
        if (fingerprint === undefined) return [];
        const known = whole === null ? undefined : checkedText(whole);
        const result: LastResult = {
          fingerprint,
          durationMs: duration,
          ...(peak === null ? {} : { peakMemoryBytes: peak }),
          ...(basis === null ? {} : { basis }),
          ...(known === undefined ? {} : { whole: known }),
        };
        return [[step, result] as const];
      }),
    );
  }
}
