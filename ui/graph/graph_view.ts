// A run's graph as the page draws it: its matrices as one node each, every node with a place.
import { layoutGraph } from "./layout.ts";
import { type GraphNode, groupMatrices, type MatrixView } from "./matrix_groups.ts";
import type { Direction, Layout, LayoutStep, PlacedNode } from "./placed_graph.ts";

/** A node with its place, and the steps that it stands for. */
export type GraphNodeView = PlacedNode & Pick<GraphNode, "steps">;

/** A drawn graph with the matrices that are or can be single nodes. */
export interface GraphView extends Layout {
  readonly nodes: readonly GraphNodeView[];
  readonly matrices: readonly MatrixView[];
}

/** Places steps, those of a matrix as one node unless it is `open`. */
export function viewGraph(
  steps: readonly LayoutStep[],
  { direction, open }: { readonly direction: Direction; readonly open: ReadonlySet<string> },
): GraphView {
  const { nodes, matrices } = groupMatrices(steps, open);
  const members = new Map(nodes.map(({ name, steps }) => [name, steps]));
  const layout = layoutGraph(nodes, direction);
  return {
    ...layout,
    nodes: layout.nodes.map((node) => {
      const steps = members.get(node.name);
      return steps === undefined ? node : { ...node, steps };
    }),
    matrices,
  };
}
