// Copies outputs to where people look. Only files that cairn itself wrote are ever replaced or removed: a
// list of them lies in each published folder.
import { dirname } from "node:path";
import { crashPoint } from "../cache/crash_points.ts";
import { type Digest, digestBytes, hexOf, parseDigest } from "../cache/content/digest.ts";
import { statIfPresent } from "../cache/disk/folders.ts";
import { withLock } from "../cache/disk/locks.ts";
import { DamagedObjectError, type Store } from "../cache/store.ts";
import type { FileEntry } from "../cache/content/tree.ts";
import { diskProblemOf } from "../diagnostics/disk_problem.ts";
import type { GraphPublication } from "../graph/graph.ts";
import type { RunContext } from "./run_context.ts";

/** Lists the files that were published into a folder. */
const RECORD = ".cairn-published.json";
/** Holds copies until they are whole; gone unless a crash left it, and then removed by the next run. */
const STAGING = ".cairn-staging";

/** Digest per relative path of what was published before. */
type Published = ReadonlyMap<string, Digest>;

class ForeignFileError extends Error {
  override readonly name = "ForeignFileError";
}

/** Publishes the outputs of the steps that succeeded; says whether all went well. */
export async function publishOutputs(context: RunContext): Promise<boolean> {
  let isWell = true;
  for (const publication of context.graph.publish) {
    const digest = context.outputs.get(publication.step)?.[publication.output];
    if (digest !== undefined) isWell = await publish(context, publication, digest) && isWell;
  }
  return isWell;
}

async function publish(
  context: RunContext,
  { target, step }: GraphPublication,
  digest: Digest,
): Promise<boolean> {
  const shown = target.slice(context.graph.workflow.projectFolder.length + 1);
  const taint = taintOf(context, step);
  if (taint !== undefined) {
    context.emit({ type: "publish-failed", target: shown, ...taint });
    return false;
  }
  try {
    const counts = await copyTree(context, digest, target);
    context.emit({ type: "published", target: shown, step, ...counts });
    return true;
  } catch (error) {
    const failure = describeFailure(error);
    if (failure === undefined) throw error;
    context.emit({ type: "publish-failed", target: shown, ...failure });
    return false;
  }
}

/**
 * Why a step's output is not to be seen: something changed under it, or under a step that it was made from or
 * that its condition read.
 */
function taintOf(
  context: RunContext,
  name: string,
): { readonly message: string; readonly hint: string } | undefined {
  const { graph, tainted } = context;
  if (tainted.size === 0) return undefined;
  const changed = tainted.get(name);
  if (changed !== undefined) {
    const message = `"${changed}" changed while step "${name}" was running`;
    return { message, hint: "Run again; what was published before is left as it is" };
  }
  const { inputs = [], condition } = graph.steps.get(name) ?? {};
  for (const { from } of [...inputs, ...Object.values(condition?.reads ?? {})]) {
    const taint = taintOf(context, from);
    if (taint !== undefined) return taint;
  }
  return undefined;
}

function describeFailure(error: unknown): { message: string; hint?: string } | undefined {
  if (error instanceof ForeignFileError) {
    const hint = "Move it away, or publish to another folder";
    return { message: error.message, hint };
  }
  if (error instanceof DamagedObjectError) {
    return { message: error.message, hint: "Run again: the step will make it anew" };
  }
  const isInTheWay = error instanceof Deno.errors.NotADirectory ||
    error instanceof Deno.errors.IsADirectory || error instanceof Deno.errors.FilesystemLoop;
  return isInTheWay ? { message: error.message } : diskProblemOf(error);
}

/** Copies a tree to where people look; one run at a time, so that what is half done there is a crash's. */
async function copyTree(
  { store, signal }: RunContext,
  digest: Digest,
  target: string,
): Promise<{ files: number; changed: number }> {
  const lock = `${store.folder}/locks/${hexOf(digestBytes(target))}`;
  return await withLock(lock, { signal }, async () => {
    const staging = `${target}/${STAGING}`;
    await Deno.remove(staging, { recursive: true }).catch(() => {});
    const tree = await store.verifyTree(digest);
    const files = tree.entries.filter((entry) => entry.type === "file");
    const before = await readRecord(target);
    const stale = await staleFiles(store, target, { files, before });
    for (const entry of tree.entries) {
      if (entry.type === "folder") await Deno.mkdir(`${target}/${entry.path}`, { recursive: true });
    }
    const after = new Map(files.map((entry) => [entry.path, entry.digest]));
    if (stale.length > 0 || !isSame(before, after)) {
      await Deno.mkdir(staging, { recursive: true });
      try {
        await change(store, target, { stale, before, after });
      } finally {
        await Deno.remove(staging, { recursive: true }).catch(() => {});
      }
    }
    return { files: files.length, changed: stale.length };
  });
}

