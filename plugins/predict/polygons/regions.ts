// Finds regions of equal class, connected over pixels' edges, while rows come in from the top. Only
// regions that reach the last row are held.
import { NO_LABEL } from "../../tiles/manifest.ts";
import { Outlines, type Ring } from "./outlines.ts";

/** A connected region. */
export interface Region {
  readonly value: number;
  readonly pixels: number;
  /** Sum of what its pixels cover. */
  readonly area: number;
  /** Its boundary: every ring belongs to it alone, corners may occur twice. */
  readonly rings: readonly Ring[];
}

interface OpenRegion extends Region {
  pixels: number;
  area: number;
  rings: Ring[];
  /** Last row that shows it; -1 once it has been given away. */
  lastRow: number;
  /** The region that this one turned out to be a part of. */
  whole: OpenRegion | undefined;
}

/** Neighbouring pixels of one class in a row. */
interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly region: OpenRegion;
}

/** Takes the rows of an image one by one. */
export class RegionFinder {
  readonly #width: number;
  readonly #outlines: Outlines;
  #row = 0;
  #above: Uint8Array;
  #stretches: readonly Stretch[] = [];

  constructor(width: number) {
    this.#width = width;
    this.#outlines = new Outlines(width);
    this.#above = new Uint8Array(width).fill(NO_LABEL);
  }

  /** Adds a row whose pixels cover so much each; gives the regions that end above it. */
  add(classes: Uint8Array, pixelArea: number): Region[] {
    const above = this.#stretches;
    const below = stretchesOf(classes);
    joinTouching(above, below);
    for (const { start, end, region } of below) {
      const whole = wholeOf(region);
      whole.pixels += end - start;
      whole.area += (end - start) * pixelArea;
      whole.lastRow = this.#row;
    }
    this.#outlines.pass(this.#row, this.#above, classes, (ring, column) => {
      wholeOf(stretchAt(above, column).region).rings.push(ring);
    });
    [this.#above, this.#stretches] = [classes, below];
    this.#row++;
    return ended(above, this.#row - 1);
  }

  /** Gives the regions that reach the last row. */
  finish(): Region[] {
    return this.add(new Uint8Array(this.#width).fill(NO_LABEL), 0);
  }
}

function stretchesOf(classes: Uint8Array): Stretch[] {
  const stretches: Stretch[] = [];
  for (let start = 0, end = 0; start < classes.length; start = end) {
    const value = classes[start]!;
    while (end < classes.length && classes[end] === value) end++;
    if (value === NO_LABEL) continue;
    const region = { value, pixels: 0, area: 0, rings: [], lastRow: 0, whole: undefined };
    stretches.push({ start, end, region });
  }
  return stretches;
}

/** Joins regions of stretches of one class that share an edge. */
function joinTouching(above: readonly Stretch[], below: readonly Stretch[]): void {
  let [a, b] = [0, 0];
  while (a < above.length && b < below.length) {
    const [upper, lower] = [above[a]!, below[b]!];
    const touches = upper.start < lower.end && lower.start < upper.end;
    if (touches && upper.region.value === lower.region.value) join(upper.region, lower.region);
    if (upper.end <= lower.end) a++;
    if (lower.end <= upper.end) b++;
  }
}

function join(one: OpenRegion, other: OpenRegion): void {
  const [first, second] = [wholeOf(one), wholeOf(other)];
  if (first === second) return;
  const [into, part] = first.rings.length < second.rings.length ? [second, first] : [first, second];
  part.whole = into;
  into.pixels += part.pixels;
  into.area += part.area;
  for (const ring of part.rings) into.rings.push(ring);
}

/** Follows a region to the one that it is part of, and shortens the way for the next time. */
function wholeOf(region: OpenRegion): OpenRegion {
  let whole = region;
  while (whole.whole !== undefined) whole = whole.whole;
  for (let part = region; part !== whole;) {
    const next = part.whole ?? whole;
    part.whole = whole;
    part = next;
  }
  return whole;
}

function stretchAt(stretches: readonly Stretch[], column: number): Stretch {
  let [low, high] = [0, stretches.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (stretches[middle]!.end <= column) low = middle + 1;
    else high = middle;
  }
  return stretches[low]!;
}

function ended(stretches: readonly Stretch[], row: number): Region[] {
  const regions: Region[] = [];
  for (const { region } of stretches) {
    const whole = wholeOf(region);
    if (whole.lastRow === row || whole.lastRow < 0) continue;
    whole.lastRow = -1;
    regions.push(whole);
  }
  return regions;
}
