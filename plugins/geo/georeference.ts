// Where an image lies on the ground: its coordinate system as a name and the way from pixels to metres.
import { TAG, type Tag } from "./tiff/encode.ts";
import type { TiffDirectory } from "./tiff/directory.ts";

/** GDAL's order: x of the corner, pixel width, row rotation, y of the corner, column rotation, pixel height. */
export type Geotransform = [number, number, number, number, number, number];

/** A coordinate system, null where it is not known, and a geotransform, null where there is none. */
export interface Georeference {
  /** Such as "EPSG:2180". */
  readonly crs: string | null;
  readonly geotransform: Geotransform | null;
}

/** GeoKeys as numbers; keys that hold text are left out. */
export type GeoKeys = ReadonlyMap<number, number>;

/** Numbers of the GeoKeys that are understood here. */
export const KEY = {
  modelType: 1024,
  rasterType: 1025,
  geographicSystem: 2048,
  angularUnit: 2054,
  projectedSystem: 3072,
  method: 3075,
  linearUnit: 3076,
  linearUnitSize: 3077,
  originLongitude: 3080,
  originLatitude: 3081,
  falseEasting: 3082,
  falseNorthing: 3083,
  originScale: 3092,
} as const;

const MODEL_GEOGRAPHIC = 2;
const PIXEL_IS_POINT = 2;
const USER_DEFINED = 32767;
const TRANSVERSE_MERCATOR = 1;

/**
 * Systems that files describe by parameters instead of by code. LandCover.ai's rasters do so with
 * Poland's PL-1992; the values are those of its entry in the EPSG register.
 */
const KNOWN_PROJECTIONS: readonly { readonly epsg: number; readonly keys: [number, number][] }[] = [
  {
    epsg: 2180,
    keys: [
      [KEY.method, TRANSVERSE_MERCATOR],
      [KEY.originLongitude, 19],
      [KEY.originLatitude, 0],
      [KEY.originScale, 0.9993],
      [KEY.falseEasting, 500_000],
      [KEY.falseNorthing, -5_300_000],
    ],
  },
];

/** Reads a TIFF's coordinate system and geotransform. */
export async function readGeoreference(directory: TiffDirectory): Promise<Georeference> {
  const keys = parseGeoKeys(
    await directory.numbers(TAG.geoKeys),
    await directory.numbers(TAG.geoDoubles),
  );
  const geotransform = toGeotransform({
    scale: await directory.numbers(TAG.pixelScale),
    tiepoint: await directory.numbers(TAG.tiepoint),
    matrix: await directory.numbers(TAG.transformation),
  });
  const halfPixel = keys.get(KEY.rasterType) === PIXEL_IS_POINT ? 0.5 : 0;
  return {
    crs: nameSystem(keys),
    geotransform: geotransform === null ? null : shift(geotransform, -halfPixel),
  };
}

/** Reads the tags that say where an image lies, to be written into another file of the same place. */
export async function readGeoTags(directory: TiffDirectory): Promise<Tag[]> {
  const tags: Tag[] = [];
  for (const id of [TAG.pixelScale, TAG.tiepoint, TAG.transformation, TAG.geoDoubles]) {
    tags.push({ id, type: "double", values: await directory.numbers(id) });
  }
  tags.push({ id: TAG.geoKeys, type: "short", values: await directory.numbers(TAG.geoKeys) });
  tags.push({ id: TAG.geoText, type: "ascii", values: await directory.bytes(TAG.geoText) ?? [] });
  return tags.filter(({ values }) => values.length > 0);
}

/** Reads the GeoKeyDirectory: groups of key, place of the value, count, value or index. */
export function parseGeoKeys(
  directory: readonly number[],
  doubles: readonly number[],
): Map<number, number> {
  const keys = new Map<number, number>();
  for (let at = 4; at + 3 < directory.length; at += 4) {
    const [key, place, , value] = directory.slice(at, at + 4);
    const found = place === 0 ? value : place === TAG.geoDoubles ? doubles[value ?? 0] : undefined;
    if (key !== undefined && found !== undefined) keys.set(key, found);
  }
  return keys;
}

/** Names a coordinate system "EPSG:n" by its code or by known parameters; null where neither fits. */
export function nameSystem(keys: GeoKeys): string | null {
  const geographic = keys.get(KEY.modelType) === MODEL_GEOGRAPHIC;
  const code = keys.get(geographic ? KEY.geographicSystem : KEY.projectedSystem);
  if (code !== undefined && code > 0 && code < USER_DEFINED) return `EPSG:${code}`;
  if (geographic) return null;
  const known = KNOWN_PROJECTIONS.find((projection) =>
    projection.keys.every(([key, value]) => Math.abs((keys.get(key) ?? NaN) - value) < 1e-9)
  );
  return known === undefined ? null : `EPSG:${known.epsg}`;
}

interface Placement {
  readonly scale: readonly number[];
  readonly tiepoint: readonly number[];
  readonly matrix: readonly number[];
}

function toGeotransform({ scale, tiepoint, matrix }: Placement): Geotransform | null {
  if (matrix.length >= 8) {
    const [a = 0, b = 0, , c = 0, d = 0, e = 0, , f = 0] = matrix;
    return finite([c, a, b, f, d, e]);
  }
  if (scale.length < 2 || tiepoint.length < 6) return null;
  const [column = 0, row = 0, , x = 0, y = 0] = tiepoint;
  const [width = 0, height = 0] = scale;
  return finite([x - column * width, width, 0, y + row * height, 0, -height]);
}

function finite(values: Geotransform): Geotransform | null {
  return values.every(Number.isFinite) ? values : null;
}

function shift([x, a, b, y, d, e]: Geotransform, pixels: number): Geotransform {
  return [x + pixels * (a + b), a, b, y + pixels * (d + e), d, e];
}
