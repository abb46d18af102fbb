// Results by fingerprint: which trees a step made. A record exists only once everything it names is stored.
import { dirname } from "node:path";
import type { ActionRecord } from "./action_record.ts";
import { crashPoint } from "./crash_points.ts";
import type { Digest } from "./content/digest.ts";
import { moveInto } from "./disk/files.ts";
import { filesBelow, namesIn, readIfPresent } from "./disk/folders.ts";
import { actionsKey, recordKey } from "./layout.ts";
import { seal, unseal } from "./sealed_record.ts";
import type { Store } from "./store.ts";
import { writeWhole } from "./index/whole_result.ts";

/** A record's file. */
export interface StoredAction {
  readonly path: string;
  /** Undefined where the file is damaged, or lies under another fingerprint than its own. */
  readonly record: ActionRecord | undefined;
}

/** Saves a record under its fingerprint; the newest of several is the one found later. */
export function saveAction(store: Store, record: ActionRecord): void {
  const staged = store.stagingPath();
  Deno.writeTextFileSync(staged, seal(record));
  crashPoint("record-written");
  moveInto(staged, `${store.folder}/${recordKey(record)}`);
  crashPoint("record-saved");
}

/** Finds the newest intact record of a fingerprint; damaged ones are removed. */
export async function findAction(
  store: Store,
  fingerprint: Digest,
): Promise<ActionRecord | undefined> {
  return (await findStored(store, fingerprint))?.record;
}

/** A result that is there with every byte. */
export interface WholeAction {
  readonly record: ActionRecord;
  /** What `readWhole` takes; undefined while the result is too young for that. */
  readonly whole: string | undefined;
}

/**
 * Finds the newest result of a fingerprint, every byte of it. Throws DamagedObjectError where one is
 * missing or altered.
 */
export async function findWholeAction(
  store: Store,
  fingerprint: Digest,
): Promise<WholeAction | undefined> {
  const readSinceMs = Date.now();
  const stored = await findStored(store, fingerprint);
  if (stored === undefined) return undefined;
  const { path, record } = stored;
  const objects: Digest[] = [];
  for (const digest of Object.values(record.outputs)) {
    const { entries } = await store.verifyTree(digest);
    objects.push(digest, ...entries.flatMap((entry) => entry.type === "file" ? entry.digest : []));
  }
  // The record's folder: a newer record would come to lie beside this one, or this one be removed.
  const paths = [dirname(path), ...objects.map((digest) => store.objectPath(digest))];
  return { record, whole: writeWhole(store.folder, record, { paths, readSinceMs }) };
}

async function findStored(
  store: Store,
  fingerprint: Digest,
): Promise<{ readonly path: string; readonly record: ActionRecord } | undefined> {
  const folder = actionFolder(store, fingerprint);
  for (const name of namesIn(folder).toReversed()) {
    const path = `${folder}/${name}`;
    const record = parseRecord(readIfPresent(path) ?? "");
    if (record?.fingerprint === fingerprint) return { path, record };
    await Deno.remove(path).catch(() => {});
  }
  return undefined;
}

/** Reads every record of a store, in the order of their paths. */
export function listActions(store: Store): readonly StoredAction[] {
  const actions: StoredAction[] = [];
  for (const path of filesBelow(`${store.folder}/actions`)) {
    const text = readIfPresent(path);
    if (text === undefined) continue; // another process removed it meanwhile
    const record = parseRecord(text);
    const isAtHome = record !== undefined &&
      path.startsWith(`${actionFolder(store, record.fingerprint)}/`);
    actions.push({ path, record: isAtHome ? record : undefined });
  }
  return actions;
}

/** Forgets a fingerprint's results, because what they name is gone. */
export async function dropActions(store: Store, fingerprint: Digest): Promise<void> {
  await Deno.remove(actionFolder(store, fingerprint), { recursive: true }).catch(() => {});
}

function actionFolder(store: Store, fingerprint: Digest): string {
  return `${store.folder}/${actionsKey(fingerprint)}`;
}

/** Reads a record's text; undefined where it is not what saveAction wrote. */
export function parseRecord(text: string): ActionRecord | undefined {
  return unseal(text) as ActionRecord | undefined; // its checksum proves that saveAction wrote it
}
