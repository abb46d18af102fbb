// Where the steps of a graph are drawn: by dagre for graphs that people read, in plain layers for those
// that are too large for it. Pure.
import { graphlib, layout as runDagre } from "@dagrejs/dagre";
import { layersLayout } from "./layers_layout.ts";
import {
  type Direction,
  endsOf,
  type Layout,
  type LayoutStep,
  NODE,
  type Point,
} from "./placed_graph.ts";

/** Above this dagre takes longer than people wait. */
const MOST_FOR_DAGRE = 300;

/** Places the steps of a graph. */
export function layoutGraph(steps: readonly LayoutStep[], direction: Direction): Layout {
  return steps.length > MOST_FOR_DAGRE
    ? layersLayout(steps, direction)
    : dagreLayout(steps, direction);
}

function dagreLayout(steps: readonly LayoutStep[], direction: Direction): Layout {
  const graph = new graphlib.Graph();
  graph.setGraph({
    rankdir: direction === "right" ? "LR" : "TB",
    nodesep: NODE.apart,
    ranksep: NODE.ranksApart,
  });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { name } of steps) graph.setNode(name, { width: NODE.width, height: NODE.height });
  for (const { name, dependsOn } of steps) {
    for (const from of dependsOn) graph.setEdge(from, name);
  }
  runDagre(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return {
    direction,
    width,
    height,
    nodeWidth: NODE.width,
    nodeHeight: NODE.height,
    nodes: steps.map(({ name }) => {
      const { x, y } = graph.node(name) as Point;
      return { name, x, y };
    }),
    edges: graph.edges().map(({ v: from, w: to }) => {
      const { points } = graph.edge(from, to) as { points: Point[] };
      const between = points.slice(1, -1).map(({ x, y }) => [x, y] as const);
      const [start, end] = endsOf(
        graph.node(from) as Point,
        graph.node(to) as Point,
        direction,
      );
      return { from, to, points: [start, ...between, end] };
    }),
  };
}
