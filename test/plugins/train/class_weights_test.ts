// How much each class counts.
import assert from "node:assert/strict";
import type { Tile } from "../../../plugins/tiles/manifest.ts";
import { type ClassOptions, classWeights } from "../../../plugins/train/class_weights.ts";

const classes = ["field", "road", "water", "snow"];
const tiles = [[50, 2, 8, 0], [10, 2, 8, 0]].map((histogram, index): Tile => ({
  name: `${index}`,
  source: 0,
  x: 0,
  y: 0,
  split: "train",
  histogram,
}));

function weights(options: Partial<ClassOptions>): number[] {
  return classWeights({ "class-weights": "equal", ignore: [], ...options }, { classes, tiles });
}

Deno.test("classes count alike, those that are ignored not at all", () => {
  assert.deepEqual(weights({}), [1, 1, 1, 1]);
  assert.deepEqual(weights({ ignore: ["water"] }), [1, 1, 0, 1]);
});

Deno.test("balanced weights let every class with pixels weigh the same in total", () => {
  const [field, road, water, snow] = weights({ "class-weights": "balanced" });
  const total = 80 / 3;
  [field! * 60, road! * 4, water! * 16].forEach((sum) => assert.ok(Math.abs(sum - total) < 1e-9));
  assert.equal(snow, 1);
});

Deno.test("the pixels of ignored classes do not sway balanced weights", () => {
  const balanced = weights({ "class-weights": "balanced", ignore: ["field"] });
  assert.deepEqual(balanced, [0, 20 / (2 * 4), 20 / (2 * 16), 1]);
});

Deno.test("a table of weights leaves other classes at one", () => {
  assert.deepEqual(weights({ "class-weights": { road: 4, field: 0 } }), [0, 4, 1, 1]);
});

Deno.test("classes that the tiles do not have are refused, all at once", () => {
  assert.throws(() => weights({ "class-weights": { rode: 4, see: 1 } }), {
    message: 'Option "class-weights" names "rode", "see", which the tiles do not have',
    hint: "Their classes are field, road, water, snow",
  });
  assert.throws(() => weights({ ignore: ["sea"] }), /Option "ignore" names "sea"/);
});

Deno.test("fewer than two classes that count are refused", () => {
  assert.throws(
    () => weights({ ignore: ["field", "road"], "class-weights": { water: 0 } }),
    /Training needs two classes that count, not 1/,
  );
});

Deno.test("training tiles without a pixel that counts are refused", () => {
  const snowAndIce = ["field", "snow", "ice"];
  const allField = [{ ...tiles[0]!, histogram: [9, 0, 0] }];
  const options: ClassOptions = { "class-weights": "equal", ignore: ["field"] };
  assert.throws(
    () => classWeights(options, { classes: snowAndIce, tiles: allField }),
    /No pixel of the training tiles is of a class that counts/,
  );
});
