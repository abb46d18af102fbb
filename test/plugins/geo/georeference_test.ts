// Naming coordinate systems: by code, by the parameters that LandCover.ai's files give, or not at all.
import assert from "node:assert/strict";
import { nameSystem, parseGeoKeys, readGeoreference } from "../../../plugins/geo/georeference.ts";
import { TAG } from "../../../plugins/geo/tiff/encode.ts";
import type { TiffDirectory } from "../../../plugins/geo/tiff/directory.ts";

const USER_DEFINED = 32767;
const POLAND_1992: readonly [number, number][] = [
  [1024, 1],
  [2048, 4326],
  [3072, USER_DEFINED],
  [3075, 1],
  [3080, 19],
  [3081, 0],
  [3082, 500_000],
  [3083, -5_300_000],
  [3092, 0.9993],
];

function directory(tags: Readonly<Record<number, readonly number[]>>): TiffDirectory {
  return {
    littleEndian: true,
    numbers: (tag) => Promise.resolve(tags[tag] ?? []),
    bytes: () => Promise.resolve(undefined),
  };
}

Deno.test("PL-1992 is recognised from its projection parameters", () => {
  assert.equal(nameSystem(new Map(POLAND_1992)), "EPSG:2180");
});

Deno.test("A projection with other parameters has no name", () => {
  assert.equal(nameSystem(new Map([...POLAND_1992, [3080, 21]])), null);
  assert.equal(nameSystem(new Map()), null);
});

Deno.test("A code names the system, of projected and of geographic models", () => {
  assert.equal(nameSystem(new Map([[1024, 1], [3072, 32640]])), "EPSG:32640");
  assert.equal(nameSystem(new Map([[1024, 2], [2048, 4326]])), "EPSG:4326");
});

Deno.test("GeoKeys take numbers from the directory and from the list of doubles", () => {
  const keys = parseGeoKeys([1, 1, 0, 3, 1024, 0, 1, 1, 3092, 34736, 1, 1, 1026, 34737, 5, 0], [
    0,
    0.9993,
  ]);
  assert.deepEqual([...keys], [[1024, 1], [3092, 0.9993]]);
});

Deno.test("Scale and tie point give a geotransform, moved by half a pixel where pixels are points", async () => {
  const tags = { [TAG.pixelScale]: [0.5, 0.5, 0], [TAG.tiepoint]: [2, 4, 0, 100, 200, 0] };
  assert.deepEqual((await readGeoreference(directory(tags))).geotransform, [
    99,
    0.5,
    0,
    202,
    0,
    -0.5,
  ]);
  const points = { ...tags, [TAG.geoKeys]: [1, 1, 0, 1, 1025, 0, 1, 2] };
  assert.deepEqual((await readGeoreference(directory(points))).geotransform, [
    98.75,
    0.5,
    0,
    202.25,
    0,
    -0.5,
  ]);
});

Deno.test("A transformation matrix gives a rotated geotransform", async () => {
  const matrix = [1, 2, 0, 10, 3, 4, 0, 20, 0, 0, 0, 0, 0, 0, 0, 1];
  const { geotransform } = await readGeoreference(directory({ [TAG.transformation]: matrix }));
  assert.deepEqual(geotransform, [10, 1, 2, 20, 3, 4]);
});
