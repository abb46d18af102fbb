// The U-Net computes what PyTorch computes now, on networks and batches that nobody has seen before. Needs a
// Python with torch, named by CAIRN_TORCH_PYTHON; CI has one.
import { drawnCases, parityCases } from "../plugins/nn/pytorch_parity.ts";
import { drawReference, type Reference, torchPython } from "../plugins/nn/pytorch_reference.ts";

const DRAWS = 3;
/** Named by the tests, so that a failure can be drawn again. */
const FIRST_SEED = Math.floor(Math.random() * 1e9);
const drawn: Promise<Reference>[] = [];

for (const [name, run] of Object.entries({ ...parityCases, ...drawnCases })) {
  Deno.test({
    name: `${name}, on new draws${torchPython ? "" : " (skipped: CAIRN_TORCH_PYTHON is not set)"}`,
    ignore: torchPython === undefined,
    fn: async (test) => {
      for (let index = 0; index < DRAWS; index++) {
        const seed = FIRST_SEED + index;
        const reference = await (drawn[index] ??= drawReference(seed));
        await test.step(`seed ${seed}`, () => run(reference));
      }
    },
  });
}
