// Re-reads everything that is stored and mends what it can: altered bytes go to the quarantine, results
// that lack an object are forgotten. What is lost that way is made anew by the next run.
import type { ActionRecord } from "../action_record.ts";
import { listActions } from "../actions.ts";
import { discardCheckpoint, isWholeCheckpoint, listCheckpoints } from "../checkpoints.ts";
import { type Digest, digestFile, hexOf, parseDigest } from "../content/digest.ts";
import { filesBelow, namesIn, statIfPresent } from "../disk/folders.ts";
import { inParallel } from "../disk/in_parallel.ts";
import { stampOf } from "../content/stat_stamp.ts";
import { DamagedObjectError, type Store } from "../store.ts";
import { type DigestSource, scanTree, UnfitForTreeError } from "../content/tree.ts";

/** Something in the store that was not as it should be, and is out of the way now. */
export type Finding =
  | { readonly type: "altered-object"; readonly path: string }
  | { readonly type: "altered-view"; readonly path: string }
  | { readonly type: "damaged-record"; readonly path: string }
  | { readonly type: "damaged-checkpoint"; readonly path: string }
  | {
    readonly type: "incomplete-result";
    readonly step: string;
    readonly run: string;
    readonly missing: Digest;
  };

/** What was checked, and what was found. */
export interface Verification {
  readonly objects: number;
  readonly sizeBytes: number;
  readonly results: number;
  readonly views: number;
  readonly checkpoints: number;
  readonly findings: readonly Finding[];
}

interface VerifyOptions {
  readonly signal: AbortSignal;
  /** Called as bytes of objects have been read. */
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
}

/** Checks a whole store; safe beside runs. Throws the signal's reason when aborted. */
export async function verifyStore(store: Store, options: VerifyOptions): Promise<Verification> {
  return await store.access.share(async () => {
    const digests = new ReadDigests();
    const objects = await verifyObjects(store, digests, options);
    const records = await verifyRecords(store);
    const views = await verifyViews(store, digests, options.signal);
    const checkpoints = await verifyCheckpoints(store, digests, options.signal);
    return {
      objects: objects.count,
      sizeBytes: objects.sizeBytes,
      results: records.count,
      views: views.count,
      checkpoints: checkpoints.count,
      findings: [objects, records, views, checkpoints].flatMap(({ findings }) => findings),
    };
  });
}

interface Part {
  readonly count: number;
  readonly findings: readonly Finding[];
}

async function verifyObjects(
  store: Store,
  digests: DigestSource,
  { signal, onProgress }: VerifyOptions,
): Promise<Part & { readonly sizeBytes: number }> {
  const paths = [...filesBelow(`${store.folder}/objects`)];
  const sizes = paths.map((path) => statIfPresent(path)?.size ?? 0);
  const sizeBytes = sizes.reduce((sum, size) => sum + size, 0);
  const findings: Finding[] = [];
  let doneBytes = 0;
  await inParallel(paths.entries(), async ([at, path]) => {
    signal.throwIfAborted();
    if (await isAltered(path, digests)) {
      await store.setAside(path);
      findings.push({ type: "altered-object", path });
    }
    doneBytes += sizes[at] ?? 0;
    onProgress(doneBytes, sizeBytes);
  });
  return { count: paths.length, sizeBytes, findings };
}

/** Says whether an object's bytes are others than its path says; one that cannot be read counts as altered. */
async function isAltered(path: string, digests: DigestSource): Promise<boolean> {
  const [folder = "", name = ""] = path.split("/").slice(-2);
  try {
    return (await digests.of(path)).digest !== parseDigest(`sha256:${folder}${name}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false; // another process set it aside
    if (error instanceof Deno.errors.PermissionDenied) throw error;
    return true;
  }
}

async function verifyRecords(store: Store): Promise<Part> {
  const findings: Finding[] = [];
  const actions = listActions(store);
  const missingOf = new MissingObjects(store);
  for (const { path, record } of actions) {
    const missing = record === undefined ? undefined : await missingOf.record(record);
    if (record !== undefined && missing === undefined) continue;
    await Deno.remove(path).catch(() => {});
    findings.push(
      record === undefined || missing === undefined
        ? { type: "damaged-record", path }
        : { type: "incomplete-result", step: record.step, run: record.run, missing },
    );
  }
  return { count: actions.length, findings };
}

/** Finds the first object that a record needs and the store lacks; looks at each tree once. */
class MissingObjects {
  readonly #ofTree = new Map<Digest, Digest | undefined>();

  constructor(private readonly store: Store) {}

  async record({ material, outputs }: ActionRecord): Promise<Digest | undefined> {
    if (!this.#isPresent(material)) return material;
    for (const digest of Object.values(outputs)) {
      if (!this.#ofTree.has(digest)) this.#ofTree.set(digest, await this.#tree(digest));
      const missing = this.#ofTree.get(digest);
      if (missing !== undefined) return missing;
    }
    return undefined;
  }

  async #tree(digest: Digest): Promise<Digest | undefined> {
    try {
      const { entries } = await this.store.readTree(digest);
      const missing = entries.find((entry) =>
        entry.type === "file" && !this.#isPresent(entry.digest)
      );
      return missing?.type === "file" ? missing.digest : undefined;
    } catch (error) {
      if (error instanceof DamagedObjectError) return digest;
      throw error;
    }
  }

  #isPresent(digest: Digest): boolean {
    return statIfPresent(this.store.objectPath(digest)) !== undefined;
  }
}

async function verifyViews(
  store: Store,
  digests: DigestSource,
  signal: AbortSignal,
): Promise<Part> {
  const findings: Finding[] = [];
  const names = namesIn(`${store.folder}/views`);
  for (const name of names) {
    signal.throwIfAborted();
    const path = `${store.folder}/views/${name}`;
    if (await showsTree(path, digests)) continue;
    const aside = store.stagingPath();
    await Deno.rename(path, aside);
    await Deno.remove(aside, { recursive: true });
    findings.push({ type: "altered-view", path });
  }
  return { count: names.length, findings };
}

/** Says whether a view holds the tree that it is named after. */
async function showsTree(path: string, digests: DigestSource): Promise<boolean> {
  try {
    const { tree } = await scanTree(path, digests, { links: "refuse" });
    return path.endsWith(`/${hexOf(tree.digest)}`);
  } catch (error) {
    if (error instanceof UnfitForTreeError) return false;
    throw error;
  }
}

async function verifyCheckpoints(
  store: Store,
  digests: DigestSource,
  signal: AbortSignal,
): Promise<Part> {
  const findings: Finding[] = [];
  const checkpoints = listCheckpoints(store);
  for (const checkpoint of checkpoints) {
    signal.throwIfAborted();
    if (await isWholeCheckpoint(checkpoint, digests)) continue;
    const { path } = checkpoint;
    // A running step may have replaced it meanwhile: then it is gone, and nothing is wrong.
    if (await discardCheckpoint(store, path)) findings.push({ type: "damaged-checkpoint", path });
  }
  return { count: checkpoints.length, findings };
}

/** Digests of what is read now, whatever is remembered; views share inodes with objects, read once. */
class ReadDigests implements DigestSource {
  readonly #known = new Map<string, Digest>();

  async of(path: string, info?: Deno.FileInfo): ReturnType<DigestSource["of"]> {
    const stamp = stampOf(info ?? await Deno.stat(path));
    const key = `${stamp.device} ${stamp.inode}`;
    const digest = this.#known.get(key) ?? await digestFile(path, stamp.sizeBytes);
    this.#known.set(key, digest);
    return { digest, stamp };
  }
}
