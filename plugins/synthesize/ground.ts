// Gives every pixel its colour in even light: parcels with furrows, crowns, water, asphalt, roofs.
import type { Random } from "../random.ts";
import type { Landscape } from "./landscape.ts";
import { fractalNoise, mix, smoothNoise } from "./noise.ts";
import { makeParcels, type Parcels } from "./parcels.ts";

type Color = readonly [red: number, green: number, blue: number];

const ROOFS: readonly Color[] = [
  [158, 82, 62],
  [128, 62, 52],
  [112, 98, 90],
  [150, 148, 146],
  [92, 84, 82],
];
const ASPHALT: Color = [134, 132, 130];
const GRAVEL: Color = [186, 172, 146];
const WATER: Color = [46, 66, 70];
const WOODS: readonly Color[] = [[66, 88, 50], [52, 76, 46], [82, 100, 54]];

/** Paints a landscape without sun and shadow; shape [size, size, 3], values about 0-255. */
export function paintGround(landscape: Landscape, random: Random): Float32Array {
  const { size, resolution, cover } = landscape;
  const field = {
    parcels: makeParcels(size * resolution, random),
    patches: fractalNoise(size, { cell: 40 / resolution, finest: 1 / resolution }, random),
    grain: smoothNoise(size, Math.max(1, 0.6 / resolution), random),
    ripples: smoothNoise(size, 2.5 / resolution, random),
  };
  const colors = new Float32Array(size * size * 3);
  for (let at = 0; at < cover.length; at++) {
    const [red, green, blue] = colorAt(landscape, field, at);
    colors[at * 3] = red;
    colors[at * 3 + 1] = green;
    colors[at * 3 + 2] = blue;
  }
  return colors;
}

interface Fields {
  readonly parcels: Parcels;
  readonly patches: Float32Array;
  readonly grain: Float32Array;
  readonly ripples: Float32Array;
}

function colorAt(landscape: Landscape, fields: Fields, at: number): Color {
  const patch = (fields.patches[at] ?? 0) - 0.5;
  const grain = (fields.grain[at] ?? 0) - 0.5;
  switch (landscape.cover[at]) {
    case 1:
      return brighten(roof(landscape, at), 1 + 0.08 * grain);
    case 2:
      return brighten(crown(landscape.object[at] ?? 0), 1 + 0.5 * patch + 0.3 * grain);
    case 3:
      return brighten(WATER, 1 + 0.25 * patch + 0.1 * ((fields.ripples[at] ?? 0) - 0.5));
    case 4:
      return road(landscape, at, 1 + 0.2 * patch + 0.1 * grain);
    default:
      return parcel(landscape, fields, at);
  }
}

function parcel({ size, resolution }: Landscape, fields: Fields, at: number): Color {
  const [x, y] = [(at % size) * resolution, Math.floor(at / size) * resolution];
  const { color, furrow } = fields.parcels.at(x, y);
  const patch = (fields.patches[at] ?? 0) - 0.5;
  const grain = (fields.grain[at] ?? 0) - 0.5;
  const light = 1 + 0.45 * patch + 0.16 * grain + furrow;
  // Thin growth shows the soil: patches shift the hue as well as the brightness.
  return [
    color[0] * light * (1 - 0.2 * patch),
    color[1] * light,
    color[2] * light * (1 - 0.15 * patch),
  ];
}

function roof({ houses, object }: Landscape, at: number): Color {
  return ROOFS[houses[object[at] ?? 0]?.roof ?? 0] ?? ASPHALT;
}

/** Trees of one wood differ a little: the tree's number stands for its species and health. */
function crown(tree: number): Color {
  const color = WOODS[Math.floor(tree * 0.618) % WOODS.length] ?? ASPHALT;
  return brighten(color, 0.85 + ((tree * 7919) % 97) / 97 * 0.3);
}

function road({ roads, object, roadDistance }: Landscape, at: number, light: number): Color {
  const course = roads[object[at] ?? 0];
  const distance = roadDistance[at] ?? 0;
  const edge = Math.min(1, Math.max(0, distance / ((course?.width ?? 6) / 2) - 0.7) / 0.3);
  if (course?.paved !== true) return brighten(GRAVEL, light - 0.1 * edge);
  return brighten(ASPHALT, light * mix(1, 0.9, edge) + (distance < 0.3 ? 0.2 : 0));
}

function brighten([red, green, blue]: Color, light: number): Color {
  return [red * light, green * light, blue * light];
}
