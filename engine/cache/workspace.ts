// One process's folder for unfinished work, on the store's file system. A lock that dies with the process
// tells the next one which folders were left by a crash.
import { tryTakeLock } from "./disk/locks.ts";

const LOCK = "owner.lock";
/** How long what is discarded waits for more of it: removing much at once is cheaper. */
const DISCARD_AFTER_MS = 100;

/** A locked temporary folder. */
export class Workspace {
  #bin: string | undefined;
  #bins = 0;
  #discarded = 0;
  #emptying: Promise<void> = Promise.resolve();

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

  /** Takes a file or folder inside of this one out of the way at once, and removes it a little later. */
  discard(path: string): void {
    if (this.#bin === undefined) {
      const bin = this.#bin = `${this.path}/bin-${this.#bins++}`;
      Deno.mkdirSync(bin);
      setTimeout(() => {
        this.#bin = undefined;
        const remove = (): Promise<void> => Deno.remove(bin, { recursive: true });
        this.#emptying = this.#emptying.then(remove).catch(() => {});
      }, DISCARD_AFTER_MS);
    }
    Deno.renameSync(path, `${this.#bin}/${this.#discarded++}`);
  }

  async remove(): Promise<void> {
    await this.#emptying;
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
