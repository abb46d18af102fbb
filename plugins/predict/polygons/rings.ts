// Makes valid polygons of outlines: rings that touch themselves at a corner are taken apart there, and
// the one that runs around the outside comes first.
import type { Ring } from "./outlines.ts";

/** Rings of one polygon: first the outer one, then its holes; none meets a corner twice. */
export type PolygonRings = readonly Ring[];

/** Sorts the outlines of one connected region into a polygon's rings. */
export function polygonRings(outlines: readonly Ring[]): PolygonRings {
  const simple = outlines.flatMap((ring) => takeApart(ring));
  // On the screen, rows run down: there the outer ring turns left and has a negative area.
  const outer = simple.findIndex((ring) => doubleArea(ring) < 0);
  return [simple[outer]!, ...simple.filter((_, index) => index !== outer)];
}

/** Cuts a ring at each corner that it meets twice. */
function takeApart(ring: Ring): Ring[] {
  const rings: Ring[] = [];
  const seen = new Map<number, number>();
  const open: number[] = [];
  for (let at = 0; at < ring.length; at += 2) {
    const [x, y] = [ring[at]!, ring[at + 1]!];
    const corner = x * 2 ** 26 + y;
    const before = seen.get(corner);
    if (before !== undefined) {
      const loop = open.splice(before);
      for (let place = 2; place < loop.length; place += 2) {
        seen.delete(loop[place]! * 2 ** 26 + loop[place + 1]!);
      }
      rings.push(Int32Array.from(loop));
    }
    seen.set(corner, open.length);
    open.push(x, y);
  }
  if (rings.length === 0) return [ring];
  return [...rings, Int32Array.from(open)];
}

/** Twice the area inside, positive where the ring turns right on the screen. */
function doubleArea(ring: Ring): number {
  let sum = 0;
  let [x, y] = [ring.at(-2)!, ring.at(-1)!];
  for (let at = 0; at < ring.length; at += 2) {
    const [nextX, nextY] = [ring[at]!, ring[at + 1]!];
    sum += x * nextY - nextX * y;
    [x, y] = [nextX, nextY];
  }
  return sum;
}
