// Divides farmland into long rectangular parcels, each with its crop, furrows and wheel tracks.
import type { Random } from "../random.ts";

/** What grows at a place. */
export interface Crop {
  readonly color: readonly [red: number, green: number, blue: number];
  /** Brightness that furrows and wheel tracks add, about -0.2 to 0.2. */
  readonly furrow: number;
}

/** Farmland in metres. */
export interface Parcels {
  at(x: number, y: number): Crop;
}

interface Parcel {
  readonly color: readonly [number, number, number];
  readonly spacing: number;
  readonly depth: number;
  readonly tracks: boolean;
}

type Division = Parcel | {
  readonly axis: "along" | "across";
  readonly edge: number;
  readonly below: Division;
  readonly above: Division;
};

interface Rectangle {
  readonly along: readonly [number, number];
  readonly across: readonly [number, number];
}

const CROPS: readonly (readonly [number, number, number])[] = [
  [116, 138, 76], // young grain
  [96, 124, 68], // meadow
  [168, 158, 104], // ripening grain
  [190, 174, 128], // stubble
  [142, 120, 94], // ploughed soil
  [164, 142, 114], // dry soil
  [134, 146, 92], // fallow
  [172, 170, 92], // rape after bloom
];
const TRACK_GAP = 18;
const MARGIN = 0.6;

/** Divides a square of `extent` metres. */
export function makeParcels(extent: number, random: Random): Parcels {
  const angle = random() * Math.PI;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const all = {
    along: [-1.5 * extent, 1.5 * extent],
    across: [-1.5 * extent, 1.5 * extent],
  } as const;
  const root = divide(all, random);
  return {
    at(x, y): Crop {
      const [along, across] = [x * cos + y * sin, y * cos - x * sin];
      let division = root;
      let nearest = Infinity;
      while ("axis" in division) {
        const offset = (division.axis === "along" ? along : across) - division.edge;
        nearest = Math.min(nearest, Math.abs(offset));
        division = offset < 0 ? division.below : division.above;
      }
      // A grassy strip runs along every border.
      if (nearest < MARGIN) return { color: [118, 128, 84], furrow: -0.04 };
      return { color: division.color, furrow: furrows(division, across) };
    },
  };
}

/** Halves a rectangle until it is a parcel of 15-70 m by up to 250 m. */
function divide(rectangle: Rectangle, random: Random): Division {
  const { along, across } = rectangle;
  const [length, width] = [along[1] - along[0], across[1] - across[0]];
  const cut = 0.35 + 0.3 * random();
  if (length > 150 + 200 * random()) {
    const edge = along[0] + length * cut;
    return {
      axis: "along",
      edge,
      below: divide({ along: [along[0], edge], across }, random),
      above: divide({ along: [edge, along[1]], across }, random),
    };
  }
  if (width > 25 + 60 * random()) {
    const edge = across[0] + width * cut;
    return {
      axis: "across",
      edge,
      below: divide({ along, across: [across[0], edge] }, random),
      above: divide({ along, across: [edge, across[1]] }, random),
    };
  }
  return plant(random);
}

function plant(random: Random): Parcel {
  const base = CROPS[Math.floor(random() * CROPS.length)] ?? [128, 128, 96];
  const light = 0.88 + 0.24 * random();
  const vary = (value: number): number => value * light * (0.95 + 0.1 * random());
  return {
    color: [vary(base[0]), vary(base[1]), vary(base[2])],
    spacing: 1.6 + 2 * random(),
    depth: random() < 0.3 ? 0.01 : 0.03 + 0.06 * random(),
    tracks: random() < 0.6,
  };
}

function furrows({ spacing, depth, tracks }: Parcel, across: number): number {
  const wave = depth * Math.sin((2 * Math.PI * across) / spacing);
  const inGap = ((across % TRACK_GAP) + TRACK_GAP) % TRACK_GAP;
  const onTrack = tracks && (inGap < 0.5 || (inGap > 2 && inGap < 2.5));
  return wave + (onTrack ? 0.12 : 0);
}
