// Copies a stored result to a remote store: first the files, then the lists of files, last the record, so
// that whoever finds a record there finds all that it names.
import type { ActionRecord } from "../action_record.ts";
import { crashPoint } from "../crash_points.ts";
import type { Digest } from "../content/digest.ts";
import { objectKey, recordKey } from "../layout.ts";
import type { Store } from "../store.ts";
import type { PatientRemote } from "./patient_remote.ts";
import type { Transfer } from "./remote.ts";
import type { Slots } from "./slots.ts";

/** What it takes to send a result. */
export interface Sending extends Transfer {
  readonly store: Store;
  readonly remote: PatientRemote;
  readonly slots: Slots;
  /** For files that are not small, so that each gets a fair part of a slow line. */
  readonly largeSlots: Slots;
  /** Objects that are known to be wrong there: they are replaced. */
  readonly damaged: ReadonlySet<Digest>;
}

const LARGE_BYTES = 256 << 10;

/** Sends a result; what is there already is left alone. */
export async function sendResult(sending: Sending, record: ActionRecord): Promise<void> {
  const { store, slots } = sending;
  const trees = Object.values(record.outputs);
  const entries = (await Promise.all(trees.map((digest) => store.readTree(digest))))
    .flatMap((tree) => tree.entries);
  const files = new Set(entries.flatMap((entry) => entry.type === "file" ? entry.digest : []));
  const sendAll = (digests: readonly Digest[]): Promise<void> =>
    slots.each(digests, async (digest) => {
      await send(sending, objectKey(digest), sending.damaged.has(digest));
      crashPoint("object-sent");
    });
  await sendAll([...files]);
  await sendAll([...new Set([record.material, ...trees])]);
  crashPoint("objects-sent");
  await slots.use(() => send(sending, recordKey(record), false));
  crashPoint("result-sent");
}

async function send(sending: Sending, key: string, isWrongThere: boolean): Promise<void> {
  const { store, remote, largeSlots, signal } = sending;
  const path = `${store.folder}/${key}`;
  const { size } = await Deno.stat(path);
  if (!isWrongThere && await remote.size(key, signal) === size) return;
  const write = (): Promise<void> => remote.write(key, path, sending);
  await (size > LARGE_BYTES ? largeSlots.use(write) : write());
}
