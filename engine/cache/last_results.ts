// Which result each step of a workflow had last: what `explain` compares with and durations are taken from.
import type { DatabaseSync } from "node:sqlite";
import { type Digest, parseDigest } from "./digest.ts";

/** A step's last result. */
export interface LastResult {
  readonly fingerprint: Digest;
  readonly durationMs: number;
}

/** Remembers last results in the index; those of a workflow are read all at once. */
export class LastResults {
  #known: Map<string, LastResult> | undefined;

  constructor(private readonly index: DatabaseSync, private readonly workflow: string) {}

  /** The last result of a step; undefined where it never had one here. */
  recall(step: string): LastResult | undefined {
    this.#known ??= this.#read();
    return this.#known.get(step);
  }

  remember(step: string, result: LastResult): void {
    const { fingerprint, durationMs } = result;
    const before = this.recall(step);
    if (before?.fingerprint === fingerprint && before.durationMs === durationMs) return;
    this.#known?.set(step, result);
    this.index.prepare("INSERT OR REPLACE INTO last_result VALUES (?, ?, ?, ?)")
      .run(this.workflow, step, fingerprint, durationMs);
  }

  #read(): Map<string, LastResult> {
    const rows = this.index.prepare(
      "SELECT step, fingerprint, duration FROM last_result WHERE workflow = ?",
    ).all(this.workflow) as unknown as readonly Row[]; // as the schema says
    return new Map(rows.flatMap(({ step, fingerprint: text, duration: durationMs }) => {
      const fingerprint = parseDigest(text);
      return fingerprint === undefined ? [] : [[step, { fingerprint, durationMs }] as const];
    }));
  }
}

interface Row {
  readonly step: string;
  readonly fingerprint: string;
  readonly duration: number;
}
