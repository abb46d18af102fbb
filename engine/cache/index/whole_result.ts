// A result that was found whole, as text with the stamps of all its files: while no stamp changes, looking it
// up again reads nothing.
import type { ActionRecord } from "../action_record.ts";
import { statIfPresent } from "../disk/folders.ts";
import { firstChanged, isSettled, stampOf, type StatStamp } from "../content/stat_stamp.ts";

/** A file's path below the store, and its stamp's fields in the order of StatStamp. */
type StampRow = readonly [string, number, number, number, number, number];

interface Known {
  readonly record: ActionRecord;
  readonly stamps: readonly StampRow[];
}

/**
 * Writes down a result whose files and folders at `paths` were all read since `readSinceMs`; undefined where
 * one of them is so young that it could change without a new stamp, or did since it was read.
 */
export function writeWhole(
  storeFolder: string,
  record: ActionRecord,
  { paths, readSinceMs }: { readonly paths: Iterable<string>; readonly readSinceMs: number },
): string | undefined {
  const stamps: StampRow[] = [];
  for (const path of paths) {
    const info = statIfPresent(path);
    const stamp = info === undefined ? undefined : stampOf(info);
    if (stamp === undefined || !isSettled(stamp, readSinceMs)) return undefined;
    const { device, inode, sizeBytes, modifiedMs, changedMs } = stamp;
    stamps.push([path.slice(storeFolder.length), device, inode, sizeBytes, modifiedMs, changedMs]);
  }
  const known: Known = { record, stamps };
  return JSON.stringify(known);
}

/** The result, where all its files are as they were when it was found whole. */
export function readWhole(storeFolder: string, text: string): ActionRecord | undefined {
  const { record, stamps } = JSON.parse(text) as Known; // written by writeWhole
  return firstChanged(stamps.map((row) => fromRow(storeFolder, row))) === undefined
    ? record
    : undefined;
}

function fromRow(storeFolder: string, row: StampRow): readonly [string, StatStamp] {
  const [below, device, inode, sizeBytes, modifiedMs, changedMs] = row;
  return [`${storeFolder}${below}`, { device, inode, sizeBytes, modifiedMs, changedMs }];
}
