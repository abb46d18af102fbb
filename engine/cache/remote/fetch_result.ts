// Brings a result from a remote store. Nothing is believed: every byte is digested on its way, and a record
// must follow from the material that it names. The local record is saved last.
import { createHash } from "node:crypto";
import type { ActionRecord } from "../action_record.ts";
import { parseRecord, saveAction } from "../actions.ts";
import { crashPoint } from "../crash_points.ts";
import { type Digest, hexOf, parseDigest } from "../content/digest.ts";
import { type FingerprintMaterial, fingerprintOf } from "../recipe/fingerprint.ts";
import { actionsKey, objectKey, recordKey } from "../layout.ts";
import { DamagedObjectError, type Store } from "../store.ts";
import type { FileEntry } from "../content/tree.ts";
import type { PatientRemote } from "./patient_remote.ts";
import type { Slots } from "./slots.ts";

/** Thrown where a remote store's result is not what it should be. */
export class DamagedResultError extends Error {
  override readonly name = "DamagedResultError";

  /** `object` is absent where the record itself is wrong. */
  constructor(message: string, readonly object?: Digest) {
    super(message);
  }
}

/** What it takes to bring a result. */
export interface Fetching {
  readonly store: Store;
  readonly remote: PatientRemote;
  readonly slots: Slots;
  readonly signal: AbortSignal;
}

/** Larger files are no records. */
const MOST_RECORD_BYTES = 1 << 20;

/** Finds the newest record of a fingerprint in a remote store; throws DamagedResultError where it is wrong. */
export async function findRecord(
  { remote, signal }: Pick<Fetching, "remote" | "signal">,
  fingerprint: Digest,
): Promise<ActionRecord | undefined> {
  const folder = actionsKey(fingerprint);
  const name = (await remote.list(folder, signal)).filter((name) => name.endsWith(".json")).at(-1);
  if (name === undefined) return undefined;
  const key = `${folder}/${name}`;
  const record = parseRecord(await readText(remote, key, signal));
  if (record === undefined || !isSound(record)) {
    throw new DamagedResultError("its record is damaged");
  }
  if (record.fingerprint !== fingerprint || recordKey(record) !== key) {
    throw new DamagedResultError("its record belongs elsewhere");
  }
  return record.effects.length === 0 ? record : undefined; // what it wrote outside is not here
}

/**
 * Brings everything that a record names into the local store, then the record, and gives the bytes that came.
 * Throws DamagedResultError where something is missing or altered; then no record is saved.
 */
export async function fetchResult(fetching: Fetching, record: ActionRecord): Promise<number> {
  const { store, slots } = fetching;
  let fetchedBytes = 0;
  const bring = async (digest: Digest, mostBytes = Infinity): Promise<void> => {
    if (await store.holds(digest)) return;
    fetchedBytes += await fetchObject(fetching, digest, mostBytes);
    crashPoint("object-fetched");
  };
  const trees = Object.values(record.outputs);
  await slots.each([record.material, ...trees], (digest) => bring(digest));
  if (await materialFingerprint(store, record.material) !== record.fingerprint) {
    throw new DamagedResultError("its material belongs to another result", record.material);
  }
  const files = await Promise.all(trees.map((digest) => filesOf(store, digest)));
  const byDigest = new Map(files.flat().map(({ digest, sizeBytes }) => [digest, sizeBytes]));
  await slots.each([...byDigest], ([digest, sizeBytes]) => bring(digest, sizeBytes));
  crashPoint("objects-fetched");
  await saveAction(store, record);
  return fetchedBytes;
}

/** Digests an object as it comes and moves it into the store; gives its size. */
async function fetchObject(
  { store, remote, signal }: Fetching,
  digest: Digest,
  mostBytes: number,
): Promise<number> {
  const pieces = await remote.read(objectKey(digest), signal);
  const shown = `object ${digest.slice(0, 19)}…`;
  if (pieces === undefined) throw new DamagedResultError(`its ${shown} is missing`, digest);
  const staged = store.stagingPath();
  const hash = createHash("sha256");
  let sizeBytes = 0;
  try {
    using file = await Deno.open(staged, { createNew: true, write: true });
    for await (const piece of pieces) {
      sizeBytes += piece.length;
      if (sizeBytes > mostBytes) break;
      hash.update(piece);
      for (let at = 0; at < piece.length;) at += await file.write(piece.subarray(at));
    }
    if (hash.digest("hex") !== hexOf(digest)) {
      throw new DamagedResultError(`its ${shown} is altered`, digest);
    }
  } catch (error) {
    await Deno.remove(staged).catch(() => {});
    throw error;
  }
  await store.takeFile(staged, digest);
  return sizeBytes;
}

async function readText(
  remote: PatientRemote,
  key: string,
  signal: AbortSignal,
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of await remote.read(key, signal) ?? []) {
    text += decoder.decode(piece, { stream: true });
    if (text.length > MOST_RECORD_BYTES) return "";
  }
  return text + decoder.decode();
}

/** Says whether a record that others wrote has the form that ours have. */
function isSound(record: ActionRecord): boolean {
  const { fingerprint, material, outputs, effects, run, step } = record;
  const digests: readonly unknown[] = [fingerprint, material, ...Object.values(outputs ?? {})];
  const numbers: readonly unknown[] = [record.finishedAtMs, record.durationMs, record.sizeBytes];
  return digests.every((text) => typeof text === "string" && parseDigest(text) !== undefined) &&
    numbers.every((number) => Number.isSafeInteger(number) && Number(number) >= 0) &&
    /^[\w-]+$/.test(String(run)) && typeof step === "string" && Array.isArray(effects);
}

async function materialFingerprint(store: Store, digest: Digest): Promise<Digest | undefined> {
  const text = await store.readBlob(digest);
  try {
    return fingerprintOf(JSON.parse(text) as FingerprintMaterial); // what it says is only compared
  } catch {
    return undefined;
  }
}

/** A tree's files. */
async function filesOf(store: Store, digest: Digest): Promise<readonly FileEntry[]> {
  try {
    const tree = await store.readTree(digest);
    if (tree.digest !== digest) {
      throw new DamagedResultError("its list of files is no list", digest);
    }
    return tree.entries.filter((entry) => entry.type === "file");
  } catch (error) {
    if (!(error instanceof DamagedObjectError)) throw error;
    throw new DamagedResultError("its list of files is no list", digest);
  }
}
