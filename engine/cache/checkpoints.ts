// States that steps saved on their way. Each is a folder of its own and not among the objects: it is large,
// others share little of it and the next one replaces it, so it can be deleted at once.
import { crashPoint } from "./crash_points.ts";
import { type Digest, hexOf } from "./content/digest.ts";
import { namesIn, readIfPresent, statIfPresent } from "./disk/folders.ts";
import { seal, unseal } from "./sealed_record.ts";
import type { Store } from "./store.ts";
import { type DigestSource, scanTree, UnfitForTreeError } from "./content/tree.ts";

/** What a checkpoint is, and who saved it. */
export interface CheckpointRecord {
  readonly key: Digest;
  /** How far the step was, in its own count. */
  readonly at: number;
  /** Digest of the files as a tree. */
  readonly tree: Digest;
  readonly sizeBytes: number;
  readonly run: string;
  readonly step: string;
  readonly savedAtMs: number;
}

/** A checkpoint's folder. */
export interface StoredCheckpoint {
  readonly path: string;
  /** Undefined where it is damaged, or lies under another key than its own. */
  readonly record: CheckpointRecord | undefined;
}

const RECORD = "record.json";
const FILES = "files";
/** Checkpoints of one key that stay, the newest ones; the one before the last is for when the last is damaged. */
const KEPT = 2;

/** Moves a folder into the store as a checkpoint, and deletes those that are no longer among the newest. */
export async function saveCheckpoint(
  store: Store,
  folder: string,
  about: Omit<CheckpointRecord, "tree" | "sizeBytes">,
): Promise<void> {
  const { tree } = await scanTree(folder, store.digests, { links: "refuse" });
  const record = { ...about, tree: tree.digest, sizeBytes: tree.sizeBytes };
  const staged = store.stagingPath();
  await Deno.mkdir(staged);
  await Deno.rename(folder, `${staged}/${FILES}`);
  crashPoint("checkpoint-staged");
  await Deno.writeTextFile(`${staged}/${RECORD}`, seal(record));
  crashPoint("checkpoint-written");
  const home = homeOf(store, record.key);
  await Deno.mkdir(home, { recursive: true });
  const name = nameOf(record);
  await Deno.rename(staged, `${home}/${name}`);
  crashPoint("checkpoint-saved");
  // Names sort by time; the new one stays also where the clock was set back.
  const others = namesIn(home).filter((other) => other !== name).reverse();
  for (const old of others.slice(KEPT - 1)) await discardCheckpoint(store, `${home}/${old}`);
  crashPoint("checkpoint-kept");
}

/**
 * Copies the furthest whole checkpoint of a key at or before `atMost` to `target`, which must not exist yet;
 * those that turn out to be damaged are deleted.
 */
export async function takeCheckpoint(
  store: Store,
  key: Digest,
  { atMost, target }: { readonly atMost: number; readonly target: string },
): Promise<CheckpointRecord | undefined> {
  const stored = checkpointsIn(store, homeOf(store, key));
  for (const { path, record } of stored.sort(furthestFirst)) {
    if (record !== undefined && record.at > atMost) continue;
    if (record !== undefined && await isCopied(path, target, { record, digests: store.digests })) {
      return record;
    }
    await Deno.remove(target, { recursive: true }).catch(() => {});
    await discardCheckpoint(store, path);
  }
  return undefined;
}

/** The record of the furthest checkpoint of a key; whether that is whole is seen when it is taken. */
export function furthestCheckpoint(store: Store, key: Digest): CheckpointRecord | undefined {
  return checkpointsIn(store, homeOf(store, key)).sort(furthestFirst)[0]?.record;
}

/** Deletes all checkpoints of a key. */
export async function dropCheckpoints(store: Store, key: Digest): Promise<void> {
  const home = homeOf(store, key);
  for (const name of namesIn(home)) await discardCheckpoint(store, `${home}/${name}`);
}

/** Deletes a checkpoint; says whether it was still there. */
export async function discardCheckpoint(store: Store, path: string): Promise<boolean> {
  const aside = store.stagingPath();
  try {
    await Deno.rename(path, aside);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false; // another process was faster
    throw error;
  }
  crashPoint("checkpoint-moved-away");
  await Deno.remove(aside, { recursive: true });
  return true;
}

/** Reads the records of all checkpoints, in the order of their paths. */
export function listCheckpoints(store: Store): readonly StoredCheckpoint[] {
  const root = `${store.folder}/checkpoints`;
  const found: StoredCheckpoint[] = [];
  for (const two of namesIn(root)) {
    for (const rest of namesIn(`${root}/${two}`)) {
      found.push(...checkpointsIn(store, `${root}/${two}/${rest}`));
    }
  }
  return found;
}

/** Checkpoints that no kept run saved, and damaged ones: what a collection of garbage deletes. */
export function staleCheckpoints(
  store: Store,
  keptRuns: ReadonlySet<string>,
): readonly StoredCheckpoint[] {
  return listCheckpoints(store).filter(({ record }) =>
    record === undefined || !keptRuns.has(record.run)
  );
}

/** Says whether the files of a checkpoint are those that were saved. */
export async function isWholeCheckpoint(
  { path, record }: StoredCheckpoint,
  digests: DigestSource,
): Promise<boolean> {
  return record !== undefined && await holdsTree(`${path}/${FILES}`, record.tree, digests);
}

function checkpointsIn(store: Store, home: string): StoredCheckpoint[] {
  const found: StoredCheckpoint[] = [];
  for (const name of namesIn(home)) {
    const path = `${home}/${name}`;
    const isFolder = statIfPresent(path)?.isDirectory === true;
    const text = isFolder ? readIfPresent(`${path}/${RECORD}`) : undefined;
    const record = unseal(text ?? "") as CheckpointRecord | undefined; // as saveCheckpoint sealed it
    const isAtHome = record !== undefined && path === `${homeOf(store, record.key)}/${name}`;
    found.push({ path, record: isAtHome ? record : undefined });
  }
  return found;
}

function homeOf(store: Store, key: Digest): string {
  const hex = hexOf(key);
  return `${store.folder}/checkpoints/${hex.slice(0, 2)}/${hex.slice(2)}`;
}

/** Two steps of one run may save the same state in the same moment. */
function nameOf({ savedAtMs, at }: CheckpointRecord): string {
  return `${String(savedAtMs).padStart(15, "0")}-${at}-${crypto.randomUUID().slice(0, 8)}`;
}

function furthestFirst({ record: a }: StoredCheckpoint, { record: b }: StoredCheckpoint): number {
  return (b?.at ?? -1) - (a?.at ?? -1) || (b?.savedAtMs ?? 0) - (a?.savedAtMs ?? 0);
}

/** Copies files and says whether the copy is what was saved; another process may delete them meanwhile. */
async function isCopied(
  path: string,
  target: string,
  wanted: { readonly record: CheckpointRecord; readonly digests: DigestSource },
): Promise<boolean> {
  try {
    await copyFolder(`${path}/${FILES}`, target);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
  return await holdsTree(target, wanted.record.tree, wanted.digests);
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for (const { name, isDirectory } of [...Deno.readDirSync(from)]) {
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

async function holdsTree(folder: string, tree: Digest, digests: DigestSource): Promise<boolean> {
  try {
    return (await scanTree(folder, digests, { links: "refuse" })).tree.digest === tree;
  } catch (error) {
    if (error instanceof UnfitForTreeError || error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
