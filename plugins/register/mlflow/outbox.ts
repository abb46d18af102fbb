// What waits for an MLflow server: `outbox/NUMBER-ID/` holds one entry each, in the order of registration.
// Whoever holds an open outbox is alone with it; entries appear and go by one rename.
import { StepError } from "../../../engine/plugin.ts";
import { copyFiles, listFiles } from "../model_files.ts";
import { type Attachment, type Entry, entryId, writeEntry } from "./entry.ts";

/** An entry that waits. */
export interface Waiting {
  readonly id: string;
  readonly folder: string;
}

/** How much may wait; a server that stays away must not fill the disk. */
export interface OutboxLimits {
  readonly entries: number;
  readonly bytes: number;
}

const usualLimits: OutboxLimits = { entries: 1000, bytes: 2 * 2 ** 30 };

/** Counts the entries, without waiting for whoever sends them. */
export async function countEntries(home: string): Promise<number> {
  return (await waitingIn(`${home}/outbox`)).length;
}

/** Opens the outbox in the plugin's shared folder as soon as no other process has it. */
export async function openOutbox(home: string, limits = usualLimits): Promise<Outbox> {
  await Deno.mkdir(`${home}/outbox`, { recursive: true });
  const lock = await Deno.open(`${home}/lock`, { create: true, write: true });
  try {
    await lock.lock(true);
    // Nobody else is at work, so what is staged was left by a killed process.
    await removeTree(`${home}/staging`);
    await Deno.mkdir(`${home}/staging`);
  } catch (error) {
    lock.close();
    throw error;
  }
  return new Outbox(home, limits, lock);
}

/** Entries that wait for a server. */
export class Outbox implements Disposable {
  readonly #home: string;
  readonly #limits: OutboxLimits;
  readonly #lock: Deno.FsFile;

  constructor(home: string, limits: OutboxLimits, lock: Deno.FsFile) {
    this.#home = home;
    this.#limits = limits;
    this.#lock = lock;
  }

  /** Gives all entries, the oldest first. */
  async list(): Promise<readonly Waiting[]> {
    return await waitingIn(`${this.#home}/outbox`);
  }

  /** Says whether a server has still to hear of a run of ours. */
  async awaits(run: string): Promise<boolean> {
    try {
      await Deno.stat(`${this.#home}/runs/${run}.json`);
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }

  /** Queues an entry with copies of the folders that belong to it; it takes the place of an equal one. */
  async add(
    entry: Entry,
    folders: Readonly<Partial<Record<Attachment, string>>>,
  ): Promise<Waiting> {
    const id = entryId(entry);
    for (const equal of await this.list()) if (equal.id === id) await this.remove(equal);
    const others = await this.list();
    await this.#checkRoom(others);
    const staged = `${this.#home}/staging/${id}`;
    await Deno.mkdir(staged);
    for (const [name, folder] of Object.entries(folders)) {
      await Deno.mkdir(`${staged}/${name}`);
      await copyFiles(folder, `${staged}/${name}`);
    }
    await writeEntry(staged, entry);
    const last = others.at(-1)?.folder.split("/").at(-1) ?? "0";
    const number = String(Number.parseInt(last) + 1).padStart(9, "0");
    const folder = `${this.#home}/outbox/${number}-${id}`;
    await Deno.rename(staged, folder);
    return { id, folder };
  }

  /** Takes an entry off the list. */
  async remove({ id, folder }: Waiting): Promise<void> {
    const gone = `${this.#home}/staging/${id}-gone`;
    await Deno.rename(folder, gone);
    await removeTree(gone);
  }

  /** Puts an entry that the server will never take out of the way of the others. */
  async setAside({ id, folder }: Waiting, why: string): Promise<string> {
    const aside = `${this.#home}/refused/${id}`;
    await removeTree(aside);
    await Deno.mkdir(`${this.#home}/refused`, { recursive: true });
    await Deno.rename(folder, aside);
    await Deno.writeTextFile(`${aside}/why.txt`, `${why}\n`);
    return aside;
  }

  [Symbol.dispose](): void {
    this.#lock.close();
  }

  async #checkRoom(entries: readonly Waiting[]): Promise<void> {
    let bytes = 0;
    for (const { folder } of entries) {
      for (const path of await listFiles(folder)) {
        bytes += (await Deno.stat(`${folder}/${path}`)).size;
      }
    }
    if (entries.length < this.#limits.entries && bytes < this.#limits.bytes) return;
    throw new StepError(
      `The MLflow outbox is full: ${entries.length} versions, ${
        Math.ceil(bytes / 2 ** 20)
      } MiB wait`,
      { hint: "Start the server and send them with `deno task mlflow sync`" },
    );
  }
}

async function waitingIn(folder: string): Promise<readonly Waiting[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) names.push(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names.filter((name) => /^\d{9,}-[0-9a-f]{16}$/.test(name))
    .sort((a, b) => Number.parseInt(a) - Number.parseInt(b))
    .map((name) => ({ id: name.slice(name.indexOf("-") + 1), folder: `${folder}/${name}` }));
}

async function removeTree(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
