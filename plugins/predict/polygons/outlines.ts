// Follows the edges between pixels of different classes from row to row and closes them into rings.
// A line keeps its own class on its left; where two pixels of a class only touch at a corner, it stays
// with the same pixel, so that every ring belongs to one 4-connected region.
import { NO_LABEL } from "../../tiles/manifest.ts";

/** Corners of a closed line on pixel corners: x, y, x, y and so on; the first is not repeated. */
export type Ring = Int32Array;

/** Hears of a ring and of a column at which the row above shows the class that it belongs to. */
export type OnRing = (ring: Ring, column: number) => void;

interface Point {
  readonly x: number;
  readonly y: number;
  next: Point | undefined;
}

/** One end of an open line. */
interface End {
  point: Point;
  /** The line's other end. */
  partner: End;
}

/**
 * Edges and pixels around a corner, both numbered clockwise from the top: edge g lies between pixel g
 * and pixel g + 1.
 *
 *       0 | 1
 *     3 --+-- 1      edges 0 north, 1 east, 2 south, 3 west; pixels 0 north-west, 1 north-east, ...
 *       3 | 2
 */
const EDGES = 4;

/** Open lines through the corners of one row of corners after the other. */
export class Outlines {
  readonly #width: number;
  /** Lines that end, or begin, with the edge below each corner of the row of corners above. */
  readonly #tails: (End | undefined)[];
  readonly #heads: (End | undefined)[];

  constructor(width: number) {
    this.#width = width;
    this.#tails = Array.from({ length: width + 1 });
    this.#heads = Array.from({ length: width + 1 });
  }

  /** Passes the corners between two rows of classes; outside of the image is {@link NO_LABEL}. */
  pass(y: number, above: Uint8Array, below: Uint8Array, onRing: OnRing): void {
    const tails: (End | undefined)[] = Array.from({ length: EDGES });
    const heads: (End | undefined)[] = Array.from({ length: EDGES });
    let [northWest, southWest] = [NO_LABEL, NO_LABEL];
    for (let x = 0; x <= this.#width; x++) {
      const northEast = above[x] ?? NO_LABEL;
      const southEast = below[x] ?? NO_LABEL;
      if (northWest !== northEast || southWest !== southEast || northWest !== southWest) {
        [tails[0], tails[1], tails[2]] = [this.#tails[x], undefined, undefined];
        [heads[0], heads[1], heads[2]] = [this.#heads[x], undefined, undefined];
        passCorner([northWest, northEast, southEast, southWest], {
          x,
          y,
          tails,
          heads,
          onRing,
        });
        [this.#tails[x], this.#heads[x]] = [tails[2], heads[2]];
        [tails[3], heads[3]] = [tails[1], heads[1]];
      }
      [northWest, southWest] = [northEast, southEast];
    }
  }
}

/** A corner, and the lines at its edges: those of the edges north and west come in, the others go out. */
interface Corner {
  readonly x: number;
  readonly y: number;
  readonly tails: (End | undefined)[];
  readonly heads: (End | undefined)[];
  readonly onRing: OnRing;
}

/** Joins each edge that arrives at a corner with the one by which its line goes on. */
function passCorner(pixels: readonly number[], corner: Corner): void {
  for (let edge = 0; edge < EDGES; edge++) {
    const own = pixels[(edge + 1) % EDGES]!;
    if (own === NO_LABEL || own === pixels[edge]) continue;
    const [left, right] = [pixels[(edge + 2) % EDGES], pixels[(edge + 3) % EDGES]];
    // Around the own pixel, else straight on, else around the pixel on the other side.
    const turn = left !== own ? 1 : right !== own ? 2 : 3;
    connect(edge, (edge + turn) % EDGES, turn === 2 ? undefined : corner, corner);
  }
}

function connect(from: number, to: number, bend: Corner | undefined, corner: Corner): void {
  const { tails, heads, onRing, x, y } = corner;
  const known = (edge: number): boolean => edge === 0 || edge === 3;
  const tail = known(from) ? tails[from] : undefined;
  const head = known(to) ? heads[to] : undefined;
  const point: Point | undefined = bend && { x, y, next: undefined };
  if (point !== undefined && tail !== undefined) {
    tail.point.next = point;
    tail.point = point;
  }
  if (tail !== undefined && head !== undefined) {
    tail.point.next = head.point;
    // Edge 0 has its own pixel on the east, edge 3 has it on the north: both in the row above.
    if (tail.partner === head) onRing(toRing(head.point, tail.point), from === 0 ? x : x - 1);
    else [tail.partner.partner, head.partner.partner] = [head.partner, tail.partner];
  } else if (tail !== undefined) {
    tails[to] = tail;
  } else if (head !== undefined) {
    if (point !== undefined) {
      point.next = head.point;
      head.point = point;
    }
    heads[from] = head;
  } else if (point !== undefined) {
    const begin = { point } as End; // its partner follows at once
    const end = { point, partner: begin };
    begin.partner = end;
    [heads[from], tails[to]] = [begin, end];
  }
}

function toRing(first: Point, last: Point): Ring {
  const corners: number[] = [];
  for (let point = first; point !== last; point = point.next!) corners.push(point.x, point.y);
  corners.push(last.x, last.y);
  return Int32Array.from(corners);
}
