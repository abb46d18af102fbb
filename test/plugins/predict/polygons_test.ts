// Regions and their outlines, against a plain flood fill on hundreds of small random images.
import assert from "node:assert/strict";
import {
  geoJsonFeature,
  geoJsonHead,
  type PolygonPlace,
} from "../../../plugins/predict/polygons/geojson.ts";
import { type Region, RegionFinder } from "../../../plugins/predict/polygons/regions.ts";
import { polygonRings } from "../../../plugins/predict/polygons/rings.ts";
import { type Random, seededRandom } from "../../../plugins/random.ts";
import { NO_LABEL } from "../../../plugins/tiles/manifest.ts";

type Picture = readonly Uint8Array[];

function regionsOf(picture: Picture): Region[] {
  const finder = new RegionFinder(picture[0]!.length);
  return [...picture.flatMap((row) => finder.add(row, 2)), ...finder.finish()];
}

/** Draws digits as classes and dots as pixels without data. */
function draw(...rows: readonly string[]): Picture {
  return rows.map((row) => Uint8Array.from(row, (sign) => sign === "." ? NO_LABEL : Number(sign)));
}

function randomPicture(random: Random): Picture {
  const [width, height, classes] = [9, 9, 3].map((most) => 1 + Math.floor(random() * most));
  return Array.from({ length: height! }, () =>
    Uint8Array.from({ length: width! }, () => {
      const value = Math.floor(random() * (classes! + 1));
      return value === classes ? NO_LABEL : value;
    }));
}

/** Class and size of each 4-connected region. */
function floodFill(picture: Picture): string[] {
  const left = picture.map((row) => row.slice());
  const take = (x: number, y: number, value: number): number => {
    if (left[y]?.[x] !== value) return 0;
    left[y]![x] = NO_LABEL;
    return 1 + take(x + 1, y, value) + take(x - 1, y, value) + take(x, y + 1, value) +
      take(x, y - 1, value);
  };
  return picture.flatMap((row, y) =>
    [...row].flatMap((_, x) => {
      const value = left[y]![x]!;
      return value === NO_LABEL ? [] : [`${value}: ${take(x, y, value)}`];
    })
  );
}

function signedArea(ring: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < ring.length; at += 2) {
    const next = (at + 2) % ring.length;
    sum += ring[at]! * ring[next + 1]! - ring[next]! * ring[at + 1]!;
  }
  return sum / 2;
}

Deno.test("regions are those of a flood fill, with rings that hold just their pixels", () => {
  const random = seededRandom(5);
  for (let round = 0; round < 500; round++) {
    const picture = randomPicture(random);
    const regions = regionsOf(picture);
    const found = regions.map(({ value, pixels }) => `${value}: ${pixels}`);
    assert.deepEqual(found.sort(), floodFill(picture).sort());
    for (const region of regions) {
      const rings = polygonRings(region.rings);
      assert.equal(rings.reduce((sum, ring) => sum - signedArea(ring), 0), region.pixels);
      assert.equal(region.area, 2 * region.pixels);
      assert.equal(rings.filter((ring) => signedArea(ring) < 0).length, 1);
      assert.ok(signedArea(rings[0]!) < 0, "the outer ring comes first");
      for (const ring of rings) {
        const corners = Array.from(
          { length: ring.length / 2 },
          (_, at) => ring.slice(2 * at, 2 * at + 2),
        );
        assert.equal(new Set(corners.map(String)).size, corners.length, "no corner occurs twice");
      }
    }
  }
});

Deno.test("a region that closes around a hole over a corner gets an outer ring and a hole", () => {
  const [ring] = regionsOf(draw("110", "101", "111")).filter(({ value }) => value === 1);
  const rings = polygonRings(ring!.rings);
  assert.deepEqual(rings.map(signedArea), [-8, 1]);
});

Deno.test("a straight edge has no corners but its ends", () => {
  const [only] = regionsOf(draw("1111", "1111", "1111"));
  assert.deepEqual(only!.rings.map((ring) => ring.length), [8]);
});

Deno.test("regions are given away as soon as a row shows nothing of them", () => {
  const finder = new RegionFinder(3);
  const rows = draw("1.2", "..2", "..2").map((row) => finder.add(row, 1).map(({ value }) => value));
  assert.deepEqual(rows, [[], [1], []]);
  assert.deepEqual(finder.finish().map(({ value }) => value), [2]);
});

const place: PolygonPlace = {
  crs: "EPSG:2180",
  geotransform: [500, 0.5, 0, 1000, 0, -0.5],
  classes: ["field", "lake"],
  hasArea: true,
};

interface Feature {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly geometry: {
    readonly type: string;
    readonly coordinates: readonly (readonly [number, number][])[];
  };
}

function featureOf(picture: Picture, where: PolygonPlace): Feature {
  const region = regionsOf(picture).find(({ value }) => value === 1)!;
  return JSON.parse(geoJsonFeature(region, where)) as Feature; // checked by the assertions
}

Deno.test("a feature says class and area and lies where the image lies", () => {
  const { properties, geometry } = featureOf(draw("111", "101", "111"), place);
  assert.deepEqual(properties, { class: "lake", value: 1, pixels: 8, area_m2: 16 });
  assert.deepEqual(geometry, {
    type: "Polygon",
    coordinates: [
      [[501.5, 1000], [500, 1000], [500, 998.5], [501.5, 998.5], [501.5, 1000]],
      [[500.5, 999], [500.5, 999.5], [501, 999.5], [501, 999], [500.5, 999]],
    ],
  });
});

Deno.test("outer rings turn left and holes right on the ground, whichever way the rows run", () => {
  const turned = [0, 0.6, 0.8, 0, 0.8, -0.6] as const;
  for (const geotransform of [[0, 1, 0, 0, 0, -1], [0, 1, 0, 0, 0, 1], turned] as const) {
    const where = { ...place, geotransform: [...geotransform] as PolygonPlace["geotransform"] };
    const { geometry } = featureOf(draw("111", "101", "111"), where);
    const areas = geometry.coordinates.map((ring) => signedArea(ring.slice(1).flat()));
    assert.deepEqual(areas.map((area) => Math.round(area)), [9, -1]);
  }
});

Deno.test("areas of many specks of small pixels add up without a loss to rounding", () => {
  const speck = { value: 1, pixels: 1, area: 1 / 144, rings: regionsOf(draw("1"))[0]!.rings };
  const { properties } = JSON.parse(geoJsonFeature(speck, place)) as Feature; // checked below
  assert.ok(Math.abs(Number(properties["area_m2"]) * 144 - 1) < 1e-9);
});

Deno.test("an unknown area is null, and degrees have no system to be named", () => {
  const { properties } = featureOf(draw("1"), { ...place, hasArea: false });
  assert.equal(properties["area_m2"], null);
  assert.match(geoJsonHead("a", "EPSG:2180"), /"urn:ogc:def:crs:EPSG::2180"/);
  assert.doesNotMatch(geoJsonHead("a", "EPSG:4326") + geoJsonHead("a", null), /crs/);
});
