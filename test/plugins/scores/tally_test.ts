// Counting tile by tile.
import assert from "node:assert/strict";
import { Tally } from "../../../plugins/scores/tally.ts";

const classes = [{ name: "field", color: "#aabb00" }, { name: "wood", color: "#003300" }];

Deno.test("pixels without a label count nowhere, a tile without labels has no scores", () => {
  const tally = new Tally(classes);
  tally.add("half", Uint8Array.of(0, 1, 1, 255), Uint8Array.of(0, 1, 0, 1));
  tally.add("bare", Uint8Array.of(255, 255), Uint8Array.of(0, 1));
  const scores = tally.scores("test");
  assert.equal(scores?.pixels, 3);
  assert.deepEqual(scores?.confusion, [[1, 0], [1, 1]]);
  assert.deepEqual(scores?.tiles, [
    { name: "half", accuracy: 2 / 3, meanIou: 0.5 },
    { name: "bare", accuracy: null, meanIou: null },
  ]);
});

Deno.test("a split without any label has no scores", () => {
  const tally = new Tally(classes);
  tally.add("bare", Uint8Array.of(255), Uint8Array.of(0));
  assert.equal(tally.scores("test"), undefined);
});

Deno.test("a tile's mean IoU leaves out classes that it does not hold", () => {
  const tally = new Tally(classes);
  tally.add("field only", Uint8Array.of(0, 0), Uint8Array.of(0, 0));
  assert.deepEqual(tally.scores("test")?.tiles[0], {
    name: "field only",
    accuracy: 1,
    meanIou: 1,
  });
});
