// A collection deletes what nobody needs and nothing else: checked on stores whose results are made of a
// few small files.
import assert from "node:assert/strict";
import type { ActionRecord } from "../../../../engine/cache/action_record.ts";
import { findAction, saveAction } from "../../../../engine/cache/actions.ts";
import {
  type Collection,
  moveAway,
  planCollection,
} from "../../../../engine/cache/upkeep/collect.ts";
import { digestBytes } from "../../../../engine/cache/content/digest.ts";
import { verifyStore } from "../../../../engine/cache/upkeep/verify.ts";
import { type TempStore, tempStore } from "../../../support/temp_store.ts";

interface ResultOptions {
  /** Results it was made from. */
  readonly from?: readonly ActionRecord[];
  /** Results that it was given as a list. */
  readonly list?: readonly ActionRecord[];
  /** Name of a file outside the store that it stands for. */
  readonly effect?: string;
}

/** Results by the name of their step, made in the order in which they are asked for. */
class Results {
  #clock = 0;

  constructor(readonly temp: TempStore) {}

  async make(step: string, text: string, options: ResultOptions = {}): Promise<ActionRecord> {
    const { store } = this.temp;
    const tree = await this.temp.put({ "file.txt": text });
    const from = options.from ?? [];
    const inputs = Object.fromEntries(from.map((record) => [record.step, record.outputs["out"]]));
    const items = options.list?.map(({ step: name, outputs }) => ({ name, tree: outputs["out"] }));
    const material = { step, text, inputs: items === undefined ? inputs : { ...inputs, items } };
    const record: ActionRecord = {
      fingerprint: digestBytes(`${step} ${text}`),
      material: await store.putBlob(JSON.stringify(material)),
      outputs: { out: tree.digest },
      effects: options.effect === undefined ? [] : [await this.#effect(options.effect, step)],
      run: `run-${step}`,
      step,
      finishedAtMs: ++this.#clock,
      durationMs: 1,
      sizeBytes: tree.sizeBytes,
    };
    await saveAction(store, record);
    return record;
  }

  async #effect(path: string, text: string): Promise<ActionRecord["effects"][number]> {
    await Deno.writeTextFile(`${this.temp.store.folder}/${path}`, text);
    return { path, digest: digestBytes(text) };
  }

  /** Collects what none of the records needs, and checks that what is left is whole. */
  async collect(used: readonly ActionRecord[], budgetBytes?: number): Promise<Collection> {
    const { store } = this.temp;
    const collection = await planCollection(store, { results: used, trees: [] }, { budgetBytes });
    await moveAway(store, collection.paths);
    const signal = new AbortController().signal;
    const { findings, sizeBytes } = await verifyStore(store, { signal, onProgress: () => {} });
    assert.deepEqual(findings, []);
    assert.equal(sizeBytes, collection.keptBytes);
    return collection;
  }

  async isKept(record: ActionRecord): Promise<boolean> {
    return await findAction(this.temp.store, record.fingerprint) !== undefined;
  }
}

function stepsOf(records: readonly ActionRecord[]): readonly string[] {
  return records.map(({ step }) => step);
}

Deno.test("what no run used goes, oldest first, and what is shared with a kept result stays", async () => {
  await using temp = await tempStore();
  const results = new Results(temp);
  await results.make("old", "1");
  await results.make("same", "shared");
  const used = await results.make("used", "shared");
  await temp.store.view(used.outputs["out"]!);
  const old = await results.make("newer", "2");
  await temp.store.view(old.outputs["out"]!);
  await Deno.writeTextFile(`${temp.store.folder}/quarantine/abc-1`, "bad");
  await temp.store.putBlob("belongs to nothing");
  const collection = await results.collect([used]);
  assert.deepEqual(stepsOf(collection.forgotten), ["old", "same", "newer"]);
  assert.equal(collection.objects, 2 * 3 + 1 + 1, "file, manifest, material; a material; the blob");
  assert.deepEqual([collection.views, collection.quarantined, collection.keptResults], [1, 1, 1]);
  assert.equal(await results.isKept(used), true);
  assert.deepEqual([...Deno.readDirSync(`${temp.store.folder}/quarantine`)], []);
  assert.equal([...Deno.readDirSync(`${temp.store.folder}/views`)].length, 1);
});

Deno.test("a plan alone changes nothing", async () => {
  await using temp = await tempStore();
  const results = new Results(temp);
  const record = await results.make("a", "1");
  const plan = await planCollection(temp.store, { results: [], trees: [] }, {
    budgetBytes: undefined,
  });
  assert.equal(plan.forgotten.length, 1);
  assert.equal(await results.isKept(record), true);
  await temp.store.verifyTree(record.outputs["out"]!);
});

Deno.test("a registered model keeps all that it was made from, until its files are gone", async () => {
  await using temp = await tempStore();
  const results = new Results(temp);
  const tiles = await results.make("tiles", "t");
  const model = await results.make("model", "m", { from: [tiles] });
  const other = await results.make("other", "o", { from: [tiles] });
  const version = await results.make("version", "v", { from: [model], effect: "version.json" });
  const first = await results.collect([]);
  assert.deepEqual(stepsOf(first.forgotten), ["other"]);
  assert.equal(await results.isKept(other), false);
  for (const record of [tiles, model, version]) assert.ok(await results.isKept(record));
  await Deno.remove(`${temp.store.folder}/version.json`);
  assert.deepEqual(stepsOf((await results.collect([])).forgotten), ["tiles", "model", "version"]);
});

Deno.test("what stands for files keeps also what it was given as a list", async () => {
  await using temp = await tempStore();
  const results = new Results(temp);
  const models = [await results.make("model[n=1]", "1"), await results.make("model[n=2]", "2")];
  await results.make("model[n=3]", "3");
  await results.make("version", "v", { list: models, effect: "version.json" });
  assert.deepEqual(stepsOf((await results.collect([])).forgotten), ["model[n=3]"]);
});

Deno.test("of the results of one fingerprint only the one that was used stays", async () => {
  await using temp = await tempStore();
  const results = new Results(temp);
  const first = await results.make("a", "1");
  const again = { ...first, run: "run-b", finishedAtMs: 9 };
  await saveAction(temp.store, again);
  const collection = await results.collect([first]);
  assert.deepEqual(collection.forgotten, [again]);
  assert.deepEqual(await findAction(temp.store, first.fingerprint), first);
});

Deno.test("a budget forgets the oldest results until the others fit", async () => {
  await using temp = await tempStore();
  const results = new Results(temp);
  const used = await results.make("used", "u".repeat(1000));
  for (const step of ["a", "b", "c"]) await results.make(step, step.repeat(10_000));
  const whole = await results.collect([used], 1e6);
  assert.deepEqual([whole.forgotten, whole.objects], [[], 0]);
  const half = await results.collect([used], 50_000);
  assert.deepEqual(stepsOf(half.forgotten), ["a"]);
  assert.ok(half.keptBytes <= 50_000 && half.freedBytes > 10_000);
  const none = await results.collect([used], 0);
  assert.deepEqual(stepsOf(none.forgotten), ["b", "c"]);
  assert.ok(none.keptBytes > 0, "what recent runs used stays even over the budget");
});

Deno.test("a tree that a run goes on with stays although no result names it", async () => {
  await using temp = await tempStore();
  const tree = await temp.put({ "a.txt": "in use" });
  const usage = { results: [], trees: [tree.digest] };
  const plan = await planCollection(temp.store, usage, { budgetBytes: undefined });
  assert.deepEqual(plan.paths, []);
});
