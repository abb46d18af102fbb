// Checkpoints as the store keeps them: which stay, which is taken, and which is not believed.
import assert from "node:assert/strict";
import {
  type CheckpointRecord,
  listCheckpoints,
  saveCheckpoint,
  staleCheckpoints,
  takeCheckpoint,
} from "../../../engine/cache/checkpoints.ts";
import { digestBytes } from "../../../engine/cache/content/digest.ts";
import { type TempStore, tempStore, writeFiles } from "../../support/temp_store.ts";

const KEY = digestBytes("key");

interface Saving {
  readonly at: number;
  readonly savedAtMs?: number;
  readonly run?: string;
  readonly files?: Readonly<Record<string, string>>;
}

async function save({ store }: TempStore, saving: Saving): Promise<void> {
  const { at, savedAtMs = at, run = "run-1", files = { state: String(at) } } = saving;
  const folder = await Deno.makeTempDir({ dir: store.workspace.path });
  await writeFiles(folder, files);
  await saveCheckpoint(store, folder, { key: KEY, at, run, step: "a", savedAtMs });
}

function take(
  { store, folder }: TempStore,
  atMost = Infinity,
): Promise<CheckpointRecord | undefined> {
  return takeCheckpoint(store, KEY, { atMost, target: `${folder}/${crypto.randomUUID()}` });
}

function kept({ store }: TempStore): readonly (number | undefined)[] {
  return listCheckpoints(store).map(({ record }) => record?.at);
}

Deno.test("of one key the two that were saved last stay, whatever their numbers", async () => {
  await using temp = await tempStore();
  for (const at of [1, 2, 3]) await save(temp, { at });
  assert.deepEqual(kept(temp), [2, 3]);
  await save(temp, { at: 1, savedAtMs: 10 });
  assert.deepEqual(kept(temp), [3, 1]);
  assert.deepEqual([...Deno.readDirSync(temp.store.workspace.path)].map(({ name }) => name), [
    "owner.lock",
  ]);
});

Deno.test("what is saved after the clock was set back stays until the next", async () => {
  await using temp = await tempStore();
  for (const at of [1, 2]) await save(temp, { at, savedAtMs: 1000 + at });
  for (const at of [3, 4]) {
    await save(temp, { at, savedAtMs: at });
    assert.equal((await take(temp))?.at, at);
  }
});

Deno.test("a checkpoint is taken with all that was in its folder", async () => {
  await using temp = await tempStore();
  await save(temp, { at: 4, files: { "a/b.txt": "text", "empty/": "" } });
  const target = `${temp.folder}/taken`;
  const record = await takeCheckpoint(temp.store, KEY, { atMost: 4, target });
  assert.deepEqual([record?.at, record?.run, record?.sizeBytes], [4, "run-1", 4]);
  assert.equal(await Deno.readTextFile(`${target}/a/b.txt`), "text");
  assert.ok((await Deno.stat(`${target}/empty`)).isDirectory);
  await Deno.writeTextFile(`${target}/a/b.txt`, "a copy of one's own");
  assert.equal((await take(temp))?.at, 4, "what is taken is a copy");
});

Deno.test("the furthest at or before a number is taken, and none of another key", async () => {
  await using temp = await tempStore();
  await save(temp, { at: 5 });
  await save(temp, { at: 3, savedAtMs: 9 });
  const found = [await take(temp), await take(temp, 4), await take(temp, 2)];
  assert.deepEqual(found.map((record) => record?.at), [5, 3, undefined]);
  const options = { atMost: 9, target: `${temp.folder}/other` };
  assert.equal(await takeCheckpoint(temp.store, digestBytes("other"), options), undefined);
});

Deno.test("a checkpoint that lies under another key is not believed", async () => {
  await using temp = await tempStore();
  await save(temp, { at: 5 });
  const [stored] = listCheckpoints(temp.store);
  const other = digestBytes("other").slice("sha256:".length);
  const home = `${temp.store.folder}/checkpoints/${other.slice(0, 2)}/${other.slice(2)}`;
  await Deno.mkdir(home, { recursive: true });
  await Deno.rename(stored!.path, `${home}/stray`);
  const options = { atMost: 9, target: `${temp.folder}/other` };
  assert.equal(await takeCheckpoint(temp.store, digestBytes("other"), options), undefined);
  assert.deepEqual(listCheckpoints(temp.store), []);
});

Deno.test("stale are those of runs that are not kept, and damaged ones", async () => {
  await using temp = await tempStore();
  await save(temp, { at: 1, run: "run-1" });
  await save(temp, { at: 2, run: "run-2" });
  const stale = staleCheckpoints(temp.store, new Set(["run-2"]));
  assert.deepEqual(stale.map(({ record }) => record?.at), [1]);
  await Deno.writeTextFile(`${listCheckpoints(temp.store)[1]!.path}/record.json`, "{}");
  assert.equal((staleCheckpoints(temp.store, new Set(["run-1", "run-2"]))).length, 1);
});
