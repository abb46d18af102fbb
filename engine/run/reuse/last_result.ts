// A step's last successful result with what it was made from: what every explanation compares with.
import type { ActionRecord } from "../../cache/action_record.ts";
import { findAction } from "../../cache/actions.ts";
import { type FingerprintMaterial, fingerprintOf } from "../../cache/recipe/fingerprint.ts";
import type { Digest } from "../../cache/content/digest.ts";
import { DamagedObjectError, type Store } from "../../cache/store.ts";
import type { ReuseContext } from "../run_context.ts";

/** A past result and its material. */
export interface LastMaterial {
  readonly record: ActionRecord;
  readonly material: FingerprintMaterial;
}

/** Reads a step's last result; "lost" where it had one and its record or material is gone or damaged. */
export async function lastResult(
  { lastResults, store }: ReuseContext,
  step: string,
): Promise<LastMaterial | "never" | "lost"> {
  const last = lastResults.recall(step);
  if (last === undefined) return "never";
  return await findMaterial(store, last.fingerprint) ?? "lost";
}

/** Reads a result's record and material; undefined where either is gone or damaged. */
export async function findMaterial(
  store: Store,
  fingerprint: Digest,
): Promise<LastMaterial | undefined> {
  const record = await findAction(store, fingerprint);
  if (record === undefined) return undefined;
  try {
    const text = await store.readBlob(record.material);
    const material = JSON.parse(text) as FingerprintMaterial; // its fingerprint proves what it is
    return fingerprintOf(material) === fingerprint ? { record, material } : undefined;
  } catch (error) {
    if (error instanceof DamagedObjectError) return undefined;
    throw error;
  }
}
