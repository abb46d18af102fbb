// The store: blobs and tree manifests by digest, immutable, verified whenever they are used. Everything
// becomes visible by a rename, so that a crash at any moment leaves either nothing or a whole object.
import type { DatabaseSync } from "node:sqlite";
import { crashPoint } from "./crash_points.ts";
import { type Digest, digestBytes, hexOf } from "./content/digest.ts";
import { FileDigests } from "./content/file_digests.ts";
import { copyFile, moveInto, tryLink } from "./disk/files.ts";
import { statIfPresent } from "./disk/folders.ts";
import { openIndex } from "./index/index_db.ts";
import { FORMAT, FORMAT_KEY, objectKey } from "./layout.ts";
import { SharedLock } from "./disk/locks.ts";
import {
  type FileEntry,
  manifestOf,
  parseManifest,
  type ScannedTree,
  scanTree,
  type Tree,
  UnfitForTreeError,
} from "./content/tree.ts";
import { Workspace } from "./workspace.ts";

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

/** What lies where a view should be. */
type ViewScan = ScannedTree | "absent" | "unfit";

/** Objects by digest in one folder. */
export class Store {
  readonly digests: FileDigests;
  /** Shared from finding or storing something until its use is on record; alone while things are removed. */
  readonly access: SharedLock;
  #staged = 0;

  private constructor(
    readonly folder: string,
    readonly index: DatabaseSync,
    /** This process's folder for unfinished work; removed at the end, or by the next process. */
    readonly workspace: Workspace,
  ) {
    this.digests = new FileDigests(index);
    this.access = new SharedLock(`${folder}/locks/store`);
  }

  /** Opens or makes a store; throws StoreFormatError for one of a later version. */
  static async open(folder: string): Promise<Store> {
    await claimFormat(folder);
    for (const name of ["objects/sha256", "views", "actions", "locks", "tmp", "quarantine"]) {
      await Deno.mkdir(`${folder}/${name}`, { recursive: true });
    }
    const workspace = await Workspace.open(`${folder}/tmp`);
    try {
      return new Store(folder, openIndex(`${folder}/index.sqlite`), workspace);
    } catch (error) {
      await workspace.remove();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.index.close();
    this.access[Symbol.dispose]();
    await this.workspace.remove();
  }

  /** Where an object with this digest lies, or would. */
  objectPath(digest: Digest): string {
    return `${this.folder}/${objectKey(digest)}`;
  }

  /** Stores bytes. */
  async putBlob(bytes: Uint8Array | string): Promise<Digest> {
    const digest = digestBytes(bytes);
    if (await this.#isIntact(digest)) return digest;
    const staged = this.stagingPath();
    if (typeof bytes === "string") Deno.writeTextFileSync(staged, bytes, { mode: 0o444 });
    else Deno.writeFileSync(staged, bytes, { mode: 0o444 });
    await this.#place(staged, digest);
    return digest;
  }

  /** A fresh name on the store's file system for something that will be renamed into place. */
  stagingPath(): string {
    return `${this.workspace.path}/staged-${this.#staged++}`;
  }

  /** Says whether an object is here with the bytes that its name says. */
  async holds(digest: Digest): Promise<boolean> {
    const found = await this.digests.find(this.objectPath(digest));
    return found?.digest === digest;
  }

  /** Moves a file into the store whose bytes were digested as they were written. */
  async takeFile(path: string, digest: Digest): Promise<void> {
    await this.#adopt(path, digest);
  }

  /** Moves a folder's files into the store and gives its tree; throws UnfitForTreeError for links. */
  async takeTree(folder: string): Promise<Tree> {
    const { tree } = await scanTree(folder, this.digests, { links: "refuse" });
    crashPoint("result-scanned");
    for (const entry of tree.entries) {
      if (entry.type === "file") await this.#adopt(`${folder}/${entry.path}`, entry.digest);
      crashPoint("blob-stored");
    }
    crashPoint("blobs-stored");
    await this.putBlob(manifestOf(tree.entries));
    crashPoint("manifest-stored");
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
    const bytes = bytesAt(this.objectPath(digest));
    if (bytes === undefined) throw new DamagedObjectError(digest, "missing");
    if (digestBytes(bytes) !== digest) await this.#quarantine(digest);
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  }

  /** Checks every object of a tree against its digest; throws DamagedObjectError at the first that fails. */
  async verifyTree(digest: Digest): Promise<Tree> {
    const tree = await this.readTree(digest);
    for (const entry of tree.entries) if (entry.type === "file") await this.#verify(entry);
    return tree;
  }

  /**
   * Gives a folder that shows a tree, for readers that cannot write: its files are the stored bytes
   * themselves. Made once, checked at every use; throws DamagedObjectError.
   */
  async view(digest: Digest): Promise<ScannedTree & { readonly path: string }> {
    const path = this.#viewPath(digest);
    const present = await this.#scanView(path);
    if (isScanOf(present, digest)) return { ...present, path };
    const staged = this.stagingPath();
    await this.#layOut(digest, staged, "link");
    crashPoint("view-laid-out");
    if (present !== "absent") Deno.renameSync(path, this.stagingPath());
    await Deno.rename(staged, path).catch(() => {}); // another process may have made it meanwhile
    crashPoint("view-shown");
    const made = await this.#scanView(path);
    if (!isScanOf(made, digest)) throw new DamagedObjectError(digest, "altered");
    return { ...made, path };
  }

  /** Says whether a view shows its tree, as it did when it was made. */
  async isViewIntact(digest: Digest): Promise<boolean> {
    return isScanOf(await this.#scanView(this.#viewPath(digest)), digest);
  }

  /** Copies a tree to a new folder, for readers that may write; throws DamagedObjectError. */
  async copyOut(digest: Digest, target: string): Promise<void> {
    await this.#layOut(digest, target, "copy");
  }

  /** Copies one verified file to a path, atomically by way of a folder beside it; throws DamagedObjectError. */
  async copyFile(entry: FileEntry, path: string, stagingFolder: string): Promise<void> {
    await this.#verify(entry);
    const staged = `${stagingFolder}/${Deno.pid}-${this.#staged++}`;
    await copyFile(this.objectPath(entry.digest), staged, entry.sizeBytes);
    Deno.chmodSync(staged, entry.executable ? 0o755 : 0o644);
    crashPoint("publication-staged");
    Deno.renameSync(staged, path);
  }

  #viewPath(digest: Digest): string {
    return `${this.folder}/views/${hexOf(digest)}`;
  }

  async #scanView(path: string): Promise<ViewScan> {
    try {
      return await scanTree(path, this.digests, { links: "refuse" });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return "absent";
      if (error instanceof UnfitForTreeError) return "unfit";
      throw error;
    }
  }

  async #layOut(digest: Digest, target: string, mode: "link" | "copy"): Promise<void> {
    const tree = await this.verifyTree(digest);
    const folders = new Set<string>();
    const makeFolder = (path: string): void => {
      if (!folders.has(path)) Deno.mkdirSync(path, { recursive: true });
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
      const object = this.objectPath(entry.digest);
      if (mode === "link" && !entry.executable && tryLink(object, path)) {
        crashPoint("view-file-linked");
      } else {
        await copyFile(object, path, entry.sizeBytes);
        Deno.chmodSync(path, entry.executable ? 0o755 : 0o644);
      }
    }
  }

