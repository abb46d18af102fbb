// Draws the steps of a matrix as one node: a graph of models times data sets is read as models and data
// sets. Pure.
import { orderByNeeds } from "../../engine/mod.ts";
import type { LayoutStep } from "./placed_graph.ts";

/** A step of a graph, or all the steps of a matrix. */
export interface GraphNode extends LayoutStep {
  /** Full names of the steps that it stands for; absent where it is one step. */
  readonly steps?: readonly string[];
}

/** A matrix of a graph. */
export interface MatrixView {
  readonly name: string;
  readonly count: number;
  /** Whether its steps have nodes of their own. */
  readonly isOpen: boolean;
}

/** A graph whose matrices are single nodes where that is possible. */
export interface GroupedGraph {
  readonly nodes: readonly GraphNode[];
  readonly matrices: readonly MatrixView[];
}

/**
 * Puts the steps of each matrix into one node, but not those of an `open` one, nor where that would make a
 * circle. Steps come, and nodes are given, in an order that respects their dependencies.
 */
export function groupMatrices(
  steps: readonly LayoutStep[],
  open: ReadonlySet<string>,
): GroupedGraph {
  const members = membersOf(steps);
  if (members.size === 0) return { nodes: steps, matrices: [] };
  const isOpen = new Set(open);
  for (;;) {
    const nodes = nodesOf(steps, (name) => {
      const matrix = matrixOf(name);
      return members.has(matrix) && !isOpen.has(matrix) ? matrix : name;
    });
    const { order, cycles } = orderByNeeds(
      [...nodes.keys()],
      (name) => nodes.get(name)?.dependsOn ?? [],
    );
    if (cycles.length === 0) {
      const matrices = [...members].map(([name, { length: count }]) => ({
        name,
        count,
        isOpen: isOpen.has(name),
      }));
      return { nodes: order.map((name) => withMembers(nodes.get(name)!, members)), matrices };
    }
    for (const name of cycles.flat()) isOpen.add(name);
  }
}

/** Name of the matrix that a step belongs to, or its own. */
function matrixOf(step: string): string {
  const at = step.indexOf("[");
  return at < 0 ? step : step.slice(0, at);
}

/** Full names of the steps of each matrix that has more than one. */
function membersOf(steps: readonly LayoutStep[]): ReadonlyMap<string, readonly string[]> {
  const members = new Map<string, string[]>();
  for (const { name } of steps) {
    const matrix = matrixOf(name);
    const known = members.get(matrix);
    if (known !== undefined) known.push(name);
    else if (matrix !== name) members.set(matrix, [name]);
  }
  return new Map([...members].filter(([, names]) => names.length > 1));
}

function nodesOf(
  steps: readonly LayoutStep[],
  nodeOf: (step: string) => string,
): ReadonlyMap<string, LayoutStep> {
  const needs = new Map<string, Set<string>>();
  for (const { name, dependsOn } of steps) {
    const node = nodeOf(name);
    const known = needs.get(node) ?? new Set();
    for (const before of dependsOn.map(nodeOf)) if (before !== node) known.add(before);
    needs.set(node, known);
  }
  return new Map([...needs].map(([name, before]) => [name, { name, dependsOn: [...before] }]));
}

function withMembers(
  node: LayoutStep,
  members: ReadonlyMap<string, readonly string[]>,
): GraphNode {
  const steps = members.get(node.name);
  return steps === undefined ? node : { ...node, steps };
}
