// The rows of an image under one row of windows after the other, each read and converted once.
import type { Raster } from "../../geo/raster.ts";
import type { PixelReader } from "../../prepare/cut/pixels.ts";
import type { Axis } from "./axis.ts";

/** An open image and how the network wants its pixels. */
export interface ReadableImage {
  readonly raster: Pick<Raster, "width" | "height" | "readRows">;
  readonly pixels: PixelReader;
}

/** Rows as the network sees them. */
export interface ImageRows {
  /** Shape [rows, width, bands], 0-255. */
  readonly pixels: Uint8Array;
  /** Shape [rows, width]: 1 where the image has no data. */
  readonly empty: Uint8Array;
}

/** Gives the rows under each row of windows; those for the next one are being read meanwhile. */
export async function* rowsUnderWindows(
  image: ReadableImage,
  { window, starts }: Pick<Axis, "window" | "starts">,
): AsyncGenerator<ImageRows> {
  const { width } = image.raster;
  const read = (index: number): Promise<ImageRows> => {
    const first = index === 0 ? 0 : starts[index - 1]! + window;
    const rows = readRows(image, first, starts[index]! + window - first);
    rows.catch(() => {}); // thrown when it is awaited, or of no interest after another failure
    return rows;
  };
  let held: ImageRows = { pixels: new Uint8Array(), empty: new Uint8Array() };
  let ahead = read(0);
  for (const [index, start] of starts.entries()) {
    const fresh = await ahead;
    if (index + 1 < starts.length) ahead = read(index + 1);
    const passed = (start - (starts[index - 1] ?? 0)) * width;
    held = {
      pixels: join(held.pixels.subarray(passed * image.pixels.bands), fresh.pixels),
      empty: join(held.empty.subarray(passed), fresh.empty),
    };
    yield held;
  }
}

async function readRows(
  { raster, pixels }: ReadableImage,
  y: number,
  rows: number,
): Promise<ImageRows> {
  const samples = await raster.readRows(y, rows);
  const empty = pixels.emptyPixels(samples) ?? new Uint8Array(rows * raster.width);
  return { pixels: pixels.toPixels(samples), empty };
}

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}
