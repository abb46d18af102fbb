// The U-Net computes what PyTorch computed when the stored reference was made.
import { parityCases } from "./pytorch_parity.ts";
import { readReference, referenceIsMissing, referenceSkipped } from "./pytorch_reference.ts";

for (const [name, run] of Object.entries(parityCases)) {
  Deno.test({
    name: `${name}${referenceSkipped}`,
    ignore: referenceIsMissing,
    fn: async () => run(await readReference()),
  });
}
