// A folder (or one file) as content: its sorted entries with their digests. The manifest is itself
// stored as a blob, and its digest is the tree's digest.
import { type Digest, digestBytes, parseDigest } from "./digest.ts";
import type { FileDigests } from "./file_digests.ts";
import { inParallel } from "../disk/in_parallel.ts";
import { stampOf, type StatStamp } from "./stat_stamp.ts";

/** A file or an empty folder inside a tree; `path` uses `/` and is relative. */
export type TreeEntry =
  | {
    readonly type: "file";
    readonly path: string;
    readonly executable: boolean;
    readonly sizeBytes: number;
    readonly digest: Digest;
  }
  | { readonly type: "folder"; readonly path: string };

/** A file inside a tree. */
export type FileEntry = Extract<TreeEntry, { type: "file" }>;

export interface Tree {
  readonly digest: Digest;
  readonly entries: readonly TreeEntry[];
  readonly sizeBytes: number;
}

/** A tree as it was found on disk. */
export interface ScannedTree {
  readonly tree: Tree;
  /** Whether it is one file; the tree is the same as that of a folder that holds nothing else. */
  readonly isFile: boolean;
  /** Stamp of every file and folder by absolute path: equal later means untouched since. */
  readonly stamps: ReadonlyMap<string, StatStamp>;
  /** Real paths that symbolic links lead to, on the way to the folder and inside it. */
  readonly linkTargets: readonly string[];
  /** Absolute paths of those links. */
  readonly links: readonly string[];
}

/** Where a scan gets the digests of files from. */
export type DigestSource = Pick<FileDigests, "of">;

/** Thrown by a scan that finds what a tree cannot hold. */
export class UnfitForTreeError extends Error {
  override readonly name = "UnfitForTreeError";
}

const HEADER = "cairn-tree/1";

/** Text of a tree's manifest: a header, then one JSON line per entry. */
export function manifestOf(entries: readonly TreeEntry[]): string {
  const lines = entries.map((entry) =>
    JSON.stringify(
      entry.type === "file"
        ? ["file", entry.path, entry.executable, entry.sizeBytes, entry.digest]
        : ["folder", entry.path],
    )
  );
  return [HEADER, ...lines, ""].join("\n");
}

/** Makes a tree of entries, sorting them. */
export function treeOf(entries: readonly TreeEntry[]): Tree {
  const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const sizeBytes = sorted.reduce(
    (sum, entry) => sum + (entry.type === "file" ? entry.sizeBytes : 0),
    0,
  );
  return { digest: digestBytes(manifestOf(sorted)), entries: sorted, sizeBytes };
}

/** Reads a manifest; undefined where the text is none. */
export function parseManifest(text: string): Tree | undefined {
  const [header, ...lines] = text.split("\n");
  if (header !== HEADER || lines.pop() !== "") return undefined;
  const entries: TreeEntry[] = [];
  for (const line of lines) {
    const entry = parseEntry(line);
    if (entry === undefined) return undefined;
    entries.push(entry);
  }
  return treeOf(entries);
}

function parseEntry(line: string): TreeEntry | undefined {
  let fields: unknown;
  try {
    fields = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!Array.isArray(fields)) return undefined;
  const [type, path, executable, sizeBytes, digestText] = fields as unknown[];
  if (typeof path !== "string" || !isInside(path)) return undefined;
  if (type === "folder") return { type, path };
  const digest = typeof digestText === "string" ? parseDigest(digestText) : undefined;
  if (type !== "file" || digest === undefined) return undefined;
  if (typeof executable !== "boolean" || typeof sizeBytes !== "number") return undefined;
  return { type, path, executable, sizeBytes, digest };
}

/** Says whether a relative path stays inside the folder it starts from. */
function isInside(path: string): boolean {
  return path !== "" && !path.startsWith("/") &&
    path.split("/").every((part) => part !== ".." && part !== "." && part !== "");
}

/**
 * Scans a folder, or one file as a tree of one entry. Symbolic links are followed, or refused where
 * `links` says so, also on the way to the folder; throws UnfitForTreeError for sockets, devices, broken or
 * circular links, names that are not UTF-8, and the signal's reason once that is aborted.
 */
