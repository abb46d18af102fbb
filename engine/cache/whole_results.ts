// Results that were found whole, remembered with the stamps of all their files: while no stamp changes,
// looking one up again reads nothing. Like all of the index a hint; what it does not know is looked at.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ActionRecord } from "./action_record.ts";
import type { Digest } from "./digest.ts";
import { statIfPresent } from "./folders.ts";
import { firstChanged, isSettled, stampOf, type StatStamp } from "./stat_stamp.ts";

/** A file's path below the store, and its stamp's fields in the order of StatStamp. */
type StampRow = readonly [string, number, number, number, number, number];

interface Known {
  readonly record: ActionRecord;
  readonly stamps: readonly StampRow[];
}

/** Remembers whole results in the index. */
export class WholeResults {
  readonly #select: StatementSync;
  readonly #insert: StatementSync;

  constructor(index: DatabaseSync, private readonly storeFolder: string) {
    this.#select = index.prepare("SELECT result FROM whole_result WHERE fingerprint = ?");
    this.#insert = index.prepare("INSERT OR REPLACE INTO whole_result VALUES (?, ?)");
  }

  /** The result of a fingerprint, where all its files are as they were when it was found whole. */
  recall(fingerprint: Digest): ActionRecord | undefined {
    const row = this.#select.get(fingerprint) as { readonly result: string } | undefined;
    if (row === undefined) return undefined;
    const { record, stamps } = JSON.parse(row.result) as Known; // written by `remember`
    const isUntouched = firstChanged(stamps.map((row) => this.#fromRow(row))) === undefined;
    return isUntouched ? record : undefined;
  }

  /**
   * Takes a result whose files and folders at `paths` were all read since `readSinceMs`. It is left out where
   * one of them is so young that it could change without a new stamp, or did since it was read.
   */
  remember(record: ActionRecord, paths: Iterable<string>, readSinceMs: number): void {
    const stamps: StampRow[] = [];
    for (const path of paths) {
      const info = statIfPresent(path);
      const stamp = info === undefined ? undefined : stampOf(info);
      if (stamp === undefined || !isSettled(stamp, readSinceMs)) return;
      stamps.push(this.#toRow(path, stamp));
    }
    const known: Known = { record, stamps };
    this.#insert.run(record.fingerprint, JSON.stringify(known));
  }

  #toRow(path: string, stamp: StatStamp): StampRow {
    const { device, inode, sizeBytes, modifiedMs, changedMs } = stamp;
    const below = path.slice(this.storeFolder.length);
    return [below, device, inode, sizeBytes, modifiedMs, changedMs];
  }

  #fromRow(row: StampRow): readonly [string, StatStamp] {
    const [below, device, inode, sizeBytes, modifiedMs, changedMs] = row;
    const stamp = { device, inode, sizeBytes, modifiedMs, changedMs };
    return [`${this.storeFolder}${below}`, stamp];
  }
}
