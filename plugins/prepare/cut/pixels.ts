// From what an image file holds to 8-bit pixels: chosen bands, palettes, scaling, pixels without data.
import { StepError } from "../../../engine/plugin.ts";
import type { Raster } from "../../geo/raster.ts";
import type { Samples } from "../../geo/tiff/samples.ts";
import type { PrepareOptions } from "../options.ts";

/** How the pixels of one image are read. */
export interface PixelReader {
  /** Bands that come out. */
  readonly bands: number;
  /** Turns samples [rows, width, bands of the file] into 8-bit pixels [rows, width, bands]. */
  toPixels(samples: Samples): Uint8Array;
  /** Says 1 for each pixel of the rows without data; undefined where all have data. */
  emptyPixels(samples: Samples): Uint8Array | undefined;
}

type PixelOptions = Pick<PrepareOptions, "bands" | "scale" | "nodata" | "tile">;

/** Decides how to read an image; throws StepError where the options do not fit its bands or depth. */
export async function makePixelReader(
  options: PixelOptions,
  image: Raster,
  path: string,
): Promise<PixelReader> {
  const chosen = options.bands?.map((band) => band - 1) ?? range(image.bands);
  const missing = chosen.find((band) => band >= image.bands);
  if (missing !== undefined) {
    throw new StepError(
      `Image "${path}" has ${image.bands} bands, but "bands" asks for ${missing + 1}`,
    );
  }
  const emptyPixels = emptyFinder(options, image, chosen);
  if (image.palette !== null) {
    const colors = image.palette.map((color) => Number.parseInt(color.slice(1), 16));
    return { bands: 3, toPixels: (samples) => expandPalette(samples, colors), emptyPixels };
  }
  if (image.bits === 8 && image.format === "uint" && options.scale === undefined) {
    return { bands: chosen.length, toPixels: pickBytes(image.bands, chosen), emptyPixels };
  }
  const scales = await bandScales(options, { image, path, chosen });
  return {
    bands: chosen.length,
    toPixels: (samples) => scaleSamples(samples, { bands: image.bands, chosen, scales }),
    emptyPixels,
  };
}

function emptyFinder(
  { nodata }: PixelOptions,
  image: Raster,
  chosen: readonly number[],
): PixelReader["emptyPixels"] {
  const value = nodata ?? image.noData;
  const { bands } = image;
  const alpha = image.alpha !== null && !chosen.includes(image.alpha) ? image.alpha : undefined;
  if (value === null && alpha === undefined) return () => undefined;
  return (samples) => {
    const empty = new Uint8Array(samples.length / bands);
    for (let place = 0, at = 0; place < empty.length; place++, at += bands) {
      const transparent = alpha !== undefined && samples[at + alpha] === 0;
      const blank = value !== null && chosen.every((band) => samples[at + band] === value);
      empty[place] = transparent || blank ? 1 : 0;
    }
    return empty;
  };
}

function pickBytes(bands: number, chosen: readonly number[]): PixelReader["toPixels"] {
  const all = chosen.length === bands && chosen.every((band, index) => band === index);
  return (samples) => {
    if (all && samples instanceof Uint8Array) return samples;
    const pixels = new Uint8Array((samples.length / bands) * chosen.length);
    let to = 0;
    for (let at = 0; at < samples.length; at += bands) {
      for (const band of chosen) pixels[to++] = samples[at + band] ?? 0;
    }
    return pixels;
  };
}

function expandPalette(samples: Samples, colors: readonly number[]): Uint8Array {
  const pixels = new Uint8Array(samples.length * 3);
  samples.forEach((value, place) => {
    const color = colors[value] ?? 0;
    pixels[place * 3] = color >> 16;
    pixels[place * 3 + 1] = color >> 8;
    pixels[place * 3 + 2] = color;
  });
  return pixels;
}

type Scale = readonly [low: number, high: number];

interface Scaling {
  readonly bands: number;
  readonly chosen: readonly number[];
  readonly scales: readonly Scale[];
}

function scaleSamples(samples: Samples, { bands, chosen, scales }: Scaling): Uint8Array {
  // Clamped arrays round and limit to 0-255.
  const pixels = new Uint8ClampedArray((samples.length / bands) * chosen.length);
  chosen.forEach((band, index) => {
    const [low, high] = scales[index] ?? [0, 255];
    const factor = 255 / (high - low);
    let to = index;
    for (let at = band; at < samples.length; at += bands, to += chosen.length) {
      pixels[to] = ((samples[at] ?? 0) - low) * factor;
    }
  });
  return new Uint8Array(pixels.buffer);
}

interface Source {
  readonly image: Raster;
  readonly path: string;
  readonly chosen: readonly number[];
}

async function bandScales(options: PixelOptions, source: Source): Promise<readonly Scale[]> {
  const { image, path, chosen } = source;
  const { scale } = options;
  if (scale === undefined) {
    if (image.bits < 8) return chosen.map(() => [0, 2 ** image.bits - 1] as const);
    throw await needsScale(options, source);
  }
  const scales = isPair(scale) ? chosen.map(() => scale) : scale;
  if (scales.length === chosen.length) return scales;
  throw new StepError(
    `Image "${path}" gives ${chosen.length} bands, but "scale" has ${scales.length} pairs`,
    { hint: 'Give "scale" one pair of numbers, or one pair per band' },
  );
}

async function needsScale({ tile }: PixelOptions, { image, path }: Source): Promise<StepError> {
  const rows = Math.min(tile, image.height);
  const middle = await image.readRows(Math.floor((image.height - rows) / 2), rows);
  let [low, high] = [Infinity, -Infinity];
  for (const value of middle) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const kind = `${image.bits}-bit ${image.format === "float" ? "floating point" : "whole"} numbers`;
  return new StepError(`Image "${path}" holds ${kind}, but tiles have 8 bits`, {
    hint: `Say which values become 0 and 255, such as scale: [${low}, ${high}], ` +
      "the least and greatest in its middle",
  });
}

function isPair(scale: NonNullable<PixelOptions["scale"]>): scale is [number, number] {
  return typeof scale[0] === "number";
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}
