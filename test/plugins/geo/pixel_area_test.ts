// Areas of pixels against known figures.
import assert from "node:assert/strict";
import type { Geotransform } from "../../../plugins/geo/georeference.ts";
import { type Place, rowArea } from "../../../plugins/geo/pixel_area.ts";
import { TAG } from "../../../plugins/geo/tiff/encode.ts";

const PROJECTED = 1;
const GEOGRAPHIC = 2;

function place(
  geotransform: Geotransform | null,
  keys: readonly (readonly [key: number, value: number])[],
  crs: string | null = null,
): Place {
  const values = [1, 1, 0, keys.length, ...keys.flatMap(([key, value]) => [key, 0, 1, value])];
  return { crs, geotransform, geoTags: [{ id: TAG.geoKeys, type: "short", values }] };
}

function near(actual: number | undefined, expected: number, relative: number): void {
  assert.ok(Math.abs((actual ?? NaN) / expected - 1) < relative, `${actual} is not ${expected}`);
}

Deno.test("projected pixels cover what their edges say, whatever the unit and turned or not", () => {
  const metres = place([0, 0.5, 0, 0, 0, -0.5], [[1024, PROJECTED], [3072, 2180]]);
  assert.equal(rowArea(metres)?.(3), 0.25);
  const turned = place([0, 0.3, 0.4, 0, 0.4, -0.3], [[1024, PROJECTED], [3076, 9001]]);
  near(rowArea(turned)?.(0), 0.25, 1e-12);
  const feet = place([0, 1, 0, 0, 0, -1], [[1024, PROJECTED], [3076, 9003]]);
  near(rowArea(feet)?.(0), (1200 / 3937) ** 2, 1e-12);
});

Deno.test("all degrees of the earth add up to its surface", () => {
  const area = rowArea(place([-180, 1, 0, 90, 0, -1], [[1024, GEOGRAPHIC], [2048, 4326]]))!;
  let sum = 0;
  for (let row = 0; row < 180; row++) sum += 360 * area(row);
  near(sum, 510_065_621_724_000, 1e-4);
});

Deno.test("Web Mercator's pixels cover as much ground as the degrees that they show", () => {
  const [latitude, step, radius] = [52, 1e-5, 6_378_137];
  const mercator = (degrees: number): number =>
    radius * Math.asinh(Math.tan((degrees * Math.PI) / 180));
  const [top, bottom] = [mercator(latitude), mercator(latitude - step)];
  const width = (radius * step * Math.PI) / 180;
  const web = place([0, width, 0, top, 0, bottom - top], [[1024, PROJECTED]], "EPSG:3857");
  const degrees = place([0, step, 0, latitude, 0, -step], [[1024, GEOGRAPHIC]]);
  near(rowArea(web)?.(0), rowArea(degrees)!(0), 1e-6);
  assert.ok(rowArea(web)!(0) < 0.4 * width * (top - bottom));
});

Deno.test("without a place, a kind of system or a known unit the area is not known", () => {
  const square: Geotransform = [0, 1, 0, 0, 0, -1];
  assert.equal(rowArea(place(null, [[1024, PROJECTED]])), null);
  assert.equal(rowArea(place(square, [])), null);
  assert.equal(rowArea(place(square, [[1024, PROJECTED], [3076, 9999]])), null);
  assert.equal(rowArea(place([0, 1, 0.1, 0, 0.1, -1], [[1024, GEOGRAPHIC]])), null);
});