export async function scanTree(
  root: string,
  digests: DigestSource,
  options: { readonly links: "follow" | "refuse"; readonly signal?: AbortSignal },
): Promise<ScannedTree> {
  const walk = walkFrom(root, options.links);
  const { stamps } = walk;
  const entries: TreeEntry[] = [...walk.emptyFolders];
  await inParallel(walk.files, async ({ absolute, path, info }) => {
    options.signal?.throwIfAborted();
    const { digest, stamp } = await digests.of(absolute, info);
    const executable = ((info.mode ?? 0) & 0o100) !== 0;
    stamps.set(absolute, stamp);
    entries.push({ type: "file", path, executable, sizeBytes: stamp.sizeBytes, digest });
  });
  return walk.scanned(entries);
}

/** Scans as scanTree does, following links, without reading a file; undefined where that is not enough. */
export function scanKnownTree(root: string, digests: FileDigests): ScannedTree | undefined {
  const walk = walkFrom(root, "follow");
  const { stamps } = walk;
  const entries: TreeEntry[] = [...walk.emptyFolders];
  for (const { absolute, path, info } of walk.files) {
    const known = digests.recall(absolute, info);
    if (known === undefined) return undefined;
    const executable = ((info.mode ?? 0) & 0o100) !== 0;
    stamps.set(absolute, known.stamp);
    entries.push({ type: "file", path, executable, sizeBytes: info.size, digest: known.digest });
  }
  return walk.scanned(entries);
}

function walkFrom(root: string, links: "follow" | "refuse"): Walk {
  const walk = new Walk(links);
  const real = Deno.realPathSync(root);
  if (real !== root) {
    if (links === "refuse") throw new UnfitForTreeError(`"${root}" is a symbolic link`);
    walk.linkTargets.push(real);
    walk.links.push(root);
  }
  const info = Deno.statSync(real);
  if (info.isDirectory) walk.folder(real, "", [real]);
  else {
    walk.isFile = true;
    walk.file(real, root.slice(root.lastIndexOf("/") + 1), info);
  }
  return walk;
}

interface FoundFile {
  readonly absolute: string;
  readonly path: string;
  readonly info: Deno.FileInfo;
}

/** Goes through a folder without reading files; at once, because each call takes microseconds. */
class Walk {
  isFile = false;
  readonly files: FoundFile[] = [];
  readonly emptyFolders: TreeEntry[] = [];
  readonly linkTargets: string[] = [];
  readonly links: string[] = [];
  /** Of the folders: a file that comes and goes leaves its mark there. */
  readonly stamps = new Map<string, StatStamp>();

  constructor(private readonly mode: "follow" | "refuse") {}

  /** What was found, once its files have digests. */
  scanned(entries: readonly TreeEntry[]): ScannedTree {
    const { isFile, stamps, linkTargets, links } = this;
    return { tree: treeOf(entries), isFile, stamps, linkTargets, links };
  }

  folder(absolute: string, relative: string, above: readonly string[]): void {
    this.stamps.set(absolute, stampOf(Deno.statSync(absolute)));
    const children = [...Deno.readDirSync(absolute)];
    if (children.length === 0 && relative !== "") {
      this.emptyFolders.push({ type: "folder", path: relative });
    }
    for (const child of children) {
      const path = `${absolute}/${child.name}`;
      // Deno gives other names with this character in place of their bytes, so that two could look the same.
      if (child.name.includes("\ufffd")) {
        throw new UnfitForTreeError(`"${path}" has a name that is not UTF-8 text`);
      }
      const name = relative === "" ? child.name : `${relative}/${child.name}`;
      if (child.isSymlink) this.#link(path, name, above);
      else if (child.isDirectory) this.folder(path, name, [...above, path]);
      else this.file(path, name, Deno.lstatSync(path));
    }
  }

  file(absolute: string, path: string, info: Deno.FileInfo): void {
    if (!info.isFile) {
      throw new UnfitForTreeError(`"${absolute}" is neither a file nor a folder`);
    }
    this.files.push({ absolute, path, info });
  }

  #link(absolute: string, relative: string, above: readonly string[]): void {
    if (this.mode === "refuse") {
      throw new UnfitForTreeError(`"${relative}" is a symbolic link`);
    }
    const target = targetOf(absolute);
    if (above.includes(target)) {
      throw new UnfitForTreeError(`"${absolute}" is a symbolic link to a folder above it`);
    }
    this.linkTargets.push(target);
    this.links.push(absolute);
    const info = Deno.statSync(target);
    if (info.isDirectory) this.folder(target, relative, [...above, target]);
    else this.file(target, relative, info);
  }
}

/** The real path that a symbolic link leads to; throws UnfitForTreeError where it leads nowhere. */
function targetOf(link: string): string {
  try {
    return Deno.realPathSync(link);
  } catch {
    throw new UnfitForTreeError(`"${link}" is a symbolic link that leads nowhere`);
  }
}
