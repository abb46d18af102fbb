// The learning rate over the steps of a training.
import assert from "node:assert/strict";
import { learningRateAt, type ScheduleOptions } from "../../../plugins/train/learning_rate.ts";

const STEPS_PER_EPOCH = 4;
const usual: ScheduleOptions = { "learning-rate": 0.8, schedule: "cosine", warmup: 0, epochs: 3 };

function rates(options: Partial<ScheduleOptions>): number[] {
  const steps = Array.from({ length: 3 * STEPS_PER_EPOCH }, (_, step) => step);
  return steps.map((step) => learningRateAt(step, STEPS_PER_EPOCH, { ...usual, ...options }));
}

Deno.test("a constant learning rate stays", () => {
  assert.deepEqual(new Set(rates({ schedule: "constant" })), new Set([0.8]));
});

Deno.test("along a cosine the learning rate begins full, is half in the middle and nears zero", () => {
  const cosine = rates({});
  assert.equal(cosine[0], 0.8);
  assert.ok(Math.abs(cosine[6]! - 0.4) < 1e-12);
  assert.ok(cosine.at(-1)! > 0 && cosine.at(-1)! < 0.02);
  assert.deepEqual(cosine, cosine.toSorted((a, b) => b - a));
});

Deno.test("a warm-up rises in equal steps, then the schedule begins with the full rate", () => {
  const warmed = rates({ warmup: 1 });
  const expected = [0.16, 0.32, 0.48, 0.64, 0.8];
  expected.forEach((rate, step) => assert.ok(Math.abs(warmed[step]! - rate) < 1e-12));
  assert.ok(Math.abs(warmed[8]! - 0.4) < 1e-12);
});

Deno.test("a warm-up may be a part of an epoch", () => {
  const warmed = rates({ warmup: 0.5, schedule: "constant" });
  assert.ok(warmed[1]! < 0.8);
  assert.equal(warmed[2], 0.8);
});
