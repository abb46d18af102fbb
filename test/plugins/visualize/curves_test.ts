// The axes of learning curves.
import assert from "node:assert/strict";
import { textLabel } from "../../../plugins/draw/label.ts";
import { niceTicks } from "../../../plugins/draw/axes.ts";
import { curvesDocument } from "../../../plugins/visualize/curves.ts";

Deno.test("ticks are round numbers that enclose the values", () => {
  assert.deepEqual(niceTicks(0, 0.83, 5), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(niceTicks(1, 12, 6), [0, 2, 4, 6, 8, 10, 12]);
  assert.deepEqual(niceTicks(0, 0.003, 4), [0, 0.001, 0.002, 0.003]);
});

Deno.test("one epoch is drawn as a dot, more as a line", () => {
  const epoch = {
    trainLoss: 0.75,
    valLoss: 0.5,
    valMeanIou: 0.25,
    valIou: [],
    learningRate: 0.001,
    seconds: 1,
    imagesPerSecond: 1,
  };
  const draw = (count: number): string => {
    const epochs = Array.from({ length: count }, (_, index) => ({ ...epoch, epoch: index + 1 }));
    return curvesDocument({ format: "cairn-history/1", classes: [], epochs }, 1, textLabel);
  };
  assert.equal(draw(1).match(/<circle/g)?.length, 3);
  assert.ok(!draw(2).includes("<circle"));
  assert.doesNotMatch(draw(1) + draw(2), /NaN|Infinity|undefined/);
});
