// Lays out a countryside on the pixel grid: the class of each pixel, its height, what covers it.
import type { Random } from "../random.ts";
import { fractalNoise, levelAbove } from "./noise.ts";
import { type House, planHouses, planRoads, type Point, type Road } from "./settlement.ts";

/** LandCover.ai's classes in the order of their mask values. */
export const LAND_COVER = ["background", "building", "woodland", "water", "road"] as const;

const BUILDING = 1;
const WOODLAND = 2;
const WATER = 3;
const ROAD = 4;

/** A countryside as planes of shape [size, size]. */
export interface Landscape {
  readonly size: number;
  /** Edge of a pixel, metres. */
  readonly resolution: number;
  /** Index into {@link LAND_COVER}. */
  readonly cover: Uint8Array;
  /** Metres above the ground. */
  readonly height: Float32Array;
  /** Metres from the centre of the nearest road; Infinity away from roads. */
  readonly roadDistance: Float32Array;
  /** Index of the road or roof or tree that covers a pixel; its meaning depends on the class. */
  readonly object: Uint16Array;
  readonly roads: readonly Road[];
  readonly houses: readonly House[];
}

/** Invents a countryside: woods and water where noise is high, then roads, then houses beside them. */
export function makeLandscape(
  { size, resolution }: { readonly size: number; readonly resolution: number },
  random: Random,
): Landscape {
  const cover = new Uint8Array(size * size);
  const extent = size * resolution;
  const relief = { cell: 120 / resolution, finest: 2 / resolution };
  fill(cover, fractalNoise(size, relief, random), {
    share: 0.18 + 0.2 * random(),
    value: WOODLAND,
  });
  fill(cover, fractalNoise(size, { ...relief, finest: 15 / resolution }, random), {
    share: 0.06 + 0.08 * random(),
    value: WATER,
  });
  const roads = planRoads(extent, random);
  const at = ({ x, y }: Point): number =>
    Math.floor(y / resolution) * size + Math.floor(x / resolution);
  const isFree = ({ x, y }: Point): boolean =>
    [-10, 0, 10].every((dx) =>
      [-10, 0, 10].every((dy) => cover[at({ x: x + dx, y: y + dy })] !== WATER)
    );
  const houses = planHouses(roads, { extent, isFree }, random);
  const landscape: Landscape = {
    size,
    resolution,
    cover,
    height: new Float32Array(size * size),
    roadDistance: new Float32Array(size * size).fill(Infinity),
    object: new Uint16Array(size * size),
    roads,
    houses,
  };
  houses.forEach((house) => clearGarden(landscape, house));
  roads.forEach((road, index) => layRoad(landscape, road, index));
  growTrees(landscape, random);
  houses.forEach((house, index) => build(landscape, house, index));
  return landscape;
}

function fill(
  cover: Uint8Array,
  field: Float32Array,
  { share, value }: { readonly share: number; readonly value: number },
): void {
  const level = levelAbove(field, share);
  field.forEach((height, at) => {
    if (height > level) cover[at] = value;
  });
}

/** Calls back for each pixel within `radius` metres of a point. */
function around(
  { size, resolution }: Landscape,
  { x, y }: Point,
  radius: number,
  visit: (at: number, dx: number, dy: number) => void,
): void {
  const first = (center: number): number =>
    Math.max(0, Math.ceil((center - radius) / resolution - 0.5));
  const last = (center: number): number =>
    Math.min(size - 1, Math.floor((center + radius) / resolution - 0.5));
  for (let row = first(y); row <= last(y); row++) {
    for (let column = first(x); column <= last(x); column++) {
      const [dx, dy] = [(column + 0.5) * resolution - x, (row + 0.5) * resolution - y];
      if (dx * dx + dy * dy <= radius * radius) visit(row * size + column, dx, dy);
    }
  }
}

function clearGarden(landscape: Landscape, { center, length }: House): void {
  around(landscape, center, length * 0.8 + 4, (at) => {
    if (landscape.cover[at] === WOODLAND) landscape.cover[at] = 0;
  });
}

function layRoad(landscape: Landscape, { points, width }: Road, index: number): void {
  for (const point of points) {
    around(landscape, point, width / 2, (at, dx, dy) => {
      const distance = Math.hypot(dx, dy);
      if (distance >= (landscape.roadDistance[at] ?? 0)) return;
      landscape.cover[at] = ROAD;
      landscape.roadDistance[at] = distance;
      landscape.object[at] = index;
    });
  }
}

/** Crowns are domes on a jittered grid, so that a wood is lit and throws shadows as trees do. */
function growTrees(landscape: Landscape, random: Random): void {
  const { size, resolution, cover, height, object } = landscape;
  const spacing = 4.5;
  let tree = 0;
  for (let y = 0; y < size * resolution; y += spacing) {
    for (let x = 0; x < size * resolution; x += spacing) {
      const center = { x: x + spacing * random(), y: y + spacing * random() };
      const radius = 2.4 + 2 * random();
      const top = 10 + 7 * random();
      tree++;
      around(landscape, center, radius, (at, dx, dy) => {
        if (cover[at] !== WOODLAND) return;
        const dome = Math.sqrt(1 - (dx * dx + dy * dy) / (radius * radius));
        const crown = top * (0.65 + 0.35 * dome);
        if (crown < (height[at] ?? 0)) return;
        height[at] = crown;
        object[at] = tree;
      });
    }
  }
}

function build(landscape: Landscape, house: House, index: number): void {
  const [cos, sin] = [Math.cos(house.angle), Math.sin(house.angle)];
  const { length, width, eaves, rise } = house;
  around(landscape, house.center, Math.hypot(length, width) / 2, (at, dx, dy) => {
    const along = Math.abs(dx * cos + dy * sin);
    const across = Math.abs(dy * cos - dx * sin);
    if (along > length / 2 || across > width / 2) return;
    landscape.cover[at] = BUILDING;
    landscape.height[at] = eaves + rise * (1 - across / (width / 2));
    landscape.object[at] = index;
  });
}
