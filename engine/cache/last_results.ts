// Which result each step of a workflow had last: what `explain` compares with and durations are taken from.
import type { DatabaseSync } from "node:sqlite";
import { type Digest, parseDigest } from "./digest.ts";

/** A step's last result. */
export interface LastResult {
  readonly fingerprint: Digest;
  readonly durationMs: number;
}

/** Remembers last results in the index. */
export class LastResults {
  constructor(private readonly index: DatabaseSync, private readonly workflow: string) {}

  /** The last result of a step; undefined where it never had one here. */
  recall(step: string): LastResult | undefined {
    const row = this.index.prepare(
      "SELECT fingerprint, duration FROM last_result WHERE workflow = ? AND step = ?",
    ).get(this.workflow, step) as
      | { readonly fingerprint: string; readonly duration: number }
      | undefined;
    const fingerprint = row === undefined ? undefined : parseDigest(row.fingerprint);
    if (row === undefined || fingerprint === undefined) return undefined;
    return { fingerprint, durationMs: row.duration };
  }

  remember(step: string, result: LastResult): void {
    this.index.prepare("INSERT OR REPLACE INTO last_result VALUES (?, ?, ?, ?)")
      .run(this.workflow, step, result.fingerprint, result.durationMs);
  }
}
