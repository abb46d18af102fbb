// The warning before training that may not fit.
import assert from "node:assert/strict";
import { memoryWarning } from "../../../plugins/train/memory.ts";

const GIB = 2 ** 30;
const step = {
  architecture: { name: "unet", base: 16, depth: 4, bands: 3, classes: 5 },
  size: 512,
  batch: 8,
  parameters: 1_942_645,
} as const;

Deno.test("training that fits is not remarked on", () => {
  assert.equal(memoryWarning(step, 8 * GIB), undefined);
});

Deno.test("training that may not fit is told which batch would", () => {
  assert.equal(
    memoryWarning(step, 2 * GIB),
    'Training may take 4.0 GiB, the step was granted 2.0 GiB: raise "memory" in its resources or ' +
      'set "batch" to 3',
  );
});

Deno.test("where not even one tile fits, smaller tiles are proposed", () => {
  assert.match(memoryWarning(step, GIB / 2)!, /or prepare smaller tiles$/);
});
