// A loaded model predicts what its graph says, for images of any size.
import assert from "node:assert/strict";
import { inferenceGraph } from "../../../plugins/nn/inference_graph.ts";
import { type ModelCard, writeModelCard } from "../../../plugins/nn/model_artifact.ts";
import { loadPredictor } from "../../../plugins/nn/predictor.ts";
import { createSession, tensorMaker } from "../../../plugins/nn/runtime.ts";
import type { Architecture } from "../../../plugins/nn/design.ts";
import { layoutOf } from "../../../plugins/nn/design.ts";
import { unet } from "../../../plugins/nn/unet.ts";
import { initialWeights } from "../../../plugins/nn/weights.ts";
import { seededRandom } from "../../../plugins/random.ts";

const architecture: Architecture = { name: "unet", base: 4, depth: 2, bands: 2, classes: 3 };
const normalisation = { mean: [120, 90], deviation: [50, 60] };
const model = inferenceGraph({
  design: unet,
  architecture,
  normalisation,
  weights: initialWeights(layoutOf(unet, architecture), 3),
});

const card: ModelCard = {
  format: "cairn-model/1",
  architecture,
  classes: ["a", "b", "c"].map((name) => ({ name, color: "#000000" })),
  tile: 16,
  normalisation,
  training: {
    epochs: 1,
    bestEpoch: 1,
    seed: 3,
    device: "cpu",
    precision: "float32",
    parameters: 0,
    trainTiles: 1,
    valTiles: 1,
    meanIou: 0,
    loss: 0,
  },
};

async function modelFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir({ prefix: "cairn_model_" });
  await Deno.writeFile(`${path}/model.onnx`, model);
  await writeModelCard(path, card);
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

function randomPixels(count: number): Uint8Array {
  const random = seededRandom(1);
  return Uint8Array.from({ length: count }, () => 256 * random());
}

Deno.test("the predicted class is the one with the greatest logit", async () => {
  await using folder = await modelFolder();
  const pixels = randomPixels(2 * 2 * 16 * 8);
  await using session = await createSession(model, { threads: 1, weights: "inside" });
  const makeTensor = await tensorMaker();
  const image = makeTensor(Float32Array.from(pixels), [2, 2, 16, 8]);
  const { logits } = await session.run({ image }, ["logits"]);
  const area = 16 * 8;
  const expected = Uint8Array.from({ length: 2 * area }, (_, at) => {
    const start = Math.floor(at / area) * 3 * area + at % area;
    const values = [0, 1, 2].map((land) => Number(logits!.data[start + land * area]));
    return values.indexOf(Math.max(...values));
  });

  await using predictor = await loadPredictor(folder.path, { threads: 1 });
  const predicted = await predictor.predict(pixels, { count: 2, height: 16, width: 8 });
  assert.deepEqual(predicted, expected);
  assert.ok(new Set(predicted).size > 1, "the example should show more than one class");
});

Deno.test("images whose size is no multiple of 2^depth are mirrored beyond their edge", async () => {
  await using folder = await modelFolder();
  await using predictor = await loadPredictor(folder.path, { threads: 1 });
  const small = randomPixels(2 * 3 * 5);
  // 3×5 grows to 4×8: row 3 shows row 1, columns 5, 6, 7 show columns 3, 2, 1.
  const rows = [0, 1, 2, 1];
  const columns = [0, 1, 2, 3, 4, 3, 2, 1];
  const grown = Uint8Array.from(
    [0, 1].flatMap((band) =>
      rows.flatMap((row) => columns.map((column) => small[(band * 3 + row) * 5 + column]!))
    ),
  );
  const whole = await predictor.predict(grown, { count: 1, height: 4, width: 8 });
  const inside = [0, 1, 2].flatMap((row) => [...whole.subarray(row * 8, row * 8 + 5)]);
  const predicted = await predictor.predict(small, { count: 1, height: 3, width: 5 });
  assert.deepEqual([...predicted], inside);
});

Deno.test("an image of one pixel has a class", async () => {
  await using folder = await modelFolder();
  await using predictor = await loadPredictor(folder.path, { threads: 1 });
  const predicted = await predictor.predict(randomPixels(2), { count: 1, height: 1, width: 1 });
  assert.equal(predicted.length, 1);
});

Deno.test("pixels that do not fit the stated shape are refused", async () => {
  await using folder = await modelFolder();
  await using predictor = await loadPredictor(folder.path, { threads: 1 });
  await assert.rejects(
    predictor.predict(randomPixels(7), { count: 1, height: 2, width: 2 }),
    /1 images of 2×2 pixels in 2 bands are 8 values, not 7/,
  );
});
