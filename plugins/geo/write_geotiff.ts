// Writes 8-bit images with their place on the ground: the GeoTIFFs that `synthesize` makes.
import { deflateSync } from "node:zlib";
import { encodeTiff, TAG, type Tag } from "./tiff/encode.ts";
import { COMPRESSION, PHOTOMETRIC } from "./tiff/layout.ts";

/** An 8-bit image, pixel after pixel, and where it lies. */
export interface GeoImage {
  readonly width: number;
  readonly height: number;
  /** 1 or 3. */
  readonly bands: 1 | 3;
  /** Shape [height, width, bands]. */
  readonly data: Uint8Array;
  /** EPSG code of a projected system in metres, such as 2180. */
  readonly epsg: number;
  /** Ground coordinates of the outer corner of the first pixel, metres. */
  readonly origin: readonly [x: number, y: number];
  /** Edge of a pixel, metres; rows run south. */
  readonly resolution: number;
  /** `#rrggbb` of each value, for one band. */
  readonly palette?: readonly string[];
}

const ROWS_PER_STRIP = 64;
const PREDICTOR_DIFFERENCE = 2;

/** Encodes an image as GeoTIFF: Deflate strips of 64 rows, EPSG code in the GeoKeys. */
export function encodeGeoTiff(image: GeoImage): Uint8Array {
  const { width, height, bands, palette } = image;
  const stride = width * bands;
  const strips: Uint8Array[] = [];
  for (let y = 0; y < height; y += ROWS_PER_STRIP) {
    const rows = image.data.slice(y * stride, (y + ROWS_PER_STRIP) * stride);
    if (bands === 3) differences(rows, stride, bands);
    strips.push(deflateSync(rows));
  }
  return encodeTiff([
    { id: TAG.width, type: "long", values: [width] },
    { id: TAG.height, type: "long", values: [height] },
    { id: TAG.bits, type: "short", values: Array.from({ length: bands }, () => 8) },
    { id: TAG.compression, type: "short", values: [COMPRESSION.deflate] },
    { id: TAG.photometric, type: "short", values: [photometric(image)] },
    { id: TAG.bands, type: "short", values: [bands] },
    { id: TAG.stripRows, type: "long", values: [ROWS_PER_STRIP] },
    { id: TAG.predictor, type: "short", values: [bands === 3 ? PREDICTOR_DIFFERENCE : 1] },
    ...(palette === undefined ? [] : [paletteTag(palette)]),
    ...geoTags(image),
  ], strips);
}

function photometric({ bands, palette }: GeoImage): number {
  if (palette !== undefined) return PHOTOMETRIC.palette;
  return bands === 3 ? PHOTOMETRIC.rgb : PHOTOMETRIC.gray;
}

/** Turns each sample into its difference from the pixel on its left, which photographs pack better as. */
function differences(rows: Uint8Array, stride: number, bands: number): void {
  for (let start = 0; start < rows.length; start += stride) {
    for (let at = start + stride - 1; at >= start + bands; at--) {
      rows[at] = (rows[at] ?? 0) - (rows[at - bands] ?? 0);
    }
  }
}

/** TIFF keeps all reds, then all greens, then all blues, 16 bits each. */
function paletteTag(palette: readonly string[]): Tag {
  const channel = (shift: number): number[] =>
    Array.from({ length: 256 }, (_, index) => {
      const color = Number.parseInt(palette[index]?.slice(1) ?? "0", 16);
      return ((color >> shift) & 255) * 257;
    });
  return {
    id: TAG.palette,
    type: "short",
    values: [...channel(16), ...channel(8), ...channel(0)],
  };
}

function geoTags({ origin: [x, y], resolution, epsg }: GeoImage): Tag[] {
  const keys = [
    [1, 1, 0, 3],
    [1024, 0, 1, 1], // model: projected
    [1025, 0, 1, 1], // raster: a pixel is an area
    [3072, 0, 1, epsg], // projected system
  ];
  return [
    { id: TAG.pixelScale, type: "double", values: [resolution, resolution, 0] },
    { id: TAG.tiepoint, type: "double", values: [0, 0, 0, x, y, 0] },
    { id: TAG.geoKeys, type: "short", values: keys.flat() },
  ];
}