/** Files that are not there yet or have other content; throws ForeignFileError where one is somebody else's. */
async function staleFiles(
  store: Store,
  target: string,
  { files, before }: { readonly files: readonly FileEntry[]; readonly before: Published },
): Promise<readonly FileEntry[]> {
  const stale: FileEntry[] = [];
  for (const folder of new Set(files.map(({ path }) => dirname(path)))) {
    const link = linkOnTheWay(target, folder);
    if (link !== undefined) throw new ForeignFileError(`"${link}" is a symbolic link`);
  }
  for (const entry of files) {
    const path = `${target}/${entry.path}`;
    const present = await digestAt(store, path);
    if (present === entry.digest) continue;
    if (present === "no file") {
      throw new ForeignFileError(`"${path}" cannot be a file: something else is in its place`);
    }
    if (present !== undefined && !before.has(entry.path)) {
      throw new ForeignFileError(`"${path}" exists and was not made by cairn`);
    }
    stale.push(entry);
  }
  return stale;
}

/** The first folder on the way to one inside of the target that is a link: what lies behind is somebody else's. */
function linkOnTheWay(target: string, folder: string): string | undefined {
  if (folder === ".") return undefined;
  const path = `${target}/${folder}`;
  return linkOnTheWay(target, dirname(folder)) ??
    (statIfPresent(path)?.isSymlink ? path : undefined);
}

/** Brings a published folder from one list of files to another. */
async function change(
  store: Store,
  target: string,
  { stale, before, after }: {
    readonly stale: readonly FileEntry[];
    readonly before: Published;
    readonly after: Published;
  },
): Promise<void> {
  // Written first, so that a crash between the copies leaves no file that looks foreign.
  await writeRecord(target, new Map([...before, ...after]));
  crashPoint("publication-listed");
  for (const entry of stale) {
    const path = `${target}/${entry.path}`;
    await Deno.mkdir(dirname(path), { recursive: true });
    await store.copyFile(entry, path, `${target}/${STAGING}`);
    crashPoint("publication-copied");
  }
  await removeOld(store, target, new Map([...before].filter(([path]) => !after.has(path))));
  crashPoint("publication-finishing");
  await writeRecord(target, after);
  crashPoint("publication-finished");
}

function isSame(a: Published, b: Published): boolean {
  return a.size === b.size && [...a].every(([path, digest]) => b.get(path) === digest);
}

/** Removes what an earlier result published and this one does not have, unless somebody changed or moved it. */
async function removeOld(store: Store, target: string, old: Published): Promise<void> {
  for (const [path, digest] of old) {
    if (linkOnTheWay(target, dirname(path)) !== undefined) continue;
    if (await digestAt(store, `${target}/${path}`) === digest) {
      await Deno.remove(`${target}/${path}`);
    }
  }
}

async function digestAt(store: Store, path: string): Promise<Digest | "no file" | undefined> {
  try {
    const info = await Deno.stat(path);
    return info.isFile ? (await store.digests.of(path, info)).digest : "no file";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (error instanceof Deno.errors.NotADirectory) return "no file";
    throw error;
  }
}

async function readRecord(target: string): Promise<Published> {
  try {
    const record: unknown = JSON.parse(await Deno.readTextFile(`${target}/${RECORD}`));
    const entries = Object.entries(Object(record)).flatMap(([path, text]) => {
      const digest = typeof text === "string" ? parseDigest(text) : undefined;
      const leaves = path.startsWith("/") || path.split("/").includes("..");
      return digest === undefined || leaves ? [] : [[path, digest] as const];
    });
    return new Map(entries);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return new Map();
    throw error;
  }
}

/** Replaces the list; it is on the disk before any file that it names, whenever the power goes. */
async function writeRecord(target: string, files: Published): Promise<void> {
  const staged = `${target}/${STAGING}/list`;
  await Deno.writeTextFile(staged, `${JSON.stringify(Object.fromEntries(files), null, 1)}\n`);
  using file = await Deno.open(staged, { write: true });
  await file.sync();
  await Deno.rename(staged, `${target}/${RECORD}`);
}
