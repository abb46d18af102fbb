// Writes polygons as GeoJSON, one feature per line. Coordinates are those of the image's own system, named
// in a "crs" member as GDAL and QGIS read it, not the degrees that RFC 7946 asks for: outlines of pixels
// stay straight and areas are what the system says.
import type { Geotransform } from "../../geo/georeference.ts";
import type { Ring } from "./outlines.ts";
import type { Region } from "./regions.ts";
import { polygonRings } from "./rings.ts";

/** What all polygons of an image have in common. */
export interface PolygonPlace {
  /** Such as "EPSG:2180". */
  readonly crs: string | null;
  /** Without one, coordinates are pixels: x to the right, y up from the upper left corner, so below 0. */
  readonly geotransform: Geotransform | null;
  /** Class names by value. */
  readonly classes: readonly string[];
  /** Says whether areas are m²; otherwise they are not known and null is written. */
  readonly hasArea: boolean;
}

const PIXELS: Geotransform = [0, 1, 0, 0, 0, -1];
/** The system of RFC 7946, which needs no name. */
const DEGREES = "EPSG:4326";

/** Gives what a file starts with; the name in `crs` is what GDAL writes. */
export function geoJsonHead(name: string, crs: string | null): string {
  const urn = crs?.replace(/^EPSG:/, "urn:ogc:def:crs:EPSG::");
  const system = urn === undefined || crs === DEGREES
    ? ""
    : `"crs":{"type":"name","properties":{"name":${JSON.stringify(urn)}}},\n`;
  return `{"type":"FeatureCollection","name":${JSON.stringify(name)},\n${system}"features":[`;
}

/** What a file ends with. */
export const GEO_JSON_TAIL = "\n]}\n";

/** Gives a region as a feature; outer rings turn left and holes right, as RFC 7946 asks. */
export function geoJsonFeature(region: Region, place: PolygonPlace): string {
  const geotransform = place.geotransform ?? PIXELS;
  const [, a, b, , d, e] = geotransform;
  // Outlines turn left on the screen; a system whose rows run north shows them from behind.
  const mirrored = a * e - b * d > 0;
  const digits = place.crs === DEGREES || Math.hypot(a, d) < 0.001 ? 9 : 3;
  const coordinates = polygonRings(region.rings).map((ring) => {
    const corners = toGround(ring, geotransform, digits);
    if (mirrored) corners.reverse();
    return `[${corners.join(",")},${corners[0]}]`;
  });
  const properties = {
    class: place.classes[region.value],
    value: region.value,
    pixels: region.pixels,
    area_m2: place.hasArea ? Number(region.area.toPrecision(12)) : null,
  };
  return `{"type":"Feature","properties":${JSON.stringify(properties)},` +
    `"geometry":{"type":"Polygon","coordinates":[${coordinates.join(",")}]}}`;
}

/** Gives the corners as "[x,y]". */
function toGround(ring: Ring, [x0, a, b, y0, d, e]: Geotransform, digits: number): string[] {
  return Array.from({ length: ring.length / 2 }, (_, index) => {
    const [column, row] = [ring[index * 2]!, ring[index * 2 + 1]!];
    const x = Number((x0 + column * a + row * b).toFixed(digits));
    const y = Number((y0 + column * d + row * e).toFixed(digits));
    return `[${x},${y}]`;
  });
}
