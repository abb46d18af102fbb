// How much of each class there is, per image and in all: `summary.json` for programs, `summary.csv` for
// spreadsheets.
import type { RowArea } from "../geo/pixel_area.ts";
import type { FinishedRows } from "./windows/predict_rows.ts";

/** What an image holds of a class. */
export interface ClassArea {
  readonly name: string;
  readonly pixels: number;
  /** m²; null where it is not known how large a pixel is. */
  readonly area: number | null;
  /** Part of the pixels with data, 0 to 1. */
  readonly share: number;
}

/** What was found in one image. */
export interface ImageSummary {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly crs: string | null;
  readonly geotransform: readonly number[] | null;
  /** Pixels without data. */
  readonly noData: number;
  readonly classes: readonly ClassArea[];
}

/** Counts classes while rows are finished. */
export class ClassTally {
  readonly #width: number;
  readonly #rowArea: RowArea | null;
  /** By value, those of pixels without data included. */
  readonly #pixels = new Float64Array(256);
  readonly #areas = new Float64Array(256);

  constructor(width: number, rowArea: RowArea | null) {
    this.#width = width;
    this.#rowArea = rowArea;
  }

  /** Counts rows. */
  add({ y, rows, classes }: FinishedRows): void {
    const counts = new Uint32Array(256);
    for (let row = 0; row < rows; row++) {
      counts.fill(0);
      const end = (row + 1) * this.#width;
      for (let at = row * this.#width; at < end; at++) counts[classes[at]!]!++;
      const pixelArea = this.#rowArea?.(y + row) ?? 0;
      for (let value = 0; value < counts.length; value++) {
        this.#pixels[value]! += counts[value]!;
        this.#areas[value]! += counts[value]! * pixelArea;
      }
    }
  }

  /** Gives what was counted, and the pixels that belong to no class. */
  result(names: readonly string[]): Pick<ImageSummary, "classes" | "noData"> {
    const counted = names.map((name, value) => ({
      name,
      pixels: this.#pixels[value]!,
      area: this.#rowArea === null ? null : this.#areas[value]!,
    }));
    const all = this.#pixels.reduce((sum, pixels) => sum + pixels, 0);
    return { classes: withShares(counted), noData: all - pixelsOf(counted) };
  }
}

/** Writes both files. */
export async function writeSummary(folder: string, images: readonly ImageSummary[]): Promise<void> {
  const total = totals(images);
  const summary = { format: "cairn-maps/1", total, images };
  await Deno.writeTextFile(`${folder}/summary.json`, `${JSON.stringify(summary, null, 2)}\n`);
  const rows = [...images, { name: "", classes: total }].flatMap(({ name, classes }) =>
    classes.map((each) => [
      name,
      each.name,
      each.pixels,
      each.area === null ? "" : Number(each.area.toPrecision(12)),
      Number(each.share.toFixed(6)),
    ])
  );
  const lines = [["image", "class", "pixels", "area_m2", "share"], ...rows];
  const text = lines.map((line) => `${line.map(csvField).join(",")}\n`).join("");
  await Deno.writeTextFile(`${folder}/summary.csv`, text);
}

/** Adds images up; an area is known where that of every image is. */
export function totals(images: readonly ImageSummary[]): ClassArea[] {
  const names = images[0]?.classes.map(({ name }) => name) ?? [];
  return withShares(names.map((name, value) => {
    const parts = images.map(({ classes }) => classes[value]!);
    return {
      name,
      pixels: pixelsOf(parts),
      area: parts.reduce<number | null>(
        (sum, { area }) => sum === null || area === null ? null : sum + area,
        0,
      ),
    };
  }));
}

function pixelsOf(classes: readonly { readonly pixels: number }[]): number {
  return classes.reduce((sum, { pixels }) => sum + pixels, 0);
}

function withShares(classes: readonly Omit<ClassArea, "share">[]): ClassArea[] {
  const all = Math.max(1, pixelsOf(classes));
  return classes.map((each) => ({ ...each, share: each.pixels / all }));
}

function csvField(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
