// From what a mask file holds to class numbers: values, colours of a palette, colours of three bands.
import { StepError } from "../../../engine/plugin.ts";
import type { Raster } from "../../geo/raster.ts";
import type { Samples } from "../../geo/tiff/samples.ts";
import { classColor } from "../../tiles/class_colors.ts";
import { type LandClass, NO_LABEL } from "../../tiles/manifest.ts";
import type { PrepareOptions } from "../options.ts";

/** Turns rows of a mask, [rows, width, bands], into class numbers, [rows, width]; may write over the rows. */
export type Labeller = (samples: Samples, firstRow: number) => Uint8Array;

type LabelOptions = Pick<PrepareOptions, "classes" | "labels" | "mask-band">;

/** A mask value or colour that no class was given for; never a class number: there are at most 250. */
const UNKNOWN = 254;

/** Gives every class its colour. */
export function landClasses(classes: PrepareOptions["classes"]): LandClass[] {
  return classes.map((entry, index) =>
    typeof entry === "string"
      ? { name: entry, color: classColor(entry, index) }
      : { name: entry.name, color: entry.color.toLowerCase() }
  );
}

/** Makes the labeller for a mask; throws StepError where the mask's bands do not say what they mean. */
export function makeLabeller(options: LabelOptions, mask: Raster, path: string): Labeller {
  const table = labelTable(options);
  const colors = Object.keys(options.labels ?? {}).some(isColor);
  const { width, bands, palette } = mask;
  const unknown = (what: string, place: number, firstRow: number): StepError => {
    const [column, row] = [place % width, firstRow + Math.floor(place / width)];
    return unknownLabel(path, `${what} at column ${column}, row ${row}`, options);
  };
  if (colors && bands >= 3 && options["mask-band"] === undefined) {
    return (samples, firstRow) => labelColors(samples, { bands, table, firstRow, unknown });
  }
  const band = labelBand(options, mask, path);
  const lookup = (value: number): number =>
    table.get(String(value)) ?? table.get(palette?.[value] ?? "") ?? UNKNOWN;
  return (samples, firstRow) => {
    if (options["mask-band"] === undefined && bands > 1) requireEqualBands(samples, bands, path);
    return labelValues(samples, { bands, band, lookup, firstRow, unknown });
  };
}

/** Class number of each mask value or colour, as text. */
function labelTable({ classes, labels }: LabelOptions): ReadonlyMap<string, number> {
  const names = classes.map((entry) => typeof entry === "string" ? entry : entry.name);
  if (labels === undefined) return new Map(names.map((_, index) => [String(index), index]));
  return new Map(
    Object.entries(labels).map(([value, name]) => [
      isColor(value) ? value.toLowerCase() : String(Number(value)),
      name === "none" ? NO_LABEL : names.indexOf(name),
    ]),
  );
}

function labelBand(options: LabelOptions, { bands, alpha }: Raster, path: string): number {
  const band = options["mask-band"];
  if (band === undefined && bands - (alpha === null ? 0 : 1) === 2) {
    throw new StepError(`Mask "${path}" has ${bands} bands`, {
      hint: 'Say with "mask-band" which of them holds the labels',
    });
  }
  if (band !== undefined && band > bands) {
    throw new StepError(`Mask "${path}" has ${bands} bands, but "mask-band" is ${band}`);
  }
  return (band ?? 1) - 1;
}

type Unknown = (what: string, place: number, firstRow: number) => StepError;

interface ValueLabels {
  readonly bands: number;
  readonly band: number;
  readonly lookup: (value: number) => number;
  readonly firstRow: number;
  readonly unknown: Unknown;
}

function labelValues(samples: Samples, options: ValueLabels): Uint8Array {
  const { bands, band, lookup, firstRow, unknown } = options;
  if (bands === 1 && samples instanceof Uint8Array && samples.byteOffset % 4 === 0) {
    return labelBytes(samples, options);
  }
  const labels = new Uint8Array(samples.length / bands);
  const small = Uint8Array.from({ length: 256 }, (_, value) => lookup(value));
  let [last, label] = [NaN, UNKNOWN];
  for (let place = 0, at = band; place < labels.length; place++, at += bands) {
    const value = samples[at] ?? 0;
    if (value !== last) {
      last = value;
      label = small[value] ?? lookup(value);
      if (label === UNKNOWN) throw unknown(`value ${value}`, place, firstRow);
    }
    labels[place] = label;
  }
  return labels;
}

/**
 * Labels single bytes where they stand. Masks are long runs of one value: four equal bytes that were seen
 * before are passed over at once, which takes a fifth of the time of looking at each.
 */
function labelBytes(samples: Uint8Array, { lookup, firstRow, unknown }: ValueLabels): Uint8Array {
  const labels = Uint8Array.from({ length: 256 }, (_, value) => lookup(value));
  const words = new Uint32Array(samples.buffer, samples.byteOffset, samples.length >> 2);
  const label = (place: number): void => {
    const value = samples[place] ?? 0;
    const known = labels[value] ?? UNKNOWN;
    if (known === UNKNOWN) throw unknown(`value ${value}`, place, firstRow);
    samples[place] = known;
  };
  let [seen, labelled] = [-1, -1];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? 0;
    if (word === seen) {
      if (word !== labelled) words[at] = labelled;
      continue;
    }
    for (let place = 4 * at; place < 4 * at + 4; place++) label(place);
    const isRun = word === (word & 255) * 0x01010101;
    [seen, labelled] = isRun ? [word, words[at] ?? 0] : [-1, -1];
  }
  for (let place = 4 * words.length; place < samples.length; place++) label(place);
  return samples;
}

interface ColorLabels {
  readonly bands: number;
  readonly table: ReadonlyMap<string, number>;
  readonly firstRow: number;
  readonly unknown: Unknown;
}

function labelColors(
  samples: Samples,
  { bands, table, firstRow, unknown }: ColorLabels,
): Uint8Array {
  const labels = new Uint8Array(samples.length / bands);
  const byNumber = new Map(
    [...table].map(([color, label]) => [Number.parseInt(color.slice(1), 16), label]),
  );
  let [last, label] = [-1, UNKNOWN];
  for (let place = 0, at = 0; place < labels.length; place++, at += bands) {
    const color = ((samples[at] ?? 0) << 16) | ((samples[at + 1] ?? 0) << 8) |
      (samples[at + 2] ?? 0);
    if (color !== last) {
      last = color;
      label = byNumber.get(color) ?? UNKNOWN;
      if (label === UNKNOWN) {
        throw unknown(`colour "#${color.toString(16).padStart(6, "0")}"`, place, firstRow);
      }
    }
    labels[place] = label;
  }
  return labels;
}

function requireEqualBands(samples: Samples, bands: number, path: string): void {
  for (let at = 0; at < samples.length; at += bands) {
    if (samples[at] === samples[at + 1] && samples[at] === samples[at + 2]) continue;
    throw new StepError(`Mask "${path}" has ${bands} bands that differ, and no colours are named`, {
      hint: 'Name the colours in "labels", such as { "#ff0000": road }, or give "mask-band"',
    });
  }
}

function unknownLabel(path: string, what: string, { labels }: LabelOptions): StepError {
  return new StepError(`Mask "${path}" has ${what}, which stands for no class`, {
    hint: labels === undefined
      ? 'Give "labels", a table from every mask value to a class or to none'
      : 'Add it to "labels" with the name of a class, or with none where there is no label',
  });
}

function isColor(text: string): boolean {
  return text.startsWith("#");
}
