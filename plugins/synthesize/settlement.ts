// Plans what people built: roads as curves, houses as rectangles along them. Metres throughout.
import type { Random } from "../random.ts";

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A road's centre line, one point per half metre. */
export interface Road {
  readonly points: readonly Point[];
  readonly width: number;
  readonly paved: boolean;
}

/** A rectangle with a gable roof whose ridge runs along its length. */
export interface House {
  readonly center: Point;
  /** Direction of the ridge, radians. */
  readonly angle: number;
  readonly length: number;
  readonly width: number;
  readonly eaves: number;
  /** Rise of the roof from eaves to ridge; 0 is a flat roof. */
  readonly rise: number;
  /** Index of the roof's material. */
  readonly roof: number;
}

const STEP = 0.5;
const HOUSE_GAP = 5;

/** Plans two or three roads that cross a square of `extent` metres. */
export function planRoads(extent: number, random: Random): Road[] {
  const start = random() * Math.PI;
  const first = crossing(extent, start, { width: 7 + 2 * random(), paved: true }, random);
  const turned = start + Math.PI / 2 + (random() - 0.5) * 0.8;
  const second = crossing(extent, turned, { width: 5 + random(), paved: random() < 0.7 }, random);
  if (random() < 0.4) return [first, second];
  const third = crossing(extent, start + random() - 0.5, { width: 3.5, paved: false }, random);
  return [first, second, third];
}

function crossing(
  extent: number,
  angle: number,
  surface: Pick<Road, "width" | "paved">,
  random: Random,
): Road {
  const middle = { x: extent * (0.25 + 0.5 * random()), y: extent * (0.25 + 0.5 * random()) };
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const bend = random() < 0.3 ? 0 : extent * (0.03 + 0.05 * random());
  const wave = (2 * Math.PI) / (extent * (0.7 + 0.8 * random()));
  const phase = random() * 2 * Math.PI;
  const points: Point[] = [];
  for (let along = -1.5 * extent; along <= 1.5 * extent; along += STEP) {
    const aside = bend * (Math.sin(wave * along + phase) - Math.sin(phase));
    const point = {
      x: middle.x + along * cos - aside * sin,
      y: middle.y + along * sin + aside * cos,
    };
    if (inside(point, extent, 20)) points.push(point);
  }
  return { points, ...surface };
}

/** Plans houses along stretches of the roads, where `isFree` says that a place may be built on. */
export function planHouses(
  roads: readonly Road[],
  options: { readonly extent: number; readonly isFree: (point: Point) => boolean },
  random: Random,
): House[] {
  const houses: House[] = [];
  for (const road of roads) {
    for (const side of [-1, 1]) {
      for (const house of row(road, side, random)) {
        if (!inside(house.center, options.extent, 0) || !options.isFree(house.center)) continue;
        if (houses.every((other) => distance(other, house) > reach(other) + reach(house))) {
          houses.push(house);
        }
      }
    }
  }
  return houses.filter((house) => clearance(house, roads) > 1);
}

/** Villages: houses stand close for a stretch, then there are none for a while. */
function row(road: Road, side: number, random: Random): House[] {
  const houses: House[] = [];
  let built = random() < 0.6;
  let left = 60 + 120 * random();
  for (let at = 8 / STEP; at < road.points.length - 8 / STEP;) {
    const gap = 14 + 16 * random();
    if (built) houses.push(houseAt(road, { at: Math.floor(at), side }, random));
    left -= gap;
    if (left < 0) [built, left] = [!built, (built ? 80 : 60) + 120 * random()];
    at += gap / STEP;
  }
  return houses;
}

function houseAt(road: Road, place: { at: number; side: number }, random: Random): House {
  const here = road.points[place.at] ?? { x: 0, y: 0 };
  const next = road.points[place.at + 1] ?? here;
  const along = Math.atan2(next.y - here.y, next.x - here.x);
  const barn = random() < 0.15;
  const length = barn ? 22 + 14 * random() : 10 + 7 * random();
  const width = barn ? 11 + 5 * random() : 8 + 3 * random();
  const away = place.side * (road.width / 2 + width / 2 + 5 + (barn ? 22 : 8) * random());
  const flat = !barn && random() < 0.15;
  return {
    center: { x: here.x - away * Math.sin(along), y: here.y + away * Math.cos(along) },
    angle: along + (random() < 0.35 ? Math.PI / 2 : 0) + (random() - 0.5) * 0.1,
    length,
    width,
    eaves: barn ? 5 : 3.5 + 2 * random(),
    rise: flat ? 0 : width * (0.25 + 0.15 * random()),
    roof: Math.floor(random() * 5),
  };
}

function inside({ x, y }: Point, extent: number, margin: number): boolean {
  return x > -margin && y > -margin && x < extent + margin && y < extent + margin;
}

function distance(a: House, b: House): number {
  return Math.hypot(a.center.x - b.center.x, a.center.y - b.center.y);
}

function reach({ length, width }: House): number {
  return Math.hypot(length, width) / 2 + HOUSE_GAP / 2;
}

/** Metres between a house's corners' circle and the nearest road's edge. */
function clearance(house: House, roads: readonly Road[]): number {
  return Math.min(
    ...roads.map(({ points, width }) =>
      points.reduce(
        (least, point) =>
          Math.min(least, Math.hypot(point.x - house.center.x, point.y - house.center.y)),
        Infinity,
      ) -
      width / 2 - Math.hypot(house.length, house.width) / 2
    ),
  );
}
