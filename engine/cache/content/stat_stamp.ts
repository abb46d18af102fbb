// What the file system says of a file without reading it, and when that is enough to trust an old digest.

/** A file's identity and times; equal stamps mean an unchanged file once the stamp is settled. */
export interface StatStamp {
  readonly device: number;
  readonly inode: number;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** Time of the last change to content or metadata; whole seconds in Deno, cannot be set back by `touch`. */
  readonly changedMs: number;
}

/** Two seconds: coarser than the clock of any supported file system. */
const GRANULARITY_MS = 2000;

/** Makes a stamp of what `lstat` or `stat` returned. */
export function stampOf(info: Deno.FileInfo): StatStamp {
  return {
    device: info.dev,
    inode: info.ino ?? 0,
    sizeBytes: info.size,
    modifiedMs: info.mtime?.getTime() ?? 0,
    changedMs: info.ctime?.getTime() ?? info.mtime?.getTime() ?? 0,
  };
}

/** Says whether two stamps describe the same untouched file. */
export function sameStamp(a: StatStamp, b: StatStamp): boolean {
  return a.device === b.device && a.inode === b.inode && a.sizeBytes === b.sizeBytes &&
    a.modifiedMs === b.modifiedMs && a.changedMs === b.changedMs;
}

/**
 * Says whether a later edit must give another stamp than this one, seen at `nowMs`. A file changed in the
 * same tick as it was looked at could change again unnoticed, as git's "racy" entries do.
 */
export function isSettled(stamp: StatStamp, nowMs: number): boolean {
  return Math.max(stamp.changedMs, stamp.modifiedMs) + GRANULARITY_MS <= nowMs;
}

/** File systems stamp with the system's coarse clock, which may be this much behind. */
export const CLOCK_LAG_MS = 20;

/** Milliseconds until an edit in the second of this stamp can no longer hide; 0 where it cannot now. */
export function untilDistinct(stamp: StatStamp, nowMs: number): number {
  const nextSecond = (Math.floor(stamp.changedMs / 1000) + 1) * 1000;
  return Math.min(1000 + CLOCK_LAG_MS, Math.max(0, nextSecond + CLOCK_LAG_MS - nowMs));
}

/** Gives the first file that is not as its stamp says any more; undefined where none is. `look` is `lstat` for links. */
export function firstChanged(
  stamps: Iterable<readonly [string, StatStamp]>,
  look: (path: string) => Deno.FileInfo = Deno.statSync,
): string | undefined {
  for (const [path, stamp] of stamps) {
    try {
      if (!sameStamp(stamp, stampOf(look(path)))) return path;
    } catch (error) {
      const isOther = error instanceof Deno.errors.NotFound ||
        error instanceof Deno.errors.NotADirectory || error instanceof Deno.errors.FilesystemLoop;
      if (isOther) return path;
      throw error;
    }
  }
  return undefined;
}
