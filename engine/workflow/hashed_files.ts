// The digest that `hashFiles` gives: of the content of all files that patterns name, and of how they are called.
import { createHash } from "node:crypto";

/** Folders that no pattern leads into: the engine's own, and that of the version history. */
const LEFT_OUT: ReadonlySet<string> = new Set([".cairn", ".git"]);
/** Beyond that a pattern is a slip. */
const MOST_FILES = 100_000;
const CHUNK_BYTES = 2 ** 20;

/** What patterns name, or what is wrong with one of them. */
export type HashedFiles =
  | { readonly digest: string }
  | {
    readonly problem: "none" | "outside" | "too-many";
    /** Which pattern it is, counted from 0. */
    readonly at: number;
  };

/**
 * Hashes the files that patterns name, from a folder: `*` is any part of a name, `**` any folders, `?` one
 * character; what names a folder means all files in it. Throws what the file system throws.
 */
export function hashFiles(folder: string, patterns: readonly string[]): HashedFiles {
  const paths = new Set<string>();
  for (const [at, pattern] of patterns.entries()) {
    const parts = pattern.split("/").filter((part) => part !== "" && part !== ".");
    if (pattern.startsWith("/") || parts.includes("..")) return { problem: "outside", at };
    const before = paths.size;
    let isFound = false;
    for (const path of matching(folder, parts)) {
      isFound = true;
      paths.add(path);
      if (paths.size - before > MOST_FILES) return { problem: "too-many", at };
    }
    if (!isFound) return { problem: "none", at };
  }
  return { digest: digestOf(folder, [...paths].sort()) };
}

/** Files that a pattern's parts name, relative to the root. */
function* matching(root: string, parts: readonly string[]): Generator<string> {
  const wild = parts.findIndex((part) => /[*?]/.test(part));
  const start = parts.slice(0, wild === -1 ? parts.length : wild).join("/");
  const pattern = patternOf(parts);
  if (parts.some((part) => LEFT_OUT.has(part))) return;
  if (wild === -1 && isFileAt(`${root}/${start}`)) yield start;
  else for (const path of filesBelow(root, start)) if (pattern.test(path)) yield path;
}

/** Links to folders are not followed, for they may lead back. */
function* filesBelow(root: string, folder: string): Generator<string> {
  for (const { name, isDirectory, isSymlink } of entriesOf(`${root}/${folder}`)) {
    if (LEFT_OUT.has(name)) continue;
    const path = folder === "" ? name : `${folder}/${name}`;
    if (isDirectory) yield* filesBelow(root, path);
    else if (!isSymlink || isFileAt(`${root}/${path}`)) yield path;
  }
}

/** Entries in order; none where there is no folder. */
function entriesOf(folder: string): readonly Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return [];
    }
    throw error;
  }
}

function isFileAt(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** What a pattern names, and all that lies below. */
function patternOf(parts: readonly string[]): RegExp {
  const sources = parts.map((part, at) => {
    if (part === "**") return at === parts.length - 1 ? ".+" : "(?:[^/]+/)*";
    const source = part.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^/]*")
      .replaceAll("?", "[^/]");
    return at === parts.length - 1 ? source : `${source}/`;
  });
  return new RegExp(`^${sources.join("")}(?:/.*)?$`, "s");
}

/** Digest of names and contents, each with its length before it. */
function digestOf(folder: string, paths: readonly string[]): string {
  const all = createHash("sha256");
  for (const path of paths) {
    all.update(
      `${new TextEncoder().encode(path).length}:${path}${contentDigest(`${folder}/${path}`)}`,
    );
  }
  return all.digest("hex");
}

function contentDigest(path: string): string {
  const hash = createHash("sha256");
  using file = Deno.openSync(path);
  const chunk = new Uint8Array(CHUNK_BYTES);
  for (let read = file.readSync(chunk); read !== null; read = file.readSync(chunk)) {
    hash.update(chunk.subarray(0, read));
  }
  return hash.digest("hex");
}
