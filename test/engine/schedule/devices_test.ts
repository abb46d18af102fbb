// What the driver's tool says about GPUs.
import assert from "node:assert/strict";
import { parseGpuList } from "../../../engine/schedule/devices.ts";

Deno.test("each line of the driver's tool is a GPU", () => {
  assert.deepEqual(parseGpuList("0, NVIDIA H100 80GB HBM3, 81559\n1, Tesla T4, 15360\n"), [
    { id: "0", name: "NVIDIA H100 80GB HBM3", memoryBytes: 81559 * 2 ** 20 },
    { id: "1", name: "Tesla T4", memoryBytes: 15360 * 2 ** 20 },
  ]);
});

Deno.test("what is no GPU is left out", () => {
  for (
    const text of [
      "",
      "No devices were found\n",
      "0, NVIDIA H100\n",
      "0, NVIDIA GH200, [N/A]\n",
      "index, name, memory.total [MiB]\n",
      "GPU-1a2b, NVIDIA H100, 81559\n",
    ]
  ) assert.deepEqual(parseGpuList(text), [], JSON.stringify(text));
});
