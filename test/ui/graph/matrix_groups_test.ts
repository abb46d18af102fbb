// Matrices as single nodes of the graph, and as many when they are opened.
import assert from "node:assert/strict";
import { viewGraph } from "../../../ui/graph/graph_view.ts";
import { groupMatrices } from "../../../ui/graph/matrix_groups.ts";
import type { LayoutStep } from "../../../ui/graph/placed_graph.ts";

const step = (name: string, ...dependsOn: string[]): LayoutStep => ({ name, dependsOn });

const STEPS = [
  step("tiles"),
  step("model[lr=1]", "tiles"),
  step("model[lr=2]", "tiles"),
  step("scores[lr=1]", "model[lr=1]", "tiles"),
  step("scores[lr=2]", "model[lr=2]", "tiles"),
  step("alone[x=1]", "tiles"),
  step("best", "scores[lr=1]", "scores[lr=2]"),
];

const open = (...names: string[]): ReadonlySet<string> => new Set(names);

Deno.test("the steps of a matrix are one node that counts them", () => {
  const { nodes, matrices } = groupMatrices(STEPS, open());
  assert.deepEqual(nodes, [
    step("tiles"),
    { ...step("model", "tiles"), steps: ["model[lr=1]", "model[lr=2]"] },
    { ...step("scores", "model", "tiles"), steps: ["scores[lr=1]", "scores[lr=2]"] },
    step("alone[x=1]", "tiles"),
    step("best", "scores"),
  ]);
  assert.deepEqual(matrices, [
    { name: "model", count: 2, isOpen: false },
    { name: "scores", count: 2, isOpen: false },
  ]);
});

Deno.test("an opened matrix has a node for each step, the others stay one", () => {
  const { nodes } = groupMatrices(STEPS, open("model"));
  const scores = nodes.find(({ name }) => name === "scores");
  assert.deepEqual(scores?.dependsOn, ["model[lr=1]", "tiles", "model[lr=2]"]);
  assert.equal(nodes.length, 6);
});

Deno.test("a matrix that would wait for itself is opened", () => {
  const steps = [
    step("a[x=1]"),
    step("b", "a[x=1]"),
    step("a[x=2]", "b"),
    step("a[x=3]", "a[x=2]"),
  ];
  const { nodes, matrices } = groupMatrices(steps, open());
  assert.deepEqual(nodes.map(({ name }) => name), steps.map(({ name }) => name));
  assert.deepEqual(matrices, [{ name: "a", count: 3, isOpen: true }]);
});

Deno.test("a node tells the steps that it stands for, whatever the graph's size", () => {
  const many = Array.from({ length: 400 }, (_, at) => step(`s${at}`));
  for (const steps of [STEPS, [...many, ...STEPS]]) {
    const { nodes } = viewGraph(steps, { direction: "down", open: open() });
    assert.deepEqual(nodes.find(({ name }) => name === "model")?.steps?.length, 2);
    assert.equal(nodes.find(({ name }) => name === "tiles")?.steps, undefined);
  }
});
