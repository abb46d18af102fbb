// Checks gradients that a graph computes against differences of the function that it computes.
import assert from "node:assert/strict";
import { Graph, type Tensor } from "../../../plugins/nn/graph/graph.ts";
import { multiply, sum } from "../../../plugins/nn/graph/operators.ts";
import { Tape } from "../../../plugins/nn/graph/tape.ts";
import type { Network } from "../../../plugins/nn/layers/network.ts";
import { createSession, tensorMaker } from "../../../plugins/nn/runtime.ts";
import { seededRandom } from "../../../plugins/random.ts";

/** A layer under test. */
export interface Subject {
  /** Shape of the layer's input "x"; its gradient is checked like those of the parameters. */
  readonly shape: readonly number[];
  /** Applies the layer. */
  readonly layer: (network: Network, x: Tensor) => Tensor;
  /** Values of the input at an index; random in [-1, 1] unless said. */
  readonly value?: (index: number) => number;
}

const STEP = 2 ** -6;
const TOLERANCE = 2e-3;

/** Requires that every gradient of Σ y·w, w random, equals the central difference at every element. */
export async function assertGradients(subject: Subject): Promise<void> {
  const { graph, shapes } = build(subject);
  await using session = await createSession(graph.encode(18), { threads: 1, weights: "fed" });
  const makeTensor = await tensorMaker();
  const random = seededRandom(7);
  const values = new Map(
    [...shapes].map(([name, shape]) => {
      const length = shape.reduce((product, edge) => product * edge, 1);
      const draw = (_: unknown, index: number): number =>
        name === "x" && subject.value ? subject.value(index) : 2 * random() - 1;
      return [name, Float32Array.from({ length }, draw)];
    }),
  );
  const run = async (wanted: string): Promise<Float32Array> => {
    const feeds = Object.fromEntries(
      [...values].map(([name, data]) => [name, makeTensor(data, shapes.get(name)!)]),
    );
    return (await session.run(feeds, [wanted]))[wanted]!.data as Float32Array;
  };
  for (const [name, data] of values) {
    if (name === "w") continue;
    const computed = await run(`gradient.${name}`);
    for (let at = 0; at < data.length; at++) {
      const middle = data[at]!;
      const [above, below] = [middle + STEP, middle - STEP];
      data[at] = above;
      const [upper] = await run("total");
      data[at] = below;
      const [lower] = await run("total");
      data[at] = middle;
      const expected = (upper! - lower!) / (above - below);
      const error = Math.abs(computed[at]! - expected);
      const allowed = TOLERANCE * Math.max(1, Math.abs(expected));
      assert.ok(error <= allowed, `gradient of ${name}[${at}]: ${computed[at]}, not ${expected}`);
    }
  }
}

function build(subject: Subject): { graph: Graph; shapes: Map<string, readonly number[]> } {
  const graph = new Graph();
  const tape = new Tape();
  const shapes = new Map<string, readonly number[]>();
  const watched = new Map<string, Tensor>();
  const parameter = (name: string, shape: readonly number[]): Tensor => {
    const tensor = graph.input(name, "float32", shape);
    tape.watch(tensor);
    shapes.set(name, shape);
    watched.set(name, tensor);
    return tensor;
  };
  const statistic = (_: string, channels: number): Tensor =>
    graph.floats(new Array<number>(channels).fill(1));
  const x = parameter("x", subject.shape);
  const y = subject.layer(
    { graph, parameter, statistic, learning: { tape, observe: () => {} } },
    x,
  );
  const shape = y.shape.map(Number);
  shapes.set("w", shape);
  const w = graph.input("w", "float32", shape);
  graph.output("total", sum(multiply(y, w), shape.map((_, axis) => axis)));
  tape.accumulate(y, w);
  tape.backward();
  for (const [name, tensor] of watched) graph.output(`gradient.${name}`, tape.gradientOf(tensor));
  return { graph, shapes };
}
