// The store: blobs and tree manifests by digest, immutable, verified whenever they are used. Everything
// becomes visible by a rename, so that a crash at any moment leaves either nothing or a whole object.
import type { DatabaseSync } from "node:sqlite";
import { type Digest, digestBytes, hexOf } from "./digest.ts";
import { FileDigests } from "./file_digests.ts";
import { openIndex } from "./index_db.ts";
import { manifestOf, parseManifest, scanTree, type Tree, type TreeEntry } from "./tree.ts";

const FORMAT = "1";

/** Thrown where stored bytes are missing or are not what their name says. */
export class DamagedObjectError extends Error {
  override readonly name = "DamagedObjectError";

  constructor(readonly digest: Digest, readonly damage: "missing" | "altered") {
    super(`stored object ${digest.slice(0, 19)}… is ${damage}`);
  }
}

/** Thrown where a store was written by a later version. */
export class StoreFormatError extends Error {
  override readonly name = "StoreFormatError";
}

type FileEntry = Extract<TreeEntry, { type: "file" }>;

/** Objects by digest in one folder. */
export class Store {
  readonly digests: FileDigests;
  #staged = 0;

  private constructor(readonly folder: string, readonly index: DatabaseSync) {
    this.digests = new FileDigests(index);
  }

  /** Opens or makes a store; throws StoreFormatError for one of a later version. */
  static async open(folder: string): Promise<Store> {
    for (const name of ["objects/sha256", "actions", "locks", "tmp", "quarantine"]) {
      await Deno.mkdir(`${folder}/${name}`, { recursive: true });
    }
    const format = await Deno.readTextFile(`${folder}/FORMAT`).catch(() => undefined);
    if (format === undefined) await Deno.writeTextFile(`${folder}/FORMAT`, `${FORMAT}\n`);
    else if (format.trim() !== FORMAT) {
      throw new StoreFormatError(
        `the store "${folder}" has format ${format.trim()}, this version reads format ${FORMAT}`,
      );
    }
    return new Store(folder, openIndex(`${folder}/index.sqlite`));
  }

  close(): void {
    this.index.close();
  }

  /** Where an object with this digest lies, or would. */
  objectPath(digest: Digest): string {
    const hex = hexOf(digest);
    return `${this.folder}/objects/sha256/${hex.slice(0, 2)}/${hex.slice(2)}`;
  }

  /** Stores bytes. */
  async putBlob(bytes: Uint8Array | string): Promise<Digest> {
    const digest = digestBytes(bytes);
    const staged = this.stagingPath();
    if (typeof bytes === "string") await Deno.writeTextFile(staged, bytes);
    else await Deno.writeFile(staged, bytes);
    await this.#adopt(staged, digest, false);
    return digest;
  }

  /** A fresh name on the store's file system for something that will be renamed into place. */
  stagingPath(): string {
    return `${this.folder}/tmp/blob-${Deno.pid}-${this.#staged++}`;
  }

  /** Moves a folder's files into the store and gives its tree; throws UnfitForTreeError for links. */
  async takeTree(folder: string): Promise<Tree> {
    const { tree } = await scanTree(folder, this.digests, { links: "refuse" });
    for (const entry of tree.entries) {
      if (entry.type === "file") {
        await this.#adopt(`${folder}/${entry.path}`, entry.digest, entry.executable);
      }
    }
    await this.putBlob(manifestOf(tree.entries));
    return tree;
  }

  /** Reads a stored tree; throws DamagedObjectError. */
  async readTree(digest: Digest): Promise<Tree> {
    const text = await this.readBlob(digest);
    const tree = parseManifest(text);
    if (tree === undefined) throw new DamagedObjectError(digest, "altered");
    return tree;
  }

  /** Reads a stored text; throws DamagedObjectError. */
  async readBlob(digest: Digest): Promise<string> {
    const text = await Deno.readTextFile(this.objectPath(digest)).catch(() => undefined);
    if (text === undefined) throw new DamagedObjectError(digest, "missing");
    if (digestBytes(text) !== digest) await this.#quarantine(digest);
    return text;
  }

  /** Checks every object of a tree against its digest; throws DamagedObjectError at the first that fails. */
  async verifyTree(digest: Digest): Promise<Tree> {
    const tree = await this.readTree(digest);
    for (const entry of tree.entries) if (entry.type === "file") await this.#verify(entry);
    return tree;
  }

  /**
   * Lays a tree out in a new folder. "link" shares the stored bytes, for readers that cannot write;
   * "copy" gives files of their own. Throws DamagedObjectError.
   */
  async materialise(digest: Digest, target: string, mode: "link" | "copy"): Promise<void> {
    const tree = await this.readTree(digest);
    const folders = new Set<string>();
    const makeFolder = (path: string): void => {
      if (folders.has(path)) return;
      Deno.mkdirSync(path, { recursive: true });
      folders.add(path);
    };
    makeFolder(target);
    for (const entry of tree.entries) {
      const path = `${target}/${entry.path}`;
      if (entry.type === "folder") {
        makeFolder(path);
        continue;
      }
      makeFolder(path.slice(0, path.lastIndexOf("/")));
      await this.#verify(entry);
      await this.layFile(entry, path, mode);
    }
  }

  /** Puts one stored file at a path that does not exist yet. */
  async layFile(entry: FileEntry, path: string, mode: "link" | "copy"): Promise<void> {
    const object = this.objectPath(entry.digest);
    if (mode === "link" && !entry.executable) return Deno.linkSync(object, path);
    await Deno.copyFile(object, path);
    await Deno.chmod(path, entry.executable ? 0o755 : 0o644);
  }

  async #adopt(path: string, digest: Digest, executable: boolean): Promise<void> {
    const object = this.objectPath(digest);
    const present = await this.digests.of(object).catch(() => undefined);
    if (present?.digest === digest) return await Deno.remove(path);
    await Deno.mkdir(object.slice(0, object.lastIndexOf("/")), { recursive: true });
    await Deno.chmod(path, executable ? 0o555 : 0o444);
    await Deno.rename(path, object);
  }

  async #verify(entry: FileEntry): Promise<void> {
    const found = await this.digests.of(this.objectPath(entry.digest)).catch(() => undefined);
    if (found === undefined) throw new DamagedObjectError(entry.digest, "missing");
    if (found.digest !== entry.digest) await this.#quarantine(entry.digest);
  }

  /** Sets altered bytes aside, so that nothing reads them again, and reports them. */
  async #quarantine(digest: Digest): Promise<never> {
    const aside = `${this.folder}/quarantine/${hexOf(digest)}-${Date.now()}`;
    await Deno.rename(this.objectPath(digest), aside).catch(() => {});
    throw new DamagedObjectError(digest, "altered");
  }
}
