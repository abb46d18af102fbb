// Results that need not be read again: only while no file of theirs has another stamp.
import assert from "node:assert/strict";
import type { ActionRecord } from "../../../engine/cache/action_record.ts";
import { findWholeAction, saveAction } from "../../../engine/cache/actions.ts";
import { digestBytes, hexOf } from "../../../engine/cache/digest.ts";
import type { Store } from "../../../engine/cache/store.ts";
import { tempStore } from "../../support/temp_store.ts";

/** What a file that was just written looks like after a while. */
const LATER_MS = 10_000;

Deno.test("a result is known while its files stay as they are", async () => {
  await using temp = await tempStore();
  const { store } = temp;
  const { record, paths } = await storedResult(store);
  assert.equal(store.whole.recall(record.fingerprint), undefined);
  store.whole.remember(record, paths, Date.now() + LATER_MS);
  assert.deepEqual(store.whole.recall(record.fingerprint), record);
});

Deno.test("a result with a file so young that it could change unnoticed is not remembered", async () => {
  await using temp = await tempStore();
  const { record, paths } = await storedResult(temp.store);
  temp.store.whole.remember(record, paths, Date.now());
  assert.equal(temp.store.whole.recall(record.fingerprint), undefined);
});

Deno.test("a result with bytes that were altered or removed is looked at again", async () => {
  for (const harm of ["alter", "remove"] as const) {
    await using temp = await tempStore();
    const { store } = temp;
    const { record, paths } = await storedResult(store);
    store.whole.remember(record, paths, Date.now() + LATER_MS);
    const object = paths.at(-1) ?? "";
    await Deno.chmod(object, 0o644);
    if (harm === "alter") await Deno.writeTextFile(object, "other");
    else await Deno.remove(object);
    assert.equal(store.whole.recall(record.fingerprint), undefined);
    await assert.rejects(findWholeAction(store, record.fingerprint), {
      name: "DamagedObjectError",
    });
  }
});

Deno.test("a newer result of the same fingerprint takes the place of the one that is known", async () => {
  await using temp = await tempStore();
  const { store } = temp;
  const { record, paths } = await storedResult(store);
  await Deno.utime(paths[0] ?? "", 1, 1); // both records may be written in one tick of the clock
  store.whole.remember(record, paths, Date.now() + LATER_MS);
  const newer = { ...record, run: "r2", finishedAtMs: 2 };
  await saveAction(store, newer);
  assert.deepEqual(await findWholeAction(store, record.fingerprint), newer);
});

/** Stores a result with one output of one file, and names its files: the object comes last. */
async function storedResult(store: Store): Promise<{ record: ActionRecord; paths: string[] }> {
  const folder = store.stagingPath();
  await Deno.mkdir(folder);
  await Deno.writeTextFile(`${folder}/file`, "content");
  const tree = await store.takeTree(folder);
  const fingerprint = digestBytes("f");
  const record: ActionRecord = {
    fingerprint,
    material: await store.putBlob("{}"),
    outputs: { out: tree.digest },
    effects: [],
    run: "r1",
    step: "a",
    finishedAtMs: 1,
    durationMs: 1,
    sizeBytes: tree.sizeBytes,
  };
  await saveAction(store, record);
  const hex = hexOf(fingerprint);
  const actions = `${store.folder}/actions/${hex.slice(0, 2)}/${hex.slice(2)}`;
  const [saved] = [...Deno.readDirSync(actions)];
  const objects = [tree.digest, digestBytes("content")].map((digest) => store.objectPath(digest));
  return { record, paths: [actions, `${actions}/${saved?.name}`, ...objects] };
}
