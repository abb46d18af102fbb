// Shows square planes as a look says: cut out and enlarged, turned, flipped, lit.
import type { Look } from "./views.ts";

/** Planes of bytes, one after the other. */
export interface Planes {
  readonly data: Uint8Array;
  /** Pixels; every plane is edge × edge. */
  readonly edge: number;
}

/** Shows an image; writes into `to`, which is as long. */
export function showImage(image: Planes, look: Look, to: Uint8Array): void {
  const { crop, light } = look;
  orient(crop === undefined ? image : enlarge(image, crop), look, to);
  if (light !== undefined) relight(to, light);
}

/** Shows a mask: its values are kept, never mixed. */
export function showMask(mask: Planes, look: Look, to: Uint8Array): void {
  const { crop } = look;
  orient(crop === undefined ? mask : pick(mask, crop), look, to);
}

function orient({ data, edge }: Planes, look: Look, to: Uint8Array): void {
  const { transposed, flipX, flipY } = look;
  const rows = data.length / edge;
  for (let row = 0; row < rows; row++) {
    const [plane, y] = [row - row % edge, row % edge];
    const line = to.subarray(row * edge, (row + 1) * edge);
    const from = flipY ? edge - 1 - y : y;
    if (transposed) {
      for (let x = 0, at = plane * edge + from; x < edge; x++, at += edge) line[x] = data[at]!;
    } else {
      line.set(data.subarray((plane + from) * edge, (plane + from + 1) * edge));
    }
    if (flipX) line.reverse();
  }
}

type Crop = NonNullable<Look["crop"]>;

/** Enlarges a crop, mixing the four pixels around each place by their distance. */
function enlarge({ data, edge }: Planes, crop: Crop): Planes {
  const [columns, lines] = [places(edge, crop.left, crop.edge), places(edge, crop.top, crop.edge)];
  const made = new Uint8Array(data.length);
  let at = 0;
  for (let plane = 0; plane < data.length; plane += edge ** 2) {
    for (const { first: top, second: bottom, share: down } of lines) {
      const [upper, lower] = [plane + top * edge, plane + bottom * edge];
      for (const { first, second, share } of columns) {
        const above = data[upper + first]! * (1 - share) + data[upper + second]! * share;
        const below = data[lower + first]! * (1 - share) + data[lower + second]! * share;
        made[at++] = above * (1 - down) + below * down + 0.5;
      }
    }
  }
  return { data: made, edge };
}

/** Enlarges a crop, taking the nearest pixel at each place. */
function pick({ data, edge }: Planes, crop: Crop): Planes {
  const nearest = (start: number): number[] =>
    places(edge, start, crop.edge).map(({ first, second, share }) => share < 0.5 ? first : second);
  const [columns, lines] = [nearest(crop.left), nearest(crop.top)];
  const made = new Uint8Array(data.length);
  let at = 0;
  for (let plane = 0; plane < data.length; plane += edge ** 2) {
    for (const line of lines) {
      for (const column of columns) made[at++] = data[plane + line * edge + column]!;
    }
  }
  return { data: made, edge };
}

interface Place {
  readonly first: number;
  readonly second: number;
  /** What the second pixel counts; the first counts the rest. */
  readonly share: number;
}

/** For each pixel of the result, the two pixels of the source that its centre lies between. */
function places(edge: number, start: number, length: number): Place[] {
  return Array.from({ length: edge }, (_, index) => {
    const centre = start * edge + (index + 0.5) * length - 0.5;
    const place = Math.min(Math.max(centre, 0), edge - 1);
    const first = Math.floor(place);
    return { first, second: Math.min(first + 1, edge - 1), share: place - first };
  });
}

const MIDDLE = 128;

function relight(pixels: Uint8Array, { contrast, brightness }: NonNullable<Look["light"]>): void {
  const table = Uint8ClampedArray.from(
    { length: 256 },
    (_, value) => (value - MIDDLE) * contrast + MIDDLE + brightness,
  );
  for (let at = 0; at < pixels.length; at++) pixels[at] = table[pixels[at]!]!;
}
