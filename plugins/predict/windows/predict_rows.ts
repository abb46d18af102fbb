// Slides windows over an image and gives finished rows from top to bottom. Memory holds one row of
// windows and its sum, whatever the height of the image.
import type { Predictor } from "../../nn/predictor.ts";
import { NO_LABEL } from "../../tiles/manifest.ts";
import type { Axis } from "./axis.ts";
import { Blend } from "./blend.ts";
import { type ImageRows, type ReadableImage, rowsUnderWindows } from "./image_rows.ts";

/** Rows that no later window changes. */
export interface FinishedRows {
  /** First row in the image. */
  readonly y: number;
  readonly rows: number;
  /** Shape [rows, width]; {@link NO_LABEL} where the image has no data. */
  readonly classes: Uint8Array;
  /** Shape [classes, rows, width], 0 to 1, where they were asked for. */
  readonly probabilities: Float32Array | undefined;
}

/** How to predict. */
export interface PredictSettings {
  readonly predictor: Pick<Predictor, "card" | "logits">;
  readonly across: Axis;
  readonly down: Axis;
  /** Windows that go through the network at once. */
  readonly batch: number;
  readonly probabilities: boolean;
  readonly signal: AbortSignal;
  /** Hears of windows that are done. */
  onWindows(count: number): void;
}

/** Predicts an image; stops where the signal is aborted. */
export async function* predictRows(
  image: ReadableImage,
  settings: PredictSettings,
): AsyncGenerator<FinishedRows> {
  const { down, predictor, probabilities } = settings;
  const { width } = image.raster;
  const { classes } = predictor.card.architecture;
  const blend = new Blend({ classes, rows: down.window, width });
  let index = 0;
  for await (const under of rowsUnderWindows(image, down)) {
    await addWindows(blend, under, { image, settings, rowWeights: down.weights[index]! });
    const y = down.starts[index]!;
    const rows = (down.starts[index + 1] ?? image.raster.height) - y;
    const chosen = blend.classes(rows);
    yield {
      y,
      rows,
      probabilities: probabilities ? blend.probabilities(rows, chosen) : undefined,
      classes: masked(chosen, under.empty),
    };
    blend.drop(rows);
    index++;
  }
}

interface RowOfWindows {
  readonly image: ReadableImage;
  readonly settings: PredictSettings;
  readonly rowWeights: Float32Array;
}

/** Windows without any data are not worth the network's time. */
async function addWindows(
  blend: Blend,
  under: ImageRows,
  { image, settings, rowWeights }: RowOfWindows,
): Promise<void> {
  const { across: { window, starts, weights }, batch, predictor, signal } = settings;
  const frame = { width: image.raster.width, bands: image.pixels.bands, window };
  const wanted = starts.map((_, index) => index)
    .filter((index) => hasData(under.empty, { ...frame, x: starts[index]! }));
  settings.onWindows(starts.length - wanted.length);
  for (let first = 0; first < wanted.length; first += batch) {
    signal.throwIfAborted();
    const windows = wanted.slice(first, first + batch);
    const pixels = toPlanes(under.pixels, windows.map((index) => starts[index]!), frame);
    const shape = { count: windows.length, height: rowWeights.length, width: window };
    const logits = await predictor.logits(pixels, shape);
    windows.forEach((window, index) => {
      const [x, columns] = [starts[window]!, weights[window]!];
      blend.add(logits, { index, x, columns, rows: rowWeights });
    });
    settings.onWindows(windows.length);
  }
}

interface Frame {
  /** Columns of the rows and of a window. */
  readonly width: number;
  readonly window: number;
  readonly bands: number;
}

function hasData(empty: Uint8Array, { width, window, x }: Frame & { readonly x: number }): boolean {
  for (let row = x; row < empty.length; row += width) {
    if (empty.subarray(row, row + window).includes(0)) return true;
  }
  return false;
}

/** Cuts windows out of rows, as [windows, bands, rows, window]. */
function toPlanes(
  pixels: Uint8Array,
  starts: readonly number[],
  { width, window, bands }: Frame,
): Uint8Array {
  const rows = pixels.length / (width * bands);
  const planes = new Uint8Array(starts.length * bands * rows * window);
  let to = 0;
  for (const start of starts) {
    for (let band = 0; band < bands; band++) {
      for (let y = 0; y < rows; y++) {
        let from = (y * width + start) * bands + band;
        for (let x = 0; x < window; x++, from += bands) planes[to++] = pixels[from]!;
      }
    }
  }
  return planes;
}

function masked(classes: Uint8Array, empty: Uint8Array): Uint8Array {
  for (let at = 0; at < classes.length; at++) if (empty[at] === 1) classes[at] = NO_LABEL;
  return classes;
}
