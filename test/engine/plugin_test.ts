// The types that a plugin's declaration gives to what its `run` is given.
import assert from "node:assert/strict";
import { definePlugin, type InputItem, z } from "../../engine/plugin.ts";
import { NOBODY_LISTENS } from "../support/run_plugin.ts";

Deno.test("an input is a folder, perhaps none, or a list, as it is declared", async () => {
  const port = { type: "model", description: "" };
  const plugin = definePlugin({
    name: "types",
    kind: "other",
    description: "",
    version: 1,
    config: z.strictObject({}),
    inputs: {
      one: port,
      maybe: { ...port, optional: true },
      many: { ...port, many: true },
      anyMany: { ...port, many: true, optional: true },
    },
    outputs: {},
    run({ inputs }): void {
      const one: string = inputs.one.path;
      const maybe: string | undefined = inputs.maybe?.path;
      const many: readonly InputItem[] = inputs.many;
      assert.deepEqual([one, maybe, many[0]?.matrix["lr"], inputs.anyMany.length], [
        "/one",
        undefined,
        0.001,
        0,
      ]);
    },
  });
  const item = { path: "/a", type: "model", name: "a[lr=0.001]", matrix: { lr: 0.001 } };
  await plugin.run?.({
    config: {},
    inputs: { one: { path: "/one", type: "model" }, maybe: undefined, many: [item], anyMany: [] },
    outputs: {},
    lease: { cpus: 1, memoryBytes: 1, gpus: [], gpuMemoryBytes: 0 },
    ...NOBODY_LISTENS,
  });
});
