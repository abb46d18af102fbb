// How much ground a pixel covers: grid area in projected systems, true area on the ellipsoid where the
// coordinates are degrees or Web Mercator's, whose grid area is far from it.
import { type Georeference, type Geotransform, KEY, parseGeoKeys } from "./georeference.ts";
import { TAG, type Tag } from "./tiff/encode.ts";

/** Area of each pixel of a row, m². */
export type RowArea = (row: number) => number;

/** What a file says about its place. */
export interface Place extends Georeference {
  readonly geoTags: readonly Tag[];
}

const MODEL = { projected: 1, geographic: 2 };
const WEB_MERCATOR = ["EPSG:3857", "EPSG:3785", "EPSG:900913"];
const USER_DEFINED = 32767;
const METRES: Readonly<Record<number, number>> = {
  9001: 1,
  9002: 0.3048,
  9003: 1200 / 3937,
  9036: 1000,
};
const RADIANS: Readonly<Record<number, number>> = { 9101: 1, 9102: Math.PI / 180 };

/** WGS 84; other ellipsoids change areas by less than 0.1 %. */
const SEMI_MAJOR = 6_378_137;
const ECCENTRICITY_SQUARED = 0.00669437999014;

/** Gives the area of a row's pixels; null where the file does not say how large they are. */
export function rowArea({ crs, geotransform, geoTags }: Place): RowArea | null {
  if (geotransform === null) return null;
  const keys = parseGeoKeys(valuesOf(geoTags, TAG.geoKeys), valuesOf(geoTags, TAG.geoDoubles));
  const model = keys.get(KEY.modelType);
  if (model === MODEL.geographic) {
    const radians = RADIANS[keys.get(KEY.angularUnit) ?? 9102];
    return radians === undefined ? null : geographicArea(geotransform, radians);
  }
  if (model !== MODEL.projected) return null;
  if (WEB_MERCATOR.includes(crs ?? "")) return webMercatorArea(geotransform);
  const unit = keys.get(KEY.linearUnit) ?? 9001;
  const metres = unit === USER_DEFINED ? keys.get(KEY.linearUnitSize) : METRES[unit];
  const area = cellArea(geotransform);
  return metres === undefined ? null : () => area * metres ** 2;
}

function valuesOf(tags: readonly Tag[], id: number): number[] {
  return Array.from(tags.find((tag) => tag.id === id)?.values ?? []);
}

/** Area of a cell in squared units of its system. */
function cellArea([, a, b, , d, e]: Geotransform): number {
  return Math.abs(a * e - b * d);
}

/** Latitude changes along the row of a turned image: then there is no one area for all its pixels. */
function geographicArea(geotransform: Geotransform, radians: number): RowArea | null {
  const [, , , y, d, e] = geotransform;
  if (d !== 0) return null;
  const cell = cellArea(geotransform) * radians ** 2;
  return (row) => cell * areaPerRadians((y + (row + 0.5) * e) * radians);
}

function webMercatorArea(geotransform: Geotransform): RowArea | null {
  const [, , , y, d, e] = geotransform;
  if (d !== 0) return null;
  const cell = cellArea(geotransform) / SEMI_MAJOR ** 2;
  return (row) => {
    const latitude = Math.atan(Math.sinh((y + (row + 0.5) * e) / SEMI_MAJOR));
    return cell * Math.cos(latitude) * areaPerRadians(latitude);
  };
}

/** Ground, m², of a radian of longitude by a radian of latitude: both radii of curvature and the parallel's. */
function areaPerRadians(latitude: number): number {
  const bulge = 1 - ECCENTRICITY_SQUARED * Math.sin(latitude) ** 2;
  return SEMI_MAJOR ** 2 * (1 - ECCENTRICITY_SQUARED) * Math.cos(latitude) / bulge ** 2;
}