  async #adopt(path: string, digest: Digest): Promise<void> {
    if (await this.#isIntact(digest)) return Deno.removeSync(path);
    const own = await this.#own(path);
    Deno.chmodSync(own, 0o444);
    await this.#place(own, digest);
  }

  /** Moves an object to its place; a damaged one there gives way, whatever it has become. */
  async #place(path: string, digest: Digest): Promise<void> {
    const object = this.objectPath(digest);
    if (statIfPresent(object)?.isDirectory) await this.setAside(object);
    moveInto(path, object);
  }

  /** A file that no other name leads to: what is somebody else's, too, stays as it is. */
  async #own(path: string): Promise<string> {
    const { nlink, size } = Deno.lstatSync(path);
    if ((nlink ?? 1) === 1) return path;
    const copy = this.stagingPath();
    await copyFile(path, copy, size);
    return copy;
  }

  async #isIntact(digest: Digest): Promise<boolean> {
    return (await this.digests.find(this.objectPath(digest)))?.digest === digest;
  }

  async #verify(entry: FileEntry): Promise<void> {
    const found = await this.digests.find(this.objectPath(entry.digest));
    if (found === undefined) throw new DamagedObjectError(entry.digest, "missing");
    if (found.digest !== entry.digest) await this.#quarantine(entry.digest);
  }

  /** Moves a file of altered bytes to the quarantine, so that nothing reads it again. */
  async setAside(object: string): Promise<void> {
    const name = object.split("/").slice(-2).join("");
    await Deno.rename(object, `${this.folder}/quarantine/${name}-${Date.now()}`).catch(() => {});
  }

  async #quarantine(digest: Digest): Promise<never> {
    await this.setAside(this.objectPath(digest));
    throw new DamagedObjectError(digest, "altered");
  }
}

/** Marks a new store with its format, or refuses a store of another one. */
async function claimFormat(folder: string): Promise<void> {
  const path = `${folder}/${FORMAT_KEY}`;
  const found = (await Deno.readTextFile(path).catch(() => "")).trim();
  if (found === FORMAT) return;
  if (found !== "") {
    throw new StoreFormatError(
      `the store "${folder}" has format ${found}, this version reads format ${FORMAT}`,
    );
  }
  // Renamed into place, because another process may read it at this moment.
  const staged = `${path}.${crypto.randomUUID()}`;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(staged, `${FORMAT}\n`);
  await Deno.rename(staged, path);
}

function bytesAt(path: string): Uint8Array | undefined {
  try {
    return Deno.readFileSync(path);
  } catch {
    return undefined;
  }
}

function isScanOf(scan: ViewScan, digest: Digest): scan is ScannedTree {
  return typeof scan === "object" && scan.tree.digest === digest;
}
