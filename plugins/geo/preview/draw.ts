// A small picture of a raster, with the few facts that people want first: its size, where it lies, and what
// its values are. Reads no more rows than the picture has.
import sharp from "sharp";
import { classColor, parseColor } from "../../tiles/class_colors.ts";
import type { Geotransform } from "../georeference.ts";
import type { Raster } from "../raster.ts";
import { stretch } from "./stretch.ts";

/** What is shown of a raster. */
export interface RasterPicture {
  readonly width: number;
  readonly height: number;
  readonly bands: number;
  /** Such as "uint8". */
  readonly samples: string;
  /** Such as "EPSG:2180"; null where it is not known. */
  readonly crs: string | null;
  /** West, south, east and north in units of the coordinate system; null where it lies nowhere. */
  readonly extent: readonly [number, number, number, number] | null;
  /** Width and height of a pixel in the same units. */
  readonly pixel: readonly [number, number] | null;
  readonly noData: number | null;
  /** How values became colours. */
  readonly colors: string;
  /** PNG in base64. */
  readonly png: string;
}

const LONGEST_EDGE = 512;
/** A single 8-bit band whose values stay below is taken for classes. */
const MOST_CLASSES = 32;

/** Draws a raster. */
export async function drawRaster(raster: Raster): Promise<RasterPicture> {
  const sampled = await sample(raster);
  const { colors, rgba } = paint(raster, sampled);
  const { width, height } = sampled;
  const png = await sharp(rgba, { raw: { width, height, channels: 4 } }).png().toBuffer();
  return {
    width: raster.width,
    height: raster.height,
    bands: raster.bands,
    samples: `${raster.format}${raster.bits}`,
    crs: raster.crs,
    ...placeOf(raster),
    noData: raster.noData,
    colors,
    png: png.toString("base64"),
  };
}

/** Pixels of the picture as values [height, width, bands]. */
interface Sampled {
  readonly width: number;
  readonly height: number;
  readonly values: Float64Array;
}

async function sample(raster: Raster): Promise<Sampled> {
  const { bands } = raster;
  const scale = Math.max(1, Math.max(raster.width, raster.height) / LONGEST_EDGE);
  const width = Math.max(1, Math.round(raster.width / scale));
  const height = Math.max(1, Math.round(raster.height / scale));
  const middle = (at: number, size: number, all: number): number =>
    Math.min(all - 1, Math.floor((at + 0.5) * all / size));
  const values = new Float64Array(width * height * bands);
  for (let y = 0; y < height; y++) {
    const row = await raster.readRows(middle(y, height, raster.height), 1);
    for (let x = 0; x < width; x++) {
      const from = middle(x, width, raster.width) * bands;
      for (let band = 0; band < bands; band++) {
        values[(y * width + x) * bands + band] = row[from + band] ?? NaN;
      }
    }
  }
  return { width, height, values };
}

function paint(
  raster: Raster,
  { values }: Sampled,
): { readonly colors: string; readonly rgba: Uint8Array } {
  const { bands, alpha } = raster;
  const { colors, colorOf } = colorsOf(raster, values);
  const rgba = new Uint8Array(values.length / bands * 4);
  for (let at = 0; at < values.length / bands; at++) {
    const pixel = values.subarray(at * bands, (at + 1) * bands);
    const isEmpty = pixel.every((value) => Number.isNaN(value) || value === raster.noData) ||
      alpha !== null && pixel[alpha] === 0;
    if (!isEmpty) rgba.set([...colorOf(pixel), 255], at * 4);
  }
  return { colors, rgba };
}

type Color = readonly [number, number, number];

interface Coloring {
  /** In words. */
  readonly colors: string;
  readonly colorOf: (pixel: Float64Array) => Color;
}

function colorsOf(raster: Raster, values: Float64Array): Coloring {
  const { bands, palette, bits, format, alpha } = raster;
  const shown = Array.from({ length: bands }, (_, band) => band).filter((band) => band !== alpha);
  const [red = 0, green = red, blue = red] = shown.length < 3 ? shown.slice(0, 1) : shown;
  if (palette !== null) {
    const known = palette.map(parseColor);
    const colorOf = ([value = 0]: Float64Array): Color => known[value] ?? [0, 0, 0];
    return { colors: "the file's own colour table", colorOf };
  }
  const isBytes = bits <= 8 && format === "uint";
  if (isBytes && shown.length === 1 && values.every((value) => value < MOST_CLASSES)) {
    const known = Array.from({ length: MOST_CLASSES }, (_, at) => parseColor(classColor("", at)));
    const colorOf = ([value = 0]: Float64Array): Color => known[value] ?? [0, 0, 0];
    return { colors: "one colour for each value, chosen for this picture", colorOf };
  }
  const names = red === green ? "grey" : `bands ${red + 1}, ${green + 1} and ${blue + 1}`;
  if (isBytes && bits === 8) {
    const colorOf = (pixel: Float64Array): Color => [pixel[red]!, pixel[green]!, pixel[blue]!];
    return { colors: `${names}, as they are`, colorOf };
  }
  const stretches = [red, green, blue].map((band) => stretch(values, { band, bands, raster }));
  const colorOf = (pixel: Float64Array): Color => {
    const channel = (at: 0 | 1 | 2, band: number): number => stretches[at]!.toByte(pixel[band]!);
    return [channel(0, red), channel(1, green), channel(2, blue)];
  };
  const ranges = stretches.slice(0, red === green ? 1 : 3).map(({ words }) => words).join("; ");
  return { colors: `${names}, from black to white over ${ranges}`, colorOf };
}

function placeOf(
  { geotransform, width, height }: Pick<Raster, "geotransform" | "width" | "height">,
): Pick<RasterPicture, "extent" | "pixel"> {
  if (geotransform === null) return { extent: null, pixel: null };
  const corners = [[0, 0], [width, 0], [0, height], [width, height]] as const;
  const xs = corners.map(([column, row]) => groundOf(geotransform, column, row)[0]);
  const ys = corners.map(([column, row]) => groundOf(geotransform, column, row)[1]);
  const [, a, b, , d, e] = geotransform;
  return {
    extent: [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)],
    pixel: [Math.hypot(a, d), Math.hypot(b, e)],
  };
}

function groundOf(
  [x, a, b, y, d, e]: Geotransform,
  column: number,
  row: number,
): readonly [number, number] {
  return [x + column * a + row * b, y + column * d + row * e];
}
