// One process's folder for unfinished work, on the store's file system. A lock that dies with the process
// tells the next one which folders were left by a crash.
import { tryTakeLock } from "./locks.ts";

const LOCK = "owner.lock";

/** A locked temporary folder. */
export class Workspace {
  private constructor(readonly path: string, readonly lock: Disposable) {}

  /** Makes a folder inside `parent` and removes those whose owners are gone. */
  static async open(parent: string): Promise<Workspace> {
    await sweep(parent);
    for (;;) {
      const path = `${parent}/${crypto.randomUUID()}`;
      await Deno.mkdir(path);
      const lock = await tryTakeLock(`${path}/${LOCK}`, { create: true });
      // Another process's sweep may have found a folder this young without owner, and removed it.
      if (lock !== undefined && await isPresent(`${path}/${LOCK}`)) {
        return new Workspace(path, lock);
      }
      lock?.[Symbol.dispose]();
    }
  }

  async remove(): Promise<void> {
    this.lock[Symbol.dispose]();
    await Deno.remove(this.path, { recursive: true }).catch(() => {});
  }
}

async function isPresent(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

async function sweep(parent: string): Promise<void> {
  for (const entry of [...Deno.readDirSync(parent)]) {
    const path = `${parent}/${entry.name}`;
    const lock = await tryTakeLock(`${path}/${LOCK}`, { create: false }).catch(() => undefined);
    if (lock === undefined) continue;
    await Deno.remove(path, { recursive: true }).catch(() => {});
    lock[Symbol.dispose]();
  }
}
