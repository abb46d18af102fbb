// Graphs as they are handed to ONNX Runtime.
import assert from "node:assert/strict";
import { Graph } from "../../../../plugins/nn/graph/graph.ts";
import { add, multiply, pad, reverse, split } from "../../../../plugins/nn/graph/operators.ts";
import { Tape } from "../../../../plugins/nn/graph/tape.ts";
import { createSession, tensorMaker } from "../../../../plugins/nn/runtime.ts";

/** Runs a graph with one input "x" and gives the named outputs. */
async function run(
  graph: Graph,
  x: readonly number[],
  outputs: readonly string[],
): Promise<number[][]> {
  await using session = await createSession(graph.encode(18), { threads: 1, weights: "fed" });
  const makeTensor = await tensorMaker();
  const results = await session.run(
    { x: makeTensor(Float32Array.from(x), [x.length]) },
    outputs,
  );
  return outputs.map((name) => Array.from(results[name]!.data, Number));
}

Deno.test("an output keeps its name where other nodes use it too", async () => {
  const graph = new Graph();
  const double = multiply(graph.input("x", "float32", [2]), 2);
  graph.output("double", double);
  graph.output("plus one", add(double, 1));
  assert.deepEqual(await run(graph, [1, 5], ["double", "plus one"]), [[2, 10], [3, 11]]);
});

Deno.test("shapes known by name are given by whoever runs the graph", async () => {
  const graph = new Graph();
  graph.output("y", add(graph.input("x", "float32", ["n"]), 1));
  assert.deepEqual(await run(graph, [1, 2, 3], ["y"]), [[2, 3, 4]]);
  assert.deepEqual(await run(graph, [1], ["y"]), [[2]]);
});

Deno.test("padding by a negative count takes elements away", async () => {
  const graph = new Graph();
  graph.output("y", pad(graph.input("x", "float32", [3]), 0, [-1, 2]));
  assert.deepEqual(await run(graph, [1, 2, 3], ["y"]), [[2, 3, 0, 0]]);
});

Deno.test("splitting and reversing keep every element", async () => {
  const graph = new Graph();
  const [first, second] = split(graph.input("x", "float32", [3]), 0, [1, 2]);
  graph.output("first", add(first!, 0));
  graph.output("second", reverse(second!, 0));
  assert.deepEqual(await run(graph, [1, 2, 3], ["first", "second"]), [[1], [3, 2]]);
});

Deno.test("two values of one name are refused", () => {
  const graph = new Graph();
  const x = graph.input("x", "float32", [1]);
  assert.throws(() => graph.input("x", "float32", [1]), /already has a value named "x"/);
  assert.throws(() => graph.output("x", x), /already has a value named "x"/);
});

Deno.test("a tensor that no gradient reaches says so", () => {
  const graph = new Graph();
  const tape = new Tape();
  const x = graph.input("x", "float32", [1]);
  tape.watch(x);
  tape.backward();
  assert.throws(() => tape.gradientOf(x), /No gradient reaches "x"/);
});
