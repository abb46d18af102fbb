// Collects what is no longer needed: first decides what goes, as data that can be shown, then moves it
// away in one go. Both while nobody else uses the store; deleting what was moved away takes its time after.
import { dirname } from "node:path";
import type { ActionRecord } from "../action_record.ts";
import { listActions } from "../actions.ts";
import { crashPoint } from "../crash_points.ts";
import { type Digest, parseDigest } from "../content/digest.ts";
import { filesBelow, namesIn, readIfPresent, statIfPresent } from "../disk/folders.ts";
import { keptResults, type ResultName } from "./kept_results.ts";
import type { Store } from "../store.ts";
import { parseManifest } from "../content/tree.ts";

/** What is in use, as far as the store cannot know it. */
export interface Usage {
  readonly results: readonly ResultName[];
  /** Trees that a run goes on with although no result may name them. */
  readonly trees: readonly Digest[];
}

/** What a collection deletes and what it leaves. */
export interface Collection {
  /** Results that are forgotten, oldest first. */
  readonly forgotten: readonly ActionRecord[];
  readonly objects: number;
  readonly views: number;
  readonly quarantined: number;
  /** Bytes on disk that deleting frees. */
  readonly freedBytes: number;
  readonly keptResults: number;
  readonly keptBytes: number;
  /** Everything to be deleted, in an order in which it may stop at any moment. */
  readonly paths: readonly string[];
}

interface StoredFile {
  readonly path: string;
  readonly sizeBytes: number;
}

/**
 * Decides what goes: every result that need not stay or, with a budget, the oldest of them until all objects
 * fit; and every object that then belongs to no result.
 */
export async function planCollection(
  store: Store,
  usage: Usage,
  options: { readonly budgetBytes: number | undefined },
): Promise<Collection> {
  const actions = listActions(store);
  const records = actions.flatMap(({ record }) => record ?? []).sort(newestFirst);
  const objects = storedObjects(store);
  const reach = new Reach(store, objects);
  for (const tree of usage.trees) reach.add(reach.newOfTree(tree));
  const kept = new Set(await keptResults(store, records, usage.results));
  for (const record of kept) reach.add(reach.newOf(record));
  if (options.budgetBytes !== undefined) {
    const others = records.filter((record) => !kept.has(record));
    for (const record of addUntil(options.budgetBytes, reach, others)) kept.add(record);
  }
  const gone = [...objects].filter(([digest]) => !reach.has(digest)).map(([, file]) => file);
  const quarantined = filesOf(`${store.folder}/quarantine`);
  const views = filesOf(`${store.folder}/views`).filter(({ path }) =>
    !reach.has(digestNamed(path.slice(path.lastIndexOf("/") + 1)))
  );
  const results = actions.filter(({ record }) => record === undefined || !kept.has(record));
  return {
    forgotten: records.filter((record) => !kept.has(record)).reverse(),
    objects: gone.length,
    views: views.length,
    quarantined: quarantined.length,
    freedBytes: sumOf([...gone, ...quarantined]),
    keptResults: kept.size,
    keptBytes: reach.sizeBytes,
    // Results before their objects: what is left by a crash is never a result that lacks one.
    paths: [...results, ...views, ...gone, ...quarantined].map(({ path }) => path),
  };
}

/** Adds one record after the other while all objects fit; gives those that were added. */
function addUntil(
  budgetBytes: number,
  reach: Reach,
  records: readonly ActionRecord[],
): readonly ActionRecord[] {
  for (const [at, record] of records.entries()) {
    const added = reach.newOf(record);
    if (reach.sizeBytes + reach.sizeOf(added) > budgetBytes) return records.slice(0, at);
    reach.add(added);
  }
  return records;
}

/** Moves paths out of reach; gives the folder where they wait to be deleted. */
export async function moveAway(store: Store, paths: readonly string[]): Promise<string> {
  const trash = store.stagingPath();
  await Deno.mkdir(trash);
  paths.forEach((path, at) => {
    if (statIfPresent(path) !== undefined) Deno.renameSync(path, `${trash}/${at}`);
    crashPoint("collection-path-moved");
  });
  const isBelowFingerprint = (path: string): boolean =>
    ["actions", "checkpoints"].some((name) => path.startsWith(`${store.folder}/${name}/`));
  const folders = paths.filter(isBelowFingerprint).map(dirname);
  for (const folder of new Set(folders)) {
    if (namesIn(folder).length === 0) await Deno.remove(folder);
  }
  crashPoint("collection-moved");
  return trash;
}

/** Follows results to their objects, each object once. */
class Reach {
  readonly #reached = new Set<Digest>();
  sizeBytes = 0;

  constructor(
    private readonly store: Store,
    private readonly objects: ReadonlyMap<Digest, StoredFile>,
  ) {}

  has(digest: Digest | undefined): boolean {
    return digest !== undefined && this.#reached.has(digest);
  }

  add(digests: ReadonlySet<Digest>): void {
    this.sizeBytes += this.sizeOf(digests);
    for (const digest of digests) this.#reached.add(digest);
  }

  sizeOf(digests: ReadonlySet<Digest>): number {
    return sumOf([...digests].flatMap((digest) => this.objects.get(digest) ?? []));
  }

  /** Objects of a result that are not reached yet. */
  newOf({ material, outputs }: ActionRecord): ReadonlySet<Digest> {
    const found = new Set(this.has(material) ? [] : [material]);
    for (const tree of Object.values(outputs)) {
      for (const digest of this.newOfTree(tree)) found.add(digest);
    }
    return found;
  }

  /** Objects of a tree that are not reached yet, its manifest among them. */
  newOfTree(tree: Digest): ReadonlySet<Digest> {
    if (this.has(tree)) return new Set();
    // A manifest that is gone or damaged makes no result usable, so nothing needs its files.
    const manifest = parseManifest(readIfPresent(this.store.objectPath(tree)) ?? "");
    const files = manifest?.digest === tree ? manifest.entries : [];
    const digests = files.flatMap((entry) => entry.type === "file" ? entry.digest : []);
    return new Set([tree, ...digests].filter((digest) => !this.has(digest)));
  }
}

function storedObjects(store: Store): ReadonlyMap<Digest, StoredFile> {
  const objects = new Map<Digest, StoredFile>();
  for (const path of filesBelow(`${store.folder}/objects/sha256`)) {
    const digest = digestNamed(path.split("/").slice(-2).join(""));
    const sizeBytes = statIfPresent(path)?.size ?? 0;
    if (digest !== undefined && path === store.objectPath(digest)) {
      objects.set(digest, { path, sizeBytes });
    }
  }
  return objects;
}

function filesOf(folder: string): readonly StoredFile[] {
  return namesIn(folder).map((name) => {
    const path = `${folder}/${name}`;
    return { path, sizeBytes: statIfPresent(path)?.size ?? 0 };
  });
}

function digestNamed(hex: string): Digest | undefined {
  return parseDigest(`sha256:${hex}`);
}

function newestFirst(a: ActionRecord, b: ActionRecord): number {
  return b.finishedAtMs - a.finishedAtMs;
}

function sumOf(files: readonly StoredFile[]): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
