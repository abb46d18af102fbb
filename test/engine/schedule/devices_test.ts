// What the driver's tool says about GPUs.
import assert from "node:assert/strict";
import { parseGpuList, visibleGpus } from "../../../engine/schedule/devices.ts";

// As nvidia-smi 550 prints them.
const RECORDED = `0, GPU-8f6f7a2e-3b1c-5d47-9a60-1f2e3d4c5b6a, NVIDIA H100 80GB HBM3, 81559
1, GPU-1c0de2aa-77aa-0b1f-6f2d-0a9b8c7d6e5f, Tesla T4, 15360
`;

Deno.test("each line of the driver's tool is a GPU", () => {
  assert.deepEqual(parseGpuList(RECORDED), [
    {
      id: "0",
      uuid: "GPU-8f6f7a2e-3b1c-5d47-9a60-1f2e3d4c5b6a",
      name: "NVIDIA H100 80GB HBM3",
      memoryBytes: 81559 * 2 ** 20,
    },
    {
      id: "1",
      uuid: "GPU-1c0de2aa-77aa-0b1f-6f2d-0a9b8c7d6e5f",
      name: "Tesla T4",
      memoryBytes: 15360 * 2 ** 20,
    },
  ]);
});

Deno.test("what is no GPU is left out", () => {
  for (
    const text of [
      "",
      "No devices were found\n",
      "0, GPU-1c0de2aa, NVIDIA H100\n",
      "0, GPU-1c0de2aa, NVIDIA GH200, [N/A]\n",
      "index, uuid, name, memory.total [MiB]\n",
      "GPU-1c0de2aa, 0, NVIDIA H100, 81559\n",
    ]
  ) assert.deepEqual(parseGpuList(text), [], JSON.stringify(text));
});

Deno.test("GPUs that CUDA_VISIBLE_DEVICES hides do not count, as CUDA reads it", () => {
  const visible = (variable: string | undefined): readonly string[] =>
    visibleGpus(parseGpuList(RECORDED), variable).map(({ id }) => id);
  assert.deepEqual(visible(undefined), ["0", "1"]);
  assert.deepEqual(visible("1, 0"), ["1", "0"]);
  assert.deepEqual(visible("GPU-1c0d"), ["1"]);
  assert.deepEqual(visible(""), []);
  assert.deepEqual(visible("0,-1,1"), ["0"]);
});
