// The two runtimes, which share no operator, take the same steps from the same weights: TensorFlow.js by itself, and
// with TensorFlow's native library where CAIRN_TENSORFLOW names a folder that has it.
import assert from "node:assert/strict";
import { layoutOf } from "../../../../plugins/nn/design.ts";
import { loadAddon } from "../../../../plugins/nn/tensorflow/addon.ts";
import { loadTensorFlow } from "../../../../plugins/nn/tensorflow/library.ts";
import type { TensorFlow } from "../../../../plugins/nn/tensorflow/tensorflow.ts";
import { createTensorFlowTrainer } from "../../../../plugins/nn/tensorflow/trainer.ts";
import type { LossName } from "../../../../plugins/nn/training/losses.ts";
import type { OptimiserSettings } from "../../../../plugins/nn/training/optimisers.ts";
import {
  type Batch,
  createTrainer,
  type Trainer,
  type TrainerOptions,
} from "../../../../plugins/nn/training/trainer.ts";
import { unet } from "../../../../plugins/nn/unet.ts";
import { initialWeights } from "../../../../plugins/nn/weights.ts";
import { seededRandom } from "../../../../plugins/random.ts";
import { assertClose } from "../pytorch_reference.ts";

const addonFolder = Deno.env.get("CAIRN_TENSORFLOW");
if (addonFolder === undefined) {
  // deno-lint-ignore no-console -- a skipped test says why
  console.log("tests of TensorFlow's native library are skipped: CAIRN_TENSORFLOW names no folder");
}

/** What TensorFlow.js computes by. */
const BACKENDS: Readonly<Record<string, { load: () => Promise<TensorFlow>; ignore: boolean }>> = {
  "TensorFlow.js": { load: () => loadTensorFlow("cpu"), ignore: false },
  "TensorFlow's native library": {
    load: () => loadAddon(addonFolder!).start(),
    ignore: addonFolder === undefined,
  },
};

const [COUNT, SIZE, BANDS, CLASSES, STEPS] = [2, 16, 3, 4, 6] as const;
const architecture = { name: "unet", base: 3, depth: 2, bands: BANDS, classes: CLASSES } as const;

function optionsWith(
  losses: readonly LossName[],
  optimiser: OptimiserSettings,
): TrainerOptions {
  return {
    design: unet,
    architecture,
    batch: COUNT,
    size: SIZE,
    normalisation: { mean: [120, 110, 130], deviation: [60, 65, 70] },
    losses,
    classWeights: [1, 2, 0, 0.5],
    optimiser,
    start: initialWeights(layoutOf(unet, architecture), 5),
    threads: 1,
  };
}

function drawBatch(seed: number): Batch {
  const random = seededRandom(seed);
  const draw = (length: number, end: number): Uint8Array =>
    Uint8Array.from({ length }, () => end * random());
  return {
    count: COUNT,
    image: draw(COUNT * BANDS * SIZE ** 2, 256),
    // One label more than there are classes: no label.
    label: draw(COUNT * SIZE ** 2, CLASSES + 1),
  };
}

const TRAININGS = [
  [["cross-entropy"], { name: "adam", weightDecay: 0, momentum: 0 }, 1e-3],
  [["dice", "cross-entropy"], { name: "adamw", weightDecay: 0.01, momentum: 0 }, 1e-3],
  [["focal"], { name: "sgd", weightDecay: 1e-4, momentum: 0.9 }, 0.01],
] as const;

for (const [backend, { load, ignore }] of Object.entries(BACKENDS)) {
  for (const [losses, optimiser, learningRate] of TRAININGS) {
    const name = `${losses.join(" and ")} with ${optimiser.name}`;
    Deno.test({
      name: `${backend} and ONNX Runtime agree step for step on ${name}`,
      ignore,
      fn: async () => {
        const options = optionsWith(losses, optimiser);
        await using onnx = await createTrainer(options);
        await using tensorflow = createTensorFlowTrainer(await load(), options);
        await assertSameSteps(tensorflow, onnx, learningRate);
      },
    });
  }
}

Deno.test("what one runtime has come to, the other goes on from", async () => {
  const options = optionsWith(["cross-entropy"], { name: "adam", weightDecay: 0, momentum: 0 });
  await using onnx = await createTrainer(options);
  await using tensorflow = createTensorFlowTrainer(await loadTensorFlow("cpu"), options);
  await onnx.step(drawBatch(1), 1e-3);
  const { steps, vectors } = await onnx.state();
  tensorflow.restore({ steps, vectors: structuredClone(vectors) });
  await assertSameState(tensorflow, onnx);
  await onnx.step(drawBatch(2), 1e-3);
  await tensorflow.step(drawBatch(2), 1e-3);
  await assertSameState(tensorflow, onnx);
});

Deno.test("TensorFlow.js gives the same weights bit for bit from the same start", async () => {
  const options = optionsWith(["cross-entropy"], { name: "adam", weightDecay: 0, momentum: 0 });
  const trained = async (): Promise<Float32Array> => {
    await using trainer = createTensorFlowTrainer(await loadTensorFlow("cpu"), options);
    for (let step = 1; step <= 2; step++) await trainer.step(drawBatch(step), 1e-3);
    return (await trainer.weights()).parameters;
  };
  assert.deepEqual(await trained(), await trained());
});

async function assertSameSteps(
  tensorflow: Trainer,
  onnx: Trainer,
  learningRate: number,
): Promise<void> {
  for (let step = 1; step <= STEPS; step++) {
    const batch = drawBatch(step);
    const expected = await onnx.step(batch, learningRate);
    const found = await tensorflow.step(batch, learningRate);
    assert.ok(Math.abs(found - expected) <= 1e-4 * expected, `step ${step}: ${found}, ${expected}`);
  }
  await assertSameState(tensorflow, onnx);
  const batch = drawBatch(99);
  const [expected, found] = [await onnx.validate(batch), await tensorflow.validate(batch)];
  assert.ok(Math.abs(found.lossTotal - expected.lossTotal) <= 1e-4 * expected.lossTotal);
  assert.equal(found.lossWeight, expected.lossWeight);
  const same = expected.predicted.filter((land, at) => land === found.predicted[at]).length;
  assert.ok(same > 0.99 * expected.predicted.length, `${same} pixels`);
}

async function assertSameState(found: Trainer, expected: Trainer): Promise<void> {
  const [made, wanted] = [await found.state(), await expected.state()];
  assert.equal(made.steps, wanted.steps);
  assert.deepEqual(Object.keys(made.vectors).sort(), Object.keys(wanted.vectors).sort());
  for (const [name, vector] of Object.entries(wanted.vectors)) {
    assertClose(made.vectors[name]!, vector, { what: name });
  }
}
