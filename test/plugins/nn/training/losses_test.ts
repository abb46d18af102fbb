// The losses and their gradients on cases that can be computed by hand.
import assert from "node:assert/strict";
import { Graph } from "../../../../plugins/nn/graph/graph.ts";
import { divide } from "../../../../plugins/nn/graph/operators.ts";
import { Tape } from "../../../../plugins/nn/graph/tape.ts";
import { createSession, tensorMaker } from "../../../../plugins/nn/runtime.ts";
import { type LossName, lossOf } from "../../../../plugins/nn/training/losses.ts";

/** Loss and gradient for one image of one row; `logits` is [classes, pixels]. */
async function evaluate(
  logits: readonly (readonly number[])[],
  labels: readonly number[],
  { classWeights = logits.map(() => 1), losses = ["cross-entropy"] }: {
    readonly classWeights?: readonly number[];
    readonly losses?: readonly LossName[];
  } = {},
): Promise<{ loss: number; gradient: Float32Array }> {
  const graph = new Graph();
  const tape = new Tape();
  const shape = [1, classWeights.length, 1, labels.length];
  const x = graph.input("logits", "float32", shape);
  const label = graph.input("label", "uint8", [1, 1, labels.length]);
  const { total, weight } = lossOf(x, label, { losses, classWeights, tape });
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
  const { loss, gradient } = await evaluate([[Math.log(3), 0], [0, 0]], [0, 1]);
  assertNear([loss], [(Math.log(4 / 3) + Math.log(2)) / 2]);
  assertNear(gradient, [(3 / 4 - 1) / 2, 1 / 4, 1 / 8, -1 / 4]);
});

Deno.test("a pixel without a label changes neither the loss nor its gradient", async () => {
  const { loss, gradient } = await evaluate([[0, 9], [0, 4]], [1, 255]);
  assertNear([loss], [Math.log(2)]);
  assertNear(gradient, [1 / 2, 0, -1 / 2, 0]);
});

Deno.test("class weights make a weighted mean", async () => {
  const { loss } = await evaluate([[Math.log(3), 0], [0, 0]], [0, 1], { classWeights: [1, 3] });
  assertNear([loss], [(Math.log(4 / 3) + 3 * Math.log(2)) / 4]);
});

Deno.test("a batch without any label has loss zero and no gradient", async () => {
  const { loss, gradient } = await evaluate([[1, 2], [3, 4]], [255, 255]);
  assertNear([loss, ...gradient], [0, 0, 0, 0, 0]);
});

Deno.test("a class of weight 0 counts as no label, in every loss", async () => {
  for (const losses of [["cross-entropy"], ["dice"], ["focal"]] as const) {
    const logits = [[1, 3], [2, -1], [0, 1]];
    const without = await evaluate(logits, [1, 255], { classWeights: [0, 1, 1], losses });
    const ignored = await evaluate(logits, [1, 0], { classWeights: [0, 1, 1], losses });
    assertNear([ignored.loss, ...ignored.gradient], [without.loss, ...without.gradient]);
    assertNear([1, 3, 5].map((at) => ignored.gradient[at]!), [0, 0, 0]);
  }
});

Deno.test("Dice is one minus twice the common part over both, one added above and below", async () => {
  const { loss } = await evaluate([[Math.log(3), 0], [0, 0]], [0, 1], { losses: ["dice"] });
  const [first, second] = [(2 * 3 / 4 + 1) / (5 / 4 + 1 + 1), (2 / 2 + 1) / (3 / 4 + 1 + 1)];
  assertNear([loss], [1 - (first + second) / 2]);
});

Deno.test("focal loss is cross-entropy times the square of what is missing to certainty", async () => {
  const { loss } = await evaluate([[Math.log(3), 0], [0, 0]], [0, 1], { losses: ["focal"] });
  assertNear([loss], [(Math.log(4 / 3) / 16 + Math.log(2) / 4) / 2]);
});

Deno.test("several losses are added", async () => {
  const logits = [[1, 3, 0], [2, -1, 1]];
  const one = (name: LossName): ReturnType<typeof evaluate> =>
    evaluate(logits, [0, 1, 255], { losses: [name] });
  const parts = [await one("cross-entropy"), await one("focal"), await one("dice")];
  const all = await evaluate(logits, [0, 1, 255], { losses: ["cross-entropy", "focal", "dice"] });
  assertNear([all.loss], [parts.reduce((sum, { loss }) => sum + loss, 0)]);
  const gradient = [...all.gradient].map((_, at) =>
    parts.reduce((sum, part) => sum + part.gradient[at]!, 0)
  );
  assertNear(all.gradient, gradient);
});

for (const name of ["cross-entropy", "dice", "focal"] as const) {
  Deno.test(`the gradient of ${name} equals finite differences`, async () => {
    const logits = [[0.5, -1, 2, 0], [1, 0.3, -0.4, 1], [-0.2, 0, 0.7, 3]];
    const [labels, options] = [[0, 2, 1, 255], { classWeights: [1, 2, 0.5], losses: [name] }];
    const { gradient } = await evaluate(logits, labels, options);
    const step = 2 ** -7;
    for (const [row, values] of logits.entries()) {
      for (const at of values.keys()) {
        const moved = (by: number): number[][] =>
          logits.with(row, values.with(at, values[at]! + by)) as number[][];
        const [above, below] = [
          await evaluate(moved(step), labels, options),
          await evaluate(moved(-step), labels, options),
        ];
        const expected = (above.loss - below.loss) / (2 * step);
        const error = Math.abs(gradient[row * values.length + at]! - expected);
        assert.ok(error < 1e-4, `${name} at ${row},${at}: off by ${error}`);
      }
    }
  });
}
