// Which results must stay: those that recent runs used, and those that files outside the store stand for,
// such as a registered model, with everything that they were made from.
import type { ActionRecord } from "../action_record.ts";
import { type Digest, parseDigest } from "../content/digest.ts";
import { readIfPresent } from "../disk/folders.ts";
import type { Store } from "../store.ts";

/** A result as runs name it. */
export interface ResultName {
  readonly fingerprint: Digest;
  /** The run that made it. */
  readonly run: string;
}

/** Picks the records that must stay. */
export async function keptResults(
  store: Store,
  records: readonly ActionRecord[],
  used: readonly ResultName[],
): Promise<ReadonlySet<ActionRecord>> {
  const names = new Set(used.map(nameOf));
  const kept = new Set(records.filter((record) => names.has(nameOf(record))));
  const makers = newestMakers(records);
  const lasting = await standingFor(store, records);
  for (const record of lasting) kept.add(record);
  for (const ancestor of ancestorsOf(store, lasting, makers)) kept.add(ancestor);
  return kept;
}

function nameOf({ fingerprint, run }: ResultName): string {
  return `${fingerprint} ${run}`;
}

/** Records of which at least one file outside the store is as they left it. */
async function standingFor(
  store: Store,
  records: readonly ActionRecord[],
): Promise<readonly ActionRecord[]> {
  const standing: ActionRecord[] = [];
  for (const record of records) {
    for (const { path, digest } of record.effects) {
      const found = await store.digests.find(`${store.folder}/${path}`);
      if (found?.digest !== digest) continue;
      standing.push(record);
      break;
    }
  }
  return standing;
}

/** The newest record that made each tree. */
function newestMakers(records: readonly ActionRecord[]): ReadonlyMap<Digest, ActionRecord> {
  const oldestFirst = [...records].sort((a, b) => a.finishedAtMs - b.finishedAtMs);
  return new Map(
    oldestFirst.flatMap((record) => Object.values(record.outputs).map((tree) => [tree, record])),
  );
}

/** What the records were made from, back to the first step. */
function ancestorsOf(
  store: Store,
  records: readonly ActionRecord[],
  makers: ReadonlyMap<Digest, ActionRecord>,
): ReadonlySet<ActionRecord> {
  const found = new Set<ActionRecord>();
  const pending = [...records];
  for (let record = pending.pop(); record !== undefined; record = pending.pop()) {
    for (const input of inputsOf(store, record)) {
      const maker = makers.get(input);
      if (maker === undefined || found.has(maker)) continue;
      found.add(maker);
      pending.push(maker);
    }
  }
  return found;
}

/** Trees that a result was made from; none where its material is gone or damaged. */
function inputsOf(store: Store, record: ActionRecord): readonly Digest[] {
  const text = readIfPresent(store.objectPath(record.material));
  try {
    const { inputs } = Object(JSON.parse(text ?? "null")) as { readonly inputs?: unknown };
    return Object.values(Object(inputs)).flat().flatMap((value) => {
      const tree: unknown = typeof value === "string" ? value : Object(value).tree; // an item of a list
      return typeof tree === "string" ? parseDigest(tree) ?? [] : [];
    });
  } catch {
    return [];
  }
}
