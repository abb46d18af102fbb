// A layout in time proportional to the graph: each step one layer after the last one that it depends on,
// inside a layer near the steps before it, layers too tall broken into columns. Pure.
import {
  type Direction,
  endsOf,
  type Layout,
  type LayoutStep,
  NODE,
  type PlacedNode,
} from "./placed_graph.ts";

interface Placement {
  readonly rank: number;
  /** Mean place of the steps before it, which decides its own. */
  readonly wish: number;
}

/** Places steps, given in an order that respects their dependencies. */
export function layersLayout(steps: readonly LayoutStep[], direction: Direction): Layout {
  const columns = columnsOf(steps);
  const tallest = Math.max(...columns.map((column) => column.length), 1);
  const [along, across] = direction === "right"
    ? [NODE.width + NODE.ranksApart, NODE.height + NODE.apart]
    : [NODE.height + NODE.ranksApart, NODE.width + NODE.apart];
  const nodes = new Map<string, PlacedNode>();
  columns.forEach((column, rank) => {
    column.forEach((name, place) => {
      const main = (rank + 0.5) * along;
      const side = (place + 0.5 + (tallest - column.length) / 2) * across;
      const [x, y] = direction === "right" ? [main, side] : [side, main];
      nodes.set(name, { name, x, y });
    });
  });
  const [length, breadth] = [columns.length * along, tallest * across];
  return {
    direction,
    width: direction === "right" ? length : breadth,
    height: direction === "right" ? breadth : length,
    nodeWidth: NODE.width,
    nodeHeight: NODE.height,
    nodes: [...nodes.values()],
    edges: steps.flatMap(({ name, dependsOn }) =>
      dependsOn.map((from) => ({
        from,
        to: name,
        points: endsOf(nodes.get(from)!, nodes.get(name)!, direction),
      }))
    ),
  };
}

function columnsOf(steps: readonly LayoutStep[]): readonly (readonly string[])[] {
  const placements = new Map<string, Placement>();
  const ranks: string[][] = [];
  for (const { name, dependsOn } of steps) {
    const before = dependsOn.map((from) => placements.get(from)!);
    const rank = Math.max(-1, ...before.map((placement) => placement.rank)) + 1;
    const layer = ranks[rank] ??= [];
    const wish = before.length === 0
      ? layer.length
      : before.reduce((sum, placement) => sum + placement.wish, 0) / before.length;
    placements.set(name, { rank, wish });
    layer.push(name);
  }
  const tallest = Math.max(12, Math.ceil(Math.sqrt(steps.length * 2)));
  return ranks.flatMap((layer) => {
    layer.sort((a, b) => placements.get(a)!.wish - placements.get(b)!.wish);
    const parts = Math.ceil(layer.length / tallest);
    const size = Math.ceil(layer.length / parts);
    return Array.from({ length: parts }, (_, part) => layer.slice(part * size, (part + 1) * size));
  });
}
