// Verification finds every kind of damage, whatever is remembered of the files, and leaves a store behind
// in which nothing is wrong.
import assert from "node:assert/strict";
import type { ActionRecord } from "../../../../engine/cache/action_record.ts";
import { findAction, saveAction } from "../../../../engine/cache/actions.ts";
import { digestBytes } from "../../../../engine/cache/content/digest.ts";
import type { Tree } from "../../../../engine/cache/content/tree.ts";
import { type Verification, verifyStore } from "../../../../engine/cache/upkeep/verify.ts";
import { damage, type TempStore, tempStore } from "../../../support/temp_store.ts";

interface Filled extends TempStore {
  readonly tree: Tree;
  readonly record: ActionRecord;
  verify(): Promise<Verification>;
}

/** A store with one result: two files, their manifest and the material. */
async function filledStore(): Promise<Filled> {
  const temp = await tempStore();
  const { store } = temp;
  const tree = await temp.put({ "a.txt": "alpha", "b/c.txt": "gamma" });
  const record: ActionRecord = {
    fingerprint: digestBytes("fingerprint"),
    material: await store.putBlob("{}"),
    outputs: { out: tree.digest },
    effects: [],
    run: "20260101-1",
    step: "make",
    finishedAtMs: 1,
    durationMs: 1,
    sizeBytes: 10,
  };
  await saveAction(store, record);
  const signal = new AbortController().signal;
  const verify = (): Promise<Verification> => verifyStore(store, { signal, onProgress: () => {} });
  return { ...temp, tree, record, verify };
}

Deno.test("an intact store is counted and nothing is found", async () => {
  await using filled = await filledStore();
  await filled.store.view(filled.tree.digest);
  const { findings, sizeBytes, ...counts } = await filled.verify();
  assert.deepEqual(findings, []);
  assert.deepEqual(counts, { objects: 4, results: 1, views: 1, checkpoints: 0 });
  assert.ok(sizeBytes > 12);
});

Deno.test("altered bytes are set aside although their stamp is remembered, and the result is forgotten", async () => {
  await using filled = await filledStore();
  const { store, record } = filled;
  const object = store.objectPath(digestBytes("alpha"));
  const { digest } = await store.digests.of(object);
  assert.equal(digest, digestBytes("alpha"));
  await damage(object, "ALPHA");
  // A failing disk alters bytes without a trace: the index says that the file is as it was.
  const { dev, ino, size, mtime, ctime } = await Deno.stat(object);
  store.index.prepare("INSERT OR REPLACE INTO file_digest VALUES (?, ?, ?, ?, ?, ?, ?)")
    .run(object, dev, ino ?? 0, size, mtime!.getTime(), ctime!.getTime(), digest);
  const { findings } = await filled.verify();
  assert.deepEqual(findings, [
    { type: "altered-object", path: object },
    { type: "incomplete-result", step: "make", run: "20260101-1", missing: digestBytes("alpha") },
  ]);
  assert.equal(await findAction(store, record.fingerprint), undefined);
  assert.equal([...Deno.readDirSync(`${store.folder}/quarantine`)].length, 1);
  assert.deepEqual((await filled.verify()).findings, []);
});

Deno.test("a missing file, manifest or material makes its result forgotten", async () => {
  for (const lost of ["file", "manifest", "material"]) {
    await using filled = await filledStore();
    const { store, record, tree } = filled;
    const digest = lost === "file"
      ? digestBytes("gamma")
      : lost === "manifest"
      ? tree.digest
      : record.material;
    await Deno.remove(store.objectPath(digest));
    const { findings } = await filled.verify();
    const { step, run } = record;
    assert.deepEqual(findings, [{ type: "incomplete-result", step, run, missing: digest }], lost);
    assert.deepEqual((await filled.verify()).findings, []);
  }
});

Deno.test("a damaged record and one that lies under another fingerprint are removed", async () => {
  await using filled = await filledStore();
  const { store, record } = filled;
  const actions = `${store.folder}/actions`;
  const folder = `${actions}/00/stray`;
  await Deno.mkdir(folder, { recursive: true });
  const [two] = [...Deno.readDirSync(actions)].filter(({ name }) => name !== "00");
  const [rest] = [...Deno.readDirSync(`${actions}/${two?.name}`)];
  const home = `${actions}/${two?.name}/${rest?.name}`;
  const [file] = [...Deno.readDirSync(home)];
  await Deno.copyFile(`${home}/${file?.name}`, `${folder}/copy.json`);
  await Deno.writeTextFile(`${home}/torn.json`, '{"record":{"fing');
  const { findings } = await filled.verify();
  assert.deepEqual(findings, [
    { type: "damaged-record", path: `${folder}/copy.json` },
    { type: "damaged-record", path: `${home}/torn.json` },
  ]);
  assert.deepEqual(await findAction(store, record.fingerprint), record);
});

Deno.test("a view that lost a file is removed and made again at its next use", async () => {
  await using filled = await filledStore();
  const { store, tree } = filled;
  const { path } = await store.view(tree.digest);
  await Deno.remove(`${path}/a.txt`);
  assert.deepEqual((await filled.verify()).findings, [{ type: "altered-view", path }]);
  assert.equal(await Deno.readTextFile(`${(await store.view(tree.digest)).path}/a.txt`), "alpha");
});

Deno.test("an interrupted verification stops with the signal's reason", async () => {
  await using filled = await filledStore();
  const signal = AbortSignal.abort(new Error("enough"));
  const verification = verifyStore(filled.store, { signal, onProgress: () => {} });
  await assert.rejects(verification, /enough/);
});
