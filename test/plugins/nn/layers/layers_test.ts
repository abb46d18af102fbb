// The gradient of every layer equals finite differences.
import assert from "node:assert/strict";
import { Graph } from "../../../../plugins/nn/graph/graph.ts";
import { Tape } from "../../../../plugins/nn/graph/tape.ts";
import { createSession, tensorMaker } from "../../../../plugins/nn/runtime.ts";
import { batchNormRelu } from "../../../../plugins/nn/layers/batch_norm.ts";
import { convolution1x1, convolution3x3 } from "../../../../plugins/nn/layers/convolution.ts";
import {
  addMaps,
  enlarge,
  joinChannels,
  maxPool,
} from "../../../../plugins/nn/layers/resolution.ts";
import { upConvolution } from "../../../../plugins/nn/layers/up_convolution.ts";
import { assertGradients, type Subject } from "../finite_differences.ts";

const options = { name: "layer", channels: 3 };

const LAYERS: Readonly<Record<string, Subject>> = {
  "3×3 convolution": {
    shape: [2, 2, 3, 4],
    layer: (network, x) => convolution3x3(network, x, options),
  },
  "1×1 convolution": {
    shape: [2, 2, 3, 2],
    layer: (network, x) => convolution1x1(network, x, options),
  },
  "up-convolution": {
    shape: [2, 2, 3, 2],
    layer: (network, x) => upConvolution(network, x, options),
  },
  "batch normalisation with ReLU": {
    shape: [2, 2, 3, 4],
    // Far enough from where ReLU bends that no difference crosses it.
    value: (index) => ((index * 29) % 48) / 8 - (index % 3),
    layer: (network, x) => batchNormRelu(network, x, "layer"),
  },
  "maximum pooling": {
    shape: [2, 2, 4, 4],
    // All distinct, so that a small step changes no maximum.
    value: (index) => ((index * 37) % 64) / 8,
    layer: (network, x) => maxPool(network, x),
  },
  "doubled pixels": { shape: [2, 2, 2, 3], layer: (network, x) => enlarge(network, x) },
  "added maps, with one part used twice": {
    shape: [2, 3, 2, 2],
    layer: (network, x) => addMaps(network, x, convolution1x1(network, x, options)),
  },
  "joined channels, with one part used twice": {
    shape: [2, 2, 2, 3],
    layer: (network, x) => joinChannels(network, [x, convolution1x1(network, x, options), x]),
  },
};

Deno.test("equal maxima share the gradient of their pool", async () => {
  const graph = new Graph();
  const tape = new Tape();
  const parameter = (): never => assert.fail("pooling has no weights");
  const x = graph.input("x", "float32", [1, 1, 2, 4]);
  tape.watch(x);
  const learning = { tape, observe: () => {} };
  const y = maxPool({ graph, parameter, statistic: parameter, learning }, x);
  tape.accumulate(y, graph.floats([8, 12], [1, 1, 1, 2]));
  tape.backward();
  graph.output("gradient", tape.gradientOf(x));
  await using session = await createSession(graph.encode(18), { threads: 1, weights: "fed" });
  const makeTensor = await tensorMaker();
  const image = makeTensor(Float32Array.of(5, 5, 1, 9, 5, 5, 9, 9), [1, 1, 2, 4]);
  const { gradient } = await session.run({ x: image }, ["gradient"]);
  assert.deepEqual([...gradient!.data], [2, 2, 0, 4, 2, 2, 4, 4]);
});

for (const [name, subject] of Object.entries(LAYERS)) {
  Deno.test(`the gradients of ${name} equal finite differences`, () => assertGradients(subject));
}
