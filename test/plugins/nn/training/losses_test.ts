// The loss and its gradient on cases that can be computed by hand.
import assert from "node:assert/strict";
import { Graph } from "../../../../plugins/nn/graph/graph.ts";
import { divide } from "../../../../plugins/nn/graph/operators.ts";
import { Tape } from "../../../../plugins/nn/graph/tape.ts";
import { createSession, tensorMaker } from "../../../../plugins/nn/runtime.ts";
import { crossEntropy } from "../../../../plugins/nn/training/losses.ts";

/** Loss and gradient for one image of one row; `logits` is [classes, pixels]. */
async function evaluate(
  logits: readonly (readonly number[])[],
  labels: readonly number[],
  classWeights: readonly number[],
): Promise<{ loss: number; gradient: Float32Array }> {
  const graph = new Graph();
  const tape = new Tape();
  const shape = [1, classWeights.length, 1, labels.length];
  const x = graph.input("logits", "float32", shape);
  const label = graph.input("label", "uint8", [1, 1, labels.length]);
  const { total, weight } = crossEntropy(x, label, { classWeights, tape });
  graph.output("loss", divide(total, weight));
  graph.output("gradient", tape.gradientOf(x));
  await using session = await createSession(graph.encode(18), { threads: 1, weights: "fed" });
  const makeTensor = await tensorMaker();
  const { loss, gradient } = await session.run({
    logits: makeTensor(Float32Array.from(logits.flat()), shape),
    label: makeTensor(Uint8Array.from(labels), [1, 1, labels.length]),
  }, ["loss", "gradient"]);
  return { loss: Number(loss!.data[0]), gradient: gradient!.data as Float32Array };
}

function assertNear(actual: Iterable<number>, expected: readonly number[]): void {
  const pairs = [...actual].map((value, at) => Math.abs(value - expected[at]!));
  assert.ok(pairs.every((difference) => difference < 1e-6), `${[...actual]}, not ${expected}`);
}

Deno.test("cross-entropy is the mean of -log p of the labelled class", async () => {
  const { loss, gradient } = await evaluate([[Math.log(3), 0], [0, 0]], [0, 1], [1, 1]);
  assertNear([loss], [(Math.log(4 / 3) + Math.log(2)) / 2]);
  assertNear(gradient, [(3 / 4 - 1) / 2, 1 / 4, 1 / 8, -1 / 4]);
});

Deno.test("a pixel without a label changes neither the loss nor its gradient", async () => {
  const { loss, gradient } = await evaluate([[0, 9], [0, 4]], [1, 255], [1, 1]);
  assertNear([loss], [Math.log(2)]);
  assertNear(gradient, [1 / 2, 0, -1 / 2, 0]);
});

Deno.test("class weights make a weighted mean", async () => {
  const { loss } = await evaluate([[Math.log(3), 0], [0, 0]], [0, 1], [1, 3]);
  assertNear([loss], [(Math.log(4 / 3) + 3 * Math.log(2)) / 4]);
});

Deno.test("a batch without any label has loss zero and no gradient", async () => {
  const { loss, gradient } = await evaluate([[1, 2], [3, 4]], [255, 255], [1, 1]);
  assertNear([loss, ...gradient], [0, 0, 0, 0, 0]);
});
