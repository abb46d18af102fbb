// The pass that lets a graph compute in mixed precision: what computes in float16, what stays in float32, and that
// nothing is converted twice.
import assert from "node:assert/strict";
import { Graph, type Tensor } from "../../../../plugins/nn/graph/graph.ts";
import { multiply, productWithTransposed, sum } from "../../../../plugins/nn/graph/operators.ts";
import { inHalfPrecision } from "../../../../plugins/nn/onnx/half_precision.ts";
import { encodeModel, type OnnxModel, typeCode } from "../../../../plugins/nn/onnx/model.ts";
import { createSession, tensorMaker } from "../../../../plugins/nn/runtime.ts";
import { unet } from "../../../../plugins/nn/unet.ts";
import { assertClose } from "../pytorch_reference.ts";

const ANY_SUM = { longestSum: Infinity };

/** Two convolutions of [1, 1, 4, 4] with a weight [1, 1, 1, 1], ReLU and a pool between them, and the sum of all. */
function convolutions(): Graph {
  const graph = new Graph();
  const weight = graph.input("weight", "float32", [1, 1, 1, 1]);
  const maps = graph.node("Conv", [graph.input("x", "float32", [1, 1, 4, 4]), weight], {
    shape: [1, 1, 4, 4],
  });
  const positive = graph.node("Relu", [maps], { shape: maps.shape });
  const attributes = { kernel_shape: [2, 2], strides: [2, 2] };
  const pooled = graph.node("MaxPool", [positive], { shape: [1, 1, 2, 2], attributes });
  const y = graph.node("Conv", [pooled, weight], { shape: pooled.shape });
  graph.output("y", y);
  graph.output("total", sum(y, [0, 1, 2, 3]));
  return graph;
}

/** Operators in order; a conversion with what it makes. */
function operators({ nodes }: OnnxModel): string[] {
  return nodes.map(({ operator, attributes }) => {
    if (operator !== "Cast") return operator;
    return attributes.to === typeCode("float16") ? "to float16" : "to float32";
  });
}

async function run(model: OnnxModel): Promise<Record<"y" | "total", Float32Array>> {
  await using session = await createSession(encodeModel(model), { threads: 1, weights: "fed" });
  const makeTensor = await tensorMaker();
  const x = Float32Array.from({ length: 16 }, (_, at) => Math.sin(at));
  const { y, total } = await session.run({
    x: makeTensor(x, [1, 1, 4, 4]),
    weight: makeTensor(Float32Array.of(1 / 3), [1, 1, 1, 1]),
  }, ["y", "total"]);
  return { y: y!.data as Float32Array, total: total!.data as Float32Array };
}

Deno.test("convolutions and what lies between them compute in float16, a sum in float32", () => {
  const half = inHalfPrecision(convolutions().model(18), ANY_SUM);
  assert.deepEqual(operators(half), [
    ...["to float16", "to float16", "Conv", "Relu", "MaxPool", "Conv"],
    ...["to float32", "ReduceSum"],
  ]);
  const types = [...half.inputs, ...half.outputs].map(({ type }) => type);
  assert.deepEqual(types, ["float32", "float32", "float32", "float32"]);
});

Deno.test("the rewritten graph computes the same within the rounding of float16", async () => {
  const model = convolutions().model(18);
  const [single, half] = [await run(model), await run(inHalfPrecision(model, ANY_SUM))];
  for (const name of ["y", "total"] as const) {
    assertClose(half[name], single[name], { what: name, tolerance: 2e-3 });
  }
});

Deno.test("sums that are longer than the device adds up well in float16 stay in float32", () => {
  const graph = new Graph();
  const [a, b] = ["a", "b"].map((name) => graph.input(name, "float32", [4, 100]));
  graph.output("y", productWithTransposed(a!, b!));
  const model = graph.model(18);
  assert.ok(!operators(inHalfPrecision(model, { longestSum: 99 })).includes("to float16"));
  assert.ok(operators(inHalfPrecision(model, { longestSum: 100 })).includes("to float16"));
});

Deno.test("a number that float16 does not hold keeps what is computed with it in float32", () => {
  const factors = (factor: number): string[] => {
    const graph = new Graph();
    const x = graph.input("x", "float32", [1, 1, 4, 4]);
    graph.output("y", multiply(graph.node("Conv", [x, x], { shape: [1, 1, 1, 1] }), factor));
    return operators(inHalfPrecision(graph.model(18), ANY_SUM));
  };
  assert.deepEqual(factors(0.5), ["to float16", "Conv", "Mul", "to float32"]);
  assert.deepEqual(factors(1e-8), ["to float16", "Conv", "to float32", "Mul"]);
});

Deno.test("in a U-Net nothing is converted twice, nor to and fro", () => {
  const graph = new Graph();
  const weight = (name: string, shape: readonly number[]): Tensor =>
    graph.input(name, "float32", shape);
  const architecture = { name: "unet", base: 4, depth: 2, bands: 3, classes: 5 };
  const image = graph.input("image", "float32", [1, 3, 16, 16]);
  const network = {
    graph,
    parameter: weight,
    statistic: (name: string, channels: number) => weight(name, [channels]),
  };
  graph.output("logits", unet.build(network, image, architecture));
  const { nodes } = inHalfPrecision(graph.model(18), ANY_SUM);
  const casts = nodes.filter(({ operator }) => operator === "Cast");
  const convolutions = nodes.filter(({ operator }) => operator.startsWith("Conv"));
  assert.ok(casts.length > convolutions.length);
  const conversions = casts.map(({ inputs, attributes }) => `${inputs[0]} to ${attributes.to}`);
  assert.equal(new Set(conversions).size, conversions.length);
  const converted = new Set(casts.map(({ outputs }) => outputs[0]!));
  assert.deepEqual(casts.filter(({ inputs }) => converted.has(inputs[0]!)), []);
});
