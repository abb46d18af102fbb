// A remote store in a folder, such as one on a network drive. Nobody locks: files appear by a rename, and
// what is there is never changed but for the better.
import type { FolderAddress } from "./address.ts";
import { type Remote, RemoteProblem, type Transfer } from "./remote.ts";

const CHUNK_BYTES = 1 << 20;

/** Younger unfinished files may belong to a run that goes on. */
const LEFT_OVER_MS = 24 * 3600 * 1000;

/** Files by key below one folder. */
export class FolderRemote implements Remote {
  readonly #folders = new Set<string>();
  #prepared: Promise<void> | undefined;

  constructor(private readonly address: FolderAddress) {}

  /** See {@link Remote.list}. */
  async list(folder: string): Promise<readonly string[]> {
    const names: string[] = [];
    try {
      for await (const entry of Deno.readDir(this.#path(folder))) names.push(entry.name);
    } catch (error) {
      if (!isAbsence(error)) throw error;
      await this.#expectRoot();
    }
    return names.sort();
  }

  /** See {@link Remote.size}. */
  async size(key: string): Promise<number | undefined> {
    try {
      return (await Deno.stat(this.#path(key))).size;
    } catch (error) {
      if (isAbsence(error)) return undefined;
      throw error;
    }
  }

  /** See {@link Remote.read}. */
  async read(key: string): Promise<ReadableStream<Uint8Array> | undefined> {
    try {
      return (await Deno.open(this.#path(key))).readable;
    } catch (error) {
      if (!isAbsence(error)) throw error;
      await this.#expectRoot();
      return undefined;
    }
  }

  /** See {@link Remote.write}. */
  async write(key: string, path: string, { signal, onProgress }: Transfer): Promise<void> {
    await (this.#prepared ??= this.#prepare());
    const staged = this.#path(`tmp/${crypto.randomUUID()}`);
    try {
      await this.#copy(path, staged, { signal, onProgress });
      await this.#makeFolder(key.slice(0, Math.max(0, key.lastIndexOf("/"))));
      await Deno.rename(staged, this.#path(key));
    } catch (error) {
      await Deno.remove(staged).catch(() => {});
      throw error;
    }
  }

  /** Makes the folder for unfinished files, and removes what was left there by runs killed long ago. */
  async #prepare(): Promise<void> {
    const nowMs = Date.now();
    await this.#makeFolder("tmp");
    for (const name of await this.list("tmp")) {
      const path = this.#path(`tmp/${name}`);
      const info = await Deno.stat(path).catch(() => undefined);
      const isOld = nowMs - (info?.mtime?.getTime() ?? nowMs) > LEFT_OVER_MS;
      if (isOld) await Deno.remove(path).catch(() => {});
    }
  }

  async #copy(path: string, target: string, { signal, onProgress }: Transfer): Promise<void> {
    using source = await Deno.open(path);
    using file = await Deno.open(target, { createNew: true, write: true });
    const buffer = new Uint8Array(CHUNK_BYTES);
    for (;;) {
      signal.throwIfAborted();
      const count = await source.read(buffer);
      if (count === null) return;
      for (let at = 0; at < count;) at += await file.write(buffer.subarray(at, count));
      onProgress(count);
    }
  }

  #path(key: string): string {
    return `${this.address.path}/${key}`;
  }

  /** Makes a folder, but never the store's own: where that is gone, a drive may be unplugged. */
  async #makeFolder(folder: string): Promise<void> {
    if (folder === "" || this.#folders.has(folder)) return;
    await this.#makeFolder(folder.slice(0, Math.max(0, folder.lastIndexOf("/"))));
    await Deno.mkdir(this.#path(folder)).catch(async (error: unknown) => {
      if (error instanceof Deno.errors.AlreadyExists) return;
      if (isAbsence(error)) await this.#expectRoot();
      throw error;
    });
    this.#folders.add(folder);
  }

  async #expectRoot(): Promise<void> {
    const info = await Deno.stat(this.address.path).catch((error: unknown) => {
      if (isAbsence(error)) return undefined;
      throw error;
    });
    if (info?.isDirectory === true) return;
    const hint = "Make the folder, or connect the drive that it lies on";
    throw new RemoteProblem(info === undefined ? "it does not exist" : "it is no folder", hint);
  }
}

function isAbsence(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
}
