// Dividing tiles: nothing that belongs together is parted, fractions are met, one seed gives one split.
import assert from "node:assert/strict";
import { StepError } from "../../../engine/plugin.ts";
import { divide, groupOf, readLists } from "../../../plugins/prepare/split.ts";
import { seededRandom } from "../../../plugins/random.ts";
import type { Split } from "../../../plugins/tiles/manifest.ts";

const FRACTIONS = { train: 0.7, val: 0.15, test: 0.15 };

function sizes(splits: ReadonlyMap<string, Split>, units: ReadonlyMap<string, number>): number[] {
  return (["train", "val", "test"] as const).map((split) =>
    [...splits].reduce((sum, [unit, at]) => sum + (at === split ? units.get(unit) ?? 0 : 0), 0)
  );
}

function equalUnits(count: number): Map<string, number> {
  return new Map(Array.from({ length: count }, (_, index) => [`scene_${index}`, 1]));
}

Deno.test("Every split gets a unit where there are at least three", () => {
  for (let count = 3; count < 30; count++) {
    for (const seed of [0, 1, 2]) {
      const units = equalUnits(count);
      const counts = sizes(divide(units, FRACTIONS, seededRandom(seed)), units);
      assert.ok(counts.every((tiles) => tiles > 0), `${count} units: ${counts}`);
    }
  }
});

Deno.test("One unit is for training, the second for validation", () => {
  assert.deepEqual([...divide(equalUnits(1), FRACTIONS, seededRandom(0)).values()], ["train"]);
  const two = [...divide(equalUnits(2), FRACTIONS, seededRandom(0)).values()];
  assert.deepEqual(two, ["train", "val"]);
});

Deno.test("Fractions are met by tiles although units differ in size", () => {
  const units = new Map([["a", 504], ["b", 36], ["c", 90], ["d", 135], ["e", 45], ["f", 54], [
    "g",
    81,
  ]]);
  const [train = 0, val = 0, test = 0] = sizes(divide(units, FRACTIONS, seededRandom(5)), units);
  assert.ok(Math.abs(train / 945 - 0.7) < 0.05, `${train}`);
  assert.ok(Math.abs(val / 945 - 0.15) < 0.05, `${val}`);
  assert.ok(Math.abs(test / 945 - 0.15) < 0.05, `${test}`);
});

Deno.test("A split with fraction 0 gets nothing", () => {
  const units = equalUnits(10);
  const splits = divide(units, { train: 0.8, val: 0.2, test: 0 }, seededRandom(0));
  assert.deepEqual(sizes(splits, units), [8, 2, 0]);
});

Deno.test("The order of the units does not matter, the seed does", () => {
  const units = equalUnits(20);
  const backwards = new Map([...units].reverse());
  const asText = (splits: Map<string, Split>): string => JSON.stringify([...splits].sort());
  const first = asText(divide(units, FRACTIONS, seededRandom(1)));
  assert.equal(asText(divide(backwards, FRACTIONS, seededRandom(1))), first);
  assert.notEqual(asText(divide(units, FRACTIONS, seededRandom(2))), first);
});

Deno.test("A group is what the pattern finds, and finding nothing is an error", () => {
  assert.equal(groupOf("tile3_part12.tif", "^(tile\\d+)_"), "tile3");
  assert.throws(() => groupOf("other.tif", "^(tile\\d+)_"), StepError);
});

Deno.test("Lists may leave out a split but not name a tile twice", async () => {
  const folder = await Deno.makeTempDir({ prefix: "cairn_lists_" });
  try {
    await assert.rejects(readLists(folder), StepError);
    await Deno.writeTextFile(`${folder}/train.txt`, "a_0\r\na_1\n\n");
    await Deno.writeTextFile(`${folder}/test.txt`, "b_0\n");
    assert.deepEqual([...await readLists(folder)], [["a_0", "train"], ["a_1", "train"], [
      "b_0",
      "test",
    ]]);
    await Deno.writeTextFile(`${folder}/val.txt`, "a_1\n");
    await assert.rejects(readLists(folder), /"a_1" is in both train.txt and val.txt/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
