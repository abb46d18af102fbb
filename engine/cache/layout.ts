// Where objects and records lie, relative to a store. A remote store has the same layout, so that a copy of
// one is the other.
import type { ActionRecord } from "./action_record.ts";
import { type Digest, hexOf } from "./content/digest.ts";

/** Names the file that says which layout a store has. */
export const FORMAT_KEY = "FORMAT";

/** The layout's number. */
export const FORMAT = "1";

/** Where an object with this digest lies. */
export function objectKey(digest: Digest): string {
  const hex = hexOf(digest);
  return `objects/sha256/${hex.slice(0, 2)}/${hex.slice(2)}`;
}

/** The folder of a fingerprint's records. */
export function actionsKey(fingerprint: Digest): string {
  const hex = hexOf(fingerprint);
  return `actions/${hex.slice(0, 2)}/${hex.slice(2)}`;
}

/** Where a record lies; the names of one fingerprint's records sort by age. */
export function recordKey({ fingerprint, finishedAtMs, run }: ActionRecord): string {
  return `${actionsKey(fingerprint)}/${String(finishedAtMs).padStart(15, "0")}-${run}.json`;
}
