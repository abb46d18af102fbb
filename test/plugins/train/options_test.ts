// What options of `train` are refused before anything runs.
import assert from "node:assert/strict";
import { checkTrainOptions, trainOptions } from "../../../plugins/train/options.ts";

/** Option at fault and message. */
function problems(options: Record<string, unknown>): string[] {
  return checkTrainOptions(trainOptions.parse(options))
    .map(({ path, message }) => `${path.join(".")}: ${message}`);
}

Deno.test("options that fit together are not remarked on", () => {
  assert.deepEqual(problems({}), []);
  const sgd = { optimizer: "sgd", momentum: 0, "weight-decay": 1e-4 };
  assert.deepEqual(problems({ ...sgd, warmup: 2, loss: ["dice", "focal"] }), []);
  assert.deepEqual(problems({ warmup: 0, epochs: 1 }), []);
});

Deno.test("momentum without sgd is refused", () => {
  assert.deepEqual(problems({ momentum: 0.9 }), [
    "momentum: It is for the optimizer sgd, not adam",
  ]);
});

Deno.test("a sum with the same loss twice is refused at the second", () => {
  assert.deepEqual(problems({ loss: ["dice", "focal", "dice"] }), [
    'loss.2: Loss "dice" is named twice',
  ]);
});

Deno.test("a warm-up as long as the training is refused", () => {
  assert.deepEqual(problems({ epochs: 5, warmup: 5 }), [
    "warmup: A warm-up of 5 epochs is not over when 5 epochs are",
  ]);
});

Deno.test("mixed precision is refused where it is known beforehand that nothing computes in it", () => {
  assert.deepEqual(problems({ precision: "mixed" }), []);
  assert.deepEqual(problems({ precision: "mixed", device: "cuda" }), []);
  assert.deepEqual(problems({ precision: "mixed", device: "cpu" }), [
    "precision: Mixed precision is for GPUs, not for the device cpu",
  ]);
  assert.deepEqual(problems({ precision: "mixed", runtime: "tfjs" }), [
    "precision: TensorFlow.js computes in float32 here",
  ]);
});
