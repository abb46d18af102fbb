// Copies outputs to where people look. Only files that cairn itself wrote are ever replaced or removed: a
// list of them lies in each published folder.
import { type Digest, parseDigest } from "../cache/digest.ts";
import { DamagedObjectError, type Store } from "../cache/store.ts";
import type { GraphPublication } from "../graph/graph.ts";
import type { RunContext } from "./run_context.ts";

/** Lists the files that were published into a folder. */
const RECORD = ".cairn-published.json";

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
  try {
    const counts = await copyTree(context.store, digest, target);
    context.emit({ type: "published", target: shown, step, ...counts });
    return true;
  } catch (error) {
    const failure = describeFailure(error);
    if (failure === undefined) throw error;
    context.emit({ type: "publish-failed", target: shown, ...failure });
    return false;
  }
}

function describeFailure(error: unknown): { message: string; hint?: string } | undefined {
  if (error instanceof ForeignFileError) {
    const hint = "Move it away, or publish to another folder";
    return { message: error.message, hint };
  }
  if (error instanceof DamagedObjectError) {
    return { message: error.message, hint: "Run again: the step will make it anew" };
  }
  return error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotADirectory
    ? { message: error.message }
    : undefined;
}

async function copyTree(
  store: Store,
  digest: Digest,
  target: string,
): Promise<{ files: number; changed: number }> {
  const tree = await store.verifyTree(digest);
  const before = await readRecord(target);
  const stale = new Set<string>();
  let files = 0;
  for (const entry of tree.entries) {
    const path = `${target}/${entry.path}`;
    if (entry.type === "folder") {
      await Deno.mkdir(path, { recursive: true });
      continue;
    }
    files++;
    const present = await digestAt(store, path);
    if (present === entry.digest) continue;
    if (present === "no file") {
      throw new ForeignFileError(`"${path}" cannot be a file: something else is in its place`);
    }
    if (present !== undefined && !before.has(entry.path)) {
      throw new ForeignFileError(`"${path}" exists and was not made by cairn`);
    }
    stale.add(entry.path);
  }
  const entries = tree.entries.filter((entry) => entry.type === "file");
  const after = new Map(entries.map((entry) => [entry.path, entry.digest]));
  await Deno.mkdir(target, { recursive: true });
  // Written first, so that a crash between the copies leaves no file that looks foreign.
  await writeRecord(target, new Map([...before, ...after]));
  for (const entry of entries.filter((entry) => stale.has(entry.path))) {
    const path = `${target}/${entry.path}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await store.copyFile(entry, path);
  }
  await removeOld(store, target, new Map([...before].filter(([path]) => !after.has(path))));
  await writeRecord(target, after);
  return { files, changed: stale.size };
}

/** Removes what an earlier result published and this one does not have, unless somebody changed it. */
async function removeOld(store: Store, target: string, old: Published): Promise<void> {
  for (const [path, digest] of old) {
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

async function writeRecord(target: string, files: Published): Promise<void> {
  const text = `${JSON.stringify(Object.fromEntries(files), null, 1)}\n`;
  const path = `${target}/${RECORD}`;
  if (await Deno.readTextFile(path).catch(() => "") === text) return;
  await Deno.writeTextFile(`${path}.new`, text);
  await Deno.rename(`${path}.new`, path);
}
