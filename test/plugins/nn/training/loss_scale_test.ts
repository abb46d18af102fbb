// The loss scale of mixed precision from step to step.
import assert from "node:assert/strict";
import {
  FIRST_SCALE,
  isSkipped,
  type LossScale,
  nextScale,
} from "../../../../plugins/nn/training/loss_scale.ts";

function after(steps: number, from: LossScale = FIRST_SCALE): LossScale {
  let scale = from;
  for (let step = 0; step < steps; step++) scale = nextScale(scale, false);
  return scale;
}

Deno.test("an overflow halves the scale, and its step is left out", () => {
  assert.ok(isSkipped(FIRST_SCALE, true));
  assert.ok(!isSkipped(FIRST_SCALE, false));
  assert.deepEqual(nextScale(after(100), true), { scale: 2 ** 14, goodSteps: 0 });
});

Deno.test("two thousand steps without overflow double the scale; an overflow starts them anew", () => {
  assert.deepEqual(after(1999), { scale: 2 ** 15, goodSteps: 1999 });
  assert.deepEqual(after(2000), { scale: 2 ** 16, goodSteps: 0 });
  assert.equal(after(1999, nextScale(after(1999), true)).scale, 2 ** 14);
});

Deno.test("what overflows unscaled is a network that diverges, whose step is taken", () => {
  const unscaled = { scale: 1, goodSteps: 0 };
  assert.ok(!isSkipped(unscaled, true));
  assert.equal(nextScale(unscaled, true).scale, 1);
});
