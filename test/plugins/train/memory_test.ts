// What is said before training that may not fit.
import assert from "node:assert/strict";
import { StepError } from "../../../engine/plugin.ts";
import { checkMemory } from "../../../plugins/train/memory.ts";

const GIB = 2 ** 30;
const machineBytes = 64 * GIB;
const step = {
  architecture: { name: "unet", base: 16, depth: 4, bands: 3, classes: 5 },
  size: 512,
  batch: 8,
  parameters: 1_942_645,
} as const;

Deno.test("training that fits is not remarked on", () => {
  assert.equal(checkMemory(step, { grantedBytes: 8 * GIB, machineBytes }), undefined);
});

Deno.test("training that may not fit into what was granted is told which batch would", () => {
  assert.equal(
    checkMemory(step, { grantedBytes: 2 * GIB, machineBytes }),
    'Training may take 4.7 GiB, the step was granted 2.0 GiB: raise "memory" in its resources or ' +
      'set "batch" to 3',
  );
});

Deno.test("where not even one tile fits, smaller ones or fewer channels are proposed", () => {
  const warning = checkMemory(step, { grantedBytes: GIB / 2, machineBytes });
  assert.match(warning!, /or lower "base" or prepare smaller tiles$/);
});

Deno.test("a batch that the machine cannot hold is refused with one that it can", () => {
  assert.throws(
    () => checkMemory(step, { grantedBytes: 2 * GIB, machineBytes: 3 * GIB }),
    (error) => {
      assert.ok(error instanceof StepError);
      assert.equal(error.message, "Training would take 4.7 GiB, this machine has 3.0 GiB");
      assert.equal(error.hint, 'Set "batch" to 4');
      return true;
    },
  );
});
