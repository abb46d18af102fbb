// One process's folder for unfinished work, on the store's file system. A lock that dies with the process
// tells the next one which folders were left by a crash, and whose programs may still be running.
import { endProcessesOf } from "./disk/left_processes.ts";
import { tryTakeLock } from "./disk/locks.ts";

const LOCK = "owner.lock";
/** How long what is discarded waits for more of it: removing much at once is cheaper. */
const DISCARD_AFTER_MS = 100;

/** A locked temporary folder. */
export class Workspace {
  #bin: string | undefined;
  #bins = 0;
  #discarded = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
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

  /** Takes a folder inside of this one out of the way at once, and removes it a little later. */
  discard(path: string): void {
    try {
      this.#bin ??= this.#newBin();
      Deno.renameSync(path, `${this.#bin}/${this.#discarded++}`);
    } catch {
      // What cannot be moved now is removed with all the rest.
    }
  }

  #newBin(): string {
    const bin = `${this.path}/bin-${this.#bins++}`;
    Deno.mkdirSync(bin);
    this.#timer = setTimeout(() => {
      this.#bin = undefined;
      const remove = (): Promise<void> => Deno.remove(bin, { recursive: true });
      this.#emptying = this.#emptying.then(remove).catch(() => {});
    }, DISCARD_AFTER_MS);
    return bin;
  }

  async remove(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#emptying;
    await removeWithLock(this.path).catch(() => {});
    this.lock[Symbol.dispose]();
  }
}

async function isPresent(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

/** Removes the workspaces of processes that are gone, after ending what those left running. */
async function sweep(parent: string): Promise<void> {
  const left: { readonly name: string; readonly lock: Disposable }[] = [];
  for (const { name } of [...Deno.readDirSync(parent)]) {
    const lock = await tryTakeLock(`${parent}/${name}/${LOCK}`, { create: false })
      .catch(() => undefined);
    if (lock !== undefined) left.push({ name, lock });
  }
  await endProcessesOf(left.map(({ name }) => name));
  for (const { name, lock } of left) {
    await removeWithLock(`${parent}/${name}`).catch(() => {});
    lock[Symbol.dispose]();
  }
}

/** Removes a workspace, its lock last: where this is cut short, the next process can tell that nobody owns it. */
async function removeWithLock(path: string): Promise<void> {
  for (const { name } of [...Deno.readDirSync(path)]) {
    if (name !== LOCK) await Deno.remove(`${path}/${name}`, { recursive: true });
  }
  await Deno.remove(path, { recursive: true });
}
