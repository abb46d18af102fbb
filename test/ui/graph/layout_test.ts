// Layouts: every step has a place of its own, in the direction of the edges.
import assert from "node:assert/strict";
import { print } from "../../support/print.ts";
import { layoutGraph } from "../../../ui/graph/layout.ts";
import { type LayoutStep, NODE } from "../../../ui/graph/placed_graph.ts";

const step = (name: string, ...dependsOn: string[]): LayoutStep => ({ name, dependsOn });

/** A graph in which each step depends on one or two earlier ones. */
function largeGraph(count: number): readonly LayoutStep[] {
  return Array.from({ length: count }, (_, at) => {
    if (at === 0) return step("s0");
    const before = new Set([`s${Math.floor(at / 4)}`, `s${Math.floor(at / 7)}`]);
    return step(`s${at}`, ...before);
  });
}

function assertOrdered(steps: readonly LayoutStep[], direction: "right" | "down"): void {
  const { nodes, edges, width, height } = layoutGraph(steps, direction);
  const places = new Map(nodes.map((node) => [node.name, node]));
  assert.deepEqual([...places.keys()].sort(), steps.map(({ name }) => name).sort());
  for (const { x, y } of nodes) {
    assert.ok(x >= NODE.width / 2 && x <= width - NODE.width / 2, "inside, across");
    assert.ok(y >= NODE.height / 2 && y <= height - NODE.height / 2, "inside, down");
  }
  for (const { from, to, points } of edges) {
    const [a, b] = [places.get(from)!, places.get(to)!];
    if (direction === "right") assert.ok(a.x + NODE.width < b.x, `${from} is left of ${to}`);
    else assert.ok(a.y + NODE.height < b.y, `${from} is above ${to}`);
    assert.ok(points.length >= 2);
  }
  const cells = new Set(nodes.map(({ x, y }) => `${x} ${y}`));
  assert.equal(cells.size, nodes.length, "no two steps lie on each other");
}

const diamond = [step("a"), step("b", "a"), step("c", "a"), step("d", "b", "c"), step("alone")];

Deno.test("steps lie after the steps that they depend on, in both directions", () => {
  assertOrdered(diamond, "right");
  assertOrdered(diamond, "down");
});

Deno.test("lines meet the middle of the sides that face each other", () => {
  const { nodes, edges } = layoutGraph([step("a"), step("b", "a")], "right");
  const [a, b] = nodes;
  assert.deepEqual(edges[0]?.points.at(0), [a!.x + NODE.width / 2, a!.y]);
  assert.deepEqual(edges[0]?.points.at(-1), [b!.x - NODE.width / 2, b!.y]);
});

Deno.test("the same graph is always drawn the same", () => {
  assert.deepEqual(layoutGraph(diamond, "right"), layoutGraph(diamond, "right"));
});

Deno.test("no step at all is an empty drawing", () => {
  const { nodes, edges } = layoutGraph([], "right");
  assert.deepEqual([nodes, edges], [[], []]);
});

for (const count of [1000, 10_000]) {
  Deno.test(`${count} steps are laid out in order`, () => {
    const steps = largeGraph(count);
    const startedAt = performance.now();
    layoutGraph(steps, "right");
    print(`${count} steps laid out in ${(performance.now() - startedAt).toFixed(0)} ms`);
    assertOrdered(steps, "right");
  });
}
