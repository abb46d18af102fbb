// Digests of files, remembered by path and stamp so that an unchanged file is not read again.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type Digest, digestFile } from "./digest.ts";
import { isSettled, sameStamp, stampOf, type StatStamp } from "./stat_stamp.ts";

/** A file's digest and the stamp it had when it was read. */
export interface FileDigest {
  readonly digest: Digest;
  readonly stamp: StatStamp;
}

interface Row {
  readonly device: number;
  readonly inode: number;
  readonly size: number;
  readonly modified: number;
  readonly changed: number;
  readonly digest: string;
}

/** Remembers digests in the index; a memory that is wrong only costs a second reading. */
export class FileDigests {
  readonly #select: StatementSync;
  readonly #insert: StatementSync;

  constructor(index: DatabaseSync) {
    this.#select = index.prepare("SELECT * FROM file_digest WHERE path = ?");
    this.#insert = index.prepare("INSERT OR REPLACE INTO file_digest VALUES (?, ?, ?, ?, ?, ?, ?)");
  }

  /** Digest of the file's present content; throws what the file system throws. */
  async of(path: string, info?: Deno.FileInfo): Promise<FileDigest> {
    const present = info ?? Deno.statSync(path); // the asynchronous one takes ten times as long
    return this.recall(path, present) ?? await this.#read(path, stampOf(present));
  }

  /** The digest that a file with this stamp is known to have; undefined where it must be read. */
  recall(path: string, info: Deno.FileInfo): FileDigest | undefined {
    const stamp = stampOf(info);
    const digest = this.#recall(path, stamp);
    return digest === undefined ? undefined : { digest, stamp };
  }

  /** Digest of the file's present content; undefined where there is none that can be read. */
  async find(path: string): Promise<FileDigest | undefined> {
    return await this.of(path).catch(() => undefined);
  }

  /** Reads the file until its stamp is the same before and after, so that digest and stamp belong together. */
  async #read(path: string, before: StatStamp): Promise<FileDigest> {
    for (let attempt = 0, stamp = before;; attempt++) {
      const seenAtMs = Date.now();
      const digest = await digestFile(path, stamp.sizeBytes);
      const after = stampOf(Deno.statSync(path));
      if (sameStamp(stamp, after) || attempt === 3) {
        if (isSettled(after, seenAtMs)) this.#remember(path, after, digest);
        return { digest, stamp: after };
      }
      stamp = after;
    }
  }

  #recall(path: string, stamp: StatStamp): Digest | undefined {
    const row = this.#select.get(path) as Row | undefined;
    if (row === undefined) return undefined;
    const remembered: StatStamp = {
      device: row.device,
      inode: row.inode,
      sizeBytes: row.size,
      modifiedMs: row.modified,
      changedMs: row.changed,
    };
    return sameStamp(stamp, remembered) ? row.digest as Digest : undefined;
  }

  #remember(path: string, stamp: StatStamp, digest: Digest): void {
    const { device, inode, sizeBytes, modifiedMs, changedMs } = stamp;
    this.#insert.run(path, device, inode, sizeBytes, modifiedMs, changedMs, digest);
  }
}
