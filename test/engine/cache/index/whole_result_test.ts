// Results that need not be read again: only while no file of theirs has another stamp.
import assert from "node:assert/strict";
import type { ActionRecord } from "../../../../engine/cache/action_record.ts";
import { findWholeAction, saveAction } from "../../../../engine/cache/actions.ts";
import { digestBytes, hexOf } from "../../../../engine/cache/content/digest.ts";
import { readWhole, writeWhole } from "../../../../engine/cache/index/whole_result.ts";
import type { Store } from "../../../../engine/cache/store.ts";
import { tempStore } from "../../../support/temp_store.ts";

/** What a file that was just written looks like after a while. */
const LATER_MS = 10_000;

Deno.test("a result is known while its files stay as they are", async () => {
  await using temp = await tempStore();
  const { folder } = temp.store;
  const { record, paths } = await storedResult(temp.store);
  const whole = writeWhole(folder, record, { paths, readSinceMs: Date.now() + LATER_MS });
  assert.deepEqual(readWhole(folder, whole ?? ""), record);
});

Deno.test("a result with a file so young that it could change unnoticed is not written down", async () => {
  await using temp = await tempStore();
  const { record, paths } = await storedResult(temp.store);
  assert.equal(
    writeWhole(temp.store.folder, record, { paths, readSinceMs: Date.now() }),
    undefined,
  );
});

for (
  const [what, harm] of [
    ["altered bytes", (object) => Deno.writeTextFileSync(object, "other")],
    ["removed bytes", (object) => Deno.removeSync(object)],
  ] satisfies [string, (object: string) => void][]
) {
  Deno.test(`a result with ${what} is looked at again`, async () => {
    await using temp = await tempStore();
    const { store } = temp;
    const { record, paths } = await storedResult(store);
    const readSinceMs = Date.now() + LATER_MS;
    const whole = writeWhole(store.folder, record, { paths, readSinceMs }) ?? "";
    const object = paths.at(-1) ?? "";
    Deno.chmodSync(object, 0o644);
    harm(object);
    assert.equal(readWhole(store.folder, whole), undefined);
    await assert.rejects(findWholeAction(store, record.fingerprint), {
      name: "DamagedObjectError",
    });
  });
}

Deno.test("a newer result of the same fingerprint takes the place of the one that is known", async () => {
  await using temp = await tempStore();
  const { store } = temp;
  const { record, paths } = await storedResult(store);
  Deno.utimeSync(paths[0] ?? "", 1, 1); // both records may be written in one tick of the clock
  const readSinceMs = Date.now() + LATER_MS;
  const whole = writeWhole(store.folder, record, { paths, readSinceMs }) ?? "";
  const newer = { ...record, run: "r2", finishedAtMs: 2 };
  saveAction(store, newer);
  assert.equal(readWhole(store.folder, whole), undefined);
  assert.deepEqual((await findWholeAction(store, record.fingerprint))?.record, newer);
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
  saveAction(store, record);
  const hex = hexOf(fingerprint);
  const actions = `${store.folder}/actions/${hex.slice(0, 2)}/${hex.slice(2)}`;
  const objects = [tree.digest, digestBytes("content")].map((digest) => store.objectPath(digest));
  return { record, paths: [actions, ...objects] };
}
