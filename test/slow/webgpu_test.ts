// Training on WebGPU, on whatever adapter ONNX Runtime finds; CI installs one that software imitates, which is
// slow and enough to see that the results are right.
import assert from "node:assert/strict";
import { chooseDevice } from "../../plugins/nn/devices.ts";
import { layoutOf } from "../../plugins/nn/design.ts";
import { choosePrecision, type Precision } from "../../plugins/nn/precision.ts";
import type { Device } from "../../plugins/nn/runtime.ts";
import { createTrainer } from "../../plugins/nn/training/trainer.ts";
import { unet } from "../../plugins/nn/unet.ts";
import { initialWeights } from "../../plugins/nn/weights.ts";
import { seededRandom } from "../../plugins/random.ts";
import { assertClose } from "../plugins/nn/pytorch_reference.ts";

const webgpuIsRequired = Deno.env.get("CAIRN_REQUIRE_WEBGPU") !== undefined;
const webgpuIsHere = await chooseDevice("webgpu").then(() => true, () => false);

Deno.test({
  name: `training steps on webgpu equal those on the processors${
    webgpuIsHere ? "" : " (skipped: ONNX Runtime finds no adapter)"
  }`,
  ignore: !webgpuIsHere && !webgpuIsRequired,
  fn: async () => {
    const [cpu, webgpu] = [await trained("cpu"), await trained("webgpu")];
    assertClose(webgpu.losses, cpu.losses, { what: "losses" });
    assertClose(webgpu.parameters, cpu.parameters, { what: "parameters" });
    assertClose(webgpu.statistics, cpu.statistics, { what: "statistics" });
    const same = cpu.predicted.filter((land, at) => land === webgpu.predicted[at]).length;
    assert.ok(same > 0.999 * cpu.predicted.length, `${same} of ${cpu.predicted.length} pixels`);
  },
});

Deno.test({
  name: `training steps in mixed precision on webgpu are near to those of float32${
    webgpuIsHere ? "" : " (skipped: ONNX Runtime finds no adapter)"
  }`,
  ignore: !webgpuIsHere && !webgpuIsRequired,
  fn: async () => {
    const { precision, why } = await choosePrecision("auto", "webgpu");
    assert.equal(precision, "mixed", why);
    const [single, mixed] = [await trained("webgpu"), await trained("webgpu", { precision })];
    assertClose(mixed.losses, single.losses, { what: "losses", tolerance: 2e-3 });
    assert.notDeepEqual(mixed.losses, single.losses);
    // Of one step: Adam's first steps go by the signs of gradients, which rounding turns where they are near zero.
    const { statistics } = await trained("webgpu", { steps: 1 });
    const first = await trained("webgpu", { precision, steps: 1 });
    assertClose(first.statistics, statistics, { what: "statistics", tolerance: 1e-3 });
  },
});

const BATCH = { count: 2, size: 32, bands: 3, classes: 5, steps: 5 } as const;

async function trained(
  device: Device,
  { precision = "float32", steps = BATCH.steps }: {
    readonly precision?: Precision;
    readonly steps?: number;
  } = {},
): Promise<{
  losses: Float32Array;
  parameters: Float32Array;
  statistics: Float32Array;
  predicted: Uint8Array;
}> {
  const { count, size, bands, classes } = BATCH;
  const architecture = { name: "unet", base: 4, depth: 2, bands, classes } as const;
  await using trainer = await createTrainer({
    design: unet,
    architecture,
    batch: count,
    size,
    normalisation: { mean: [128, 128, 128], deviation: [64, 64, 64] },
    losses: ["cross-entropy", "dice"],
    start: initialWeights(layoutOf(unet, architecture), 1),
    threads: 1,
    device,
    precision,
  });
  const random = seededRandom(3);
  const draw = (length: number, end: number): Uint8Array =>
    Uint8Array.from({ length }, () => end * random());
  const batch = {
    count,
    image: draw(count * bands * size ** 2, 256),
    label: draw(count * size ** 2, classes),
  };
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) losses.push(await trainer.step(batch, 1e-3));
  const { predicted } = await trainer.validate(batch);
  return { losses: Float32Array.from(losses), ...await trainer.weights(), predicted };
}
