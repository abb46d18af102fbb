// What steps need: what the workflow asks for, else what the plugin wishes and what they took last time.
import assert from "node:assert/strict";
import type { GraphStep } from "../../../engine/graph/graph.ts";
import type { ResourceRequest } from "../../../engine/plugin.ts";
import { needOf } from "../../../engine/run/need.ts";
import type { StepResources } from "../../../engine/workflow/workflow.ts";

const GIBIBYTE = 2 ** 30;
const CAPACITY = {
  cpus: 4,
  memoryBytes: 16 * GIBIBYTE,
  gpus: [{ id: "0", memoryBytes: 24 * GIBIBYTE }],
  tokens: {},
};

function step(wish: ResourceRequest, resources: StepResources = {}): GraphStep {
  return { resolved: { resources: wish }, resources } as unknown as GraphStep; // all that is looked at
}

Deno.test("a plugin's wish is cut down to the machine, what the workflow asks for is not", () => {
  const wish = { cpus: "all", memory: "64GiB", gpus: 1, gpuMemory: "80GiB" } as const;
  assert.deepEqual(needOf(step(wish), CAPACITY), {
    cpus: 4,
    memoryBytes: 16 * GIBIBYTE,
    gpus: 1,
    gpuMemoryBytes: 24 * GIBIBYTE,
    tokens: {},
  });
  const asked = { cpus: 9, memoryBytes: 64 * GIBIBYTE, gpus: 2, gpuMemoryBytes: 80 * GIBIBYTE };
  assert.deepEqual(needOf(step(wish, asked), CAPACITY), { ...asked, tokens: {} });
});

Deno.test("who says how much of a GPU it takes asks for one", () => {
  assert.equal(needOf(step({}, { gpuMemoryBytes: 1 }), CAPACITY).gpus, 1);
  assert.equal(needOf(step({ gpuMemory: "1GiB" }), CAPACITY).gpus, 1);
  assert.equal(needOf(step({ gpuMemory: "1GiB" }, { gpus: 0 }), CAPACITY).gpus, 0);
  assert.equal(needOf(step({}), CAPACITY).gpus, 0);
});

Deno.test("memory of last time is kept with a fifth more, unless the workflow asks for some", () => {
  const memory = (peakMemoryBytes: number, ...from: Parameters<typeof step>): number =>
    needOf(step(...from), CAPACITY, { peakMemoryBytes }).memoryBytes / GIBIBYTE;
  assert.equal(memory(GIBIBYTE, {}), 1.25);
  assert.equal(memory(GIBIBYTE, { memory: "4GiB" }), 4, "at least the plugin's wish");
  assert.equal(memory(5 * GIBIBYTE, { memory: "4GiB" }), 6);
  assert.equal(memory(5 * GIBIBYTE, {}, { memoryBytes: GIBIBYTE }), 1);
  assert.equal(memory(100 * GIBIBYTE, {}), 16, "never more than there is");
  assert.equal(needOf(step({}), CAPACITY).memoryBytes, 0);
});
