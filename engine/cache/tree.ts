// A folder (or one file) as content: its sorted entries with their digests. The manifest is itself
// stored as a blob, and its digest is the tree's digest.
import { type Digest, digestBytes, parseDigest } from "./digest.ts";
import type { FileDigests } from "./file_digests.ts";
import type { StatStamp } from "./stat_stamp.ts";

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
  /** Stamp of every file by absolute path: equal later means untouched since. */
  readonly stamps: ReadonlyMap<string, StatStamp>;
  /** Real paths that symbolic links lead to, on the way to the folder and inside it. */
  readonly linkTargets: readonly string[];
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
 * `links` says so; throws UnfitForTreeError for sockets, devices, broken or circular links, and the
 * signal's reason once that is aborted.
 */
export async function scanTree(
  root: string,
  digests: DigestSource,
  options: { readonly links: "follow" | "refuse"; readonly signal?: AbortSignal },
): Promise<ScannedTree> {
  const scan = new Scan(digests, options);
  const real = await Deno.realPath(root);
  if (real !== root) scan.linkTargets.push(real);
  const info = await Deno.stat(real);
  if (info.isDirectory) await scan.folder(real, "", [real]);
  else await scan.file(real, root.slice(root.lastIndexOf("/") + 1), info);
  return { tree: treeOf(scan.entries), stamps: scan.stamps, linkTargets: scan.linkTargets };
}

class Scan {
  readonly entries: TreeEntry[] = [];
  readonly stamps = new Map<string, StatStamp>();
  readonly linkTargets: string[] = [];

  constructor(
    private readonly digests: DigestSource,
    private readonly options: {
      readonly links: "follow" | "refuse";
      readonly signal?: AbortSignal;
    },
  ) {}

  async folder(absolute: string, relative: string, above: readonly string[]): Promise<void> {
    const children = [...Deno.readDirSync(absolute)]; // 10 times faster than the asynchronous one
    if (children.length === 0 && relative !== "") {
      this.entries.push({ type: "folder", path: relative });
    }
    for (const child of children) {
      const path = `${absolute}/${child.name}`;
      const name = relative === "" ? child.name : `${relative}/${child.name}`;
      if (child.isSymlink) await this.#link(path, name, above);
      else if (child.isDirectory) await this.folder(path, name, [...above, path]);
      else await this.file(path, name, Deno.lstatSync(path));
    }
  }

  async file(absolute: string, relative: string, info: Deno.FileInfo): Promise<void> {
    this.options.signal?.throwIfAborted();
    if (!info.isFile) {
      throw new UnfitForTreeError(`"${absolute}" is neither a file nor a folder`);
    }
    const { digest, stamp } = await this.digests.of(absolute, info);
    const executable = ((info.mode ?? 0) & 0o100) !== 0;
    this.stamps.set(absolute, stamp);
    this.entries.push({
      type: "file",
      path: relative,
      executable,
      sizeBytes: stamp.sizeBytes,
      digest,
    });
  }

  async #link(absolute: string, relative: string, above: readonly string[]): Promise<void> {
    if (this.options.links === "refuse") {
      throw new UnfitForTreeError(`"${relative}" is a symbolic link`);
    }
    const target = await Deno.realPath(absolute).catch(() => undefined);
    if (target === undefined) {
      throw new UnfitForTreeError(`"${absolute}" is a symbolic link that leads nowhere`);
    }
    if (above.includes(target)) {
      throw new UnfitForTreeError(`"${absolute}" is a symbolic link to a folder above it`);
    }
    this.linkTargets.push(target);
    const info = await Deno.stat(target);
    if (info.isDirectory) await this.folder(target, relative, [...above, target]);
    else await this.file(target, relative, info);
  }
}
