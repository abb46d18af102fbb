// A graph with a place for every step: what layouts give and the page draws.

/** A step and the steps before it. */
export interface LayoutStep {
  readonly name: string;
  readonly dependsOn: readonly string[];
}

/** Where ranks follow each other. */
export type Direction = "right" | "down";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Centre of a node. */
export interface PlacedNode extends Point {
  readonly name: string;
}

/** A line from the border of one node to that of another, by way of the points between. */
export interface PlacedEdge {
  readonly from: string;
  readonly to: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** A drawn graph; lengths in CSS pixels. */
export interface Layout {
  readonly direction: Direction;
  readonly width: number;
  readonly height: number;
  readonly nodeWidth: number;
  readonly nodeHeight: number;
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
}

/** Size of a node and the space between nodes and between ranks. */
export const NODE = { width: 196, height: 56, apart: 24, ranksApart: 56 } as const;

/** Where a line leaves one node and meets the other: in the middle of the sides that face each other. */
export function endsOf(
  from: Point,
  to: Point,
  direction: Direction,
): readonly [start: readonly [x: number, y: number], end: readonly [x: number, y: number]] {
  return direction === "right"
    ? [[from.x + NODE.width / 2, from.y], [to.x - NODE.width / 2, to.y]]
    : [[from.x, from.y + NODE.height / 2], [to.x, to.y - NODE.height / 2]];
}
