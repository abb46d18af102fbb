// The step itself: every image is checked before the first is predicted; then maps and areas come out.
import { type InputArtifact, type Port, type StepContext, StepError } from "../../engine/plugin.ts";
import { readModelCard } from "../nn/model_artifact.ts";
import { loadPredictor } from "../nn/predictor.ts";
import { findImages, type ImageFile, openImage, type ReadSettings } from "./images.ts";
import type { PredictOptions } from "./options.ts";
import { predictImage } from "./predict_image.ts";
import { type ImageSummary, totals, writeSummary } from "./summary.ts";
import { type Axis, spreadWindows } from "./windows/axis.ts";

type PredictContext =
  & Pick<
    StepContext<PredictOptions, { model: Port }, { maps: Port }>,
    "config" | "outputs" | "scratch" | "lease" | "signal" | "log" | "warn" | "progress"
  >
  & {
    readonly inputs: { readonly model: InputArtifact; readonly source: InputArtifact | undefined };
  };

/** Windows over an image, in both directions. */
interface Grid {
  readonly across: Axis;
  readonly down: Axis;
}

/**
 * Predicts every image and fills the maps output.
 * Throws StepError where there is no image, or one does not fit the model, the memory or the options.
 */
export async function predict(context: PredictContext): Promise<void> {
  const { inputs, config, lease, scratch, signal } = context;
  const files = await findImages(config, inputs.source);
  const card = await readModelCard(inputs.model.path);
  const settings = { config, card, scratch };
  const grids = await planAll(context, files, settings);
  const total = grids.reduce((sum, { across, down }) => sum + windows(across) * windows(down), 0);
  let done = 0;
  const onWindows = (count: number): void => context.progress(done += count, total, "windows");
  await using predictor = await loadPredictor(inputs.model.path, { threads: lease.cpus });
  const images: ImageSummary[] = [];
  for (const [index, file] of files.entries()) {
    const { across, down } = grids[index]!;
    using image = await openImage(file, settings);
    images.push(
      await predictImage(image, {
        name: file.name,
        folder: context.outputs.maps,
        config,
        rows: { predictor, across, down, signal, onWindows },
        warn: context.warn,
      }),
    );
  }
  await writeSummary(context.outputs.maps, images);
  report(context, images);
}

function windows({ starts }: Axis): number {
  return starts.length;
}

/** Opens every image once, so that the last one cannot spoil an hour's work on the others. */
async function planAll(
  context: PredictContext,
  files: readonly ImageFile[],
  settings: ReadSettings,
): Promise<Grid[]> {
  const grids: Grid[] = [];
  for (const file of files) {
    context.signal.throwIfAborted();
    using image = await openImage(file, settings);
    const { width, height } = image.raster;
    const edge = context.config.window ?? settings.card.tile;
    const overlap = overlapPixels(context.config.overlap, edge);
    const grid = {
      across: spreadWindows(width, edge, overlap),
      down: spreadWindows(height, edge, overlap),
    };
    requireMemory(context, file, width * grid.down.window * settings.card.classes.length);
    grids.push(grid);
  }
  return grids;
}

function overlapPixels(overlap: number, edge: number): number {
  const pixels = Math.round(overlap < 1 ? overlap * edge : overlap);
  if (pixels < edge) return pixels;
  throw new StepError(`Windows of ${edge} px cannot share ${pixels} px`, {
    hint: 'Give "overlap" as a part of the window, such as 0.25, or choose a larger "window"',
  });
}

const SUM_BYTES = 4;

function requireMemory({ lease }: PredictContext, { name }: ImageFile, values: number): void {
  const bytes = values * SUM_BYTES;
  if (bytes <= lease.memoryBytes / 2) return;
  const gibi = (amount: number): string => `${(amount / 2 ** 30).toFixed(1)} GiB`;
  throw new StepError(
    `A row of windows over "${name}" takes ${gibi(bytes)}, the step has ${gibi(lease.memoryBytes)}`,
    { hint: 'Choose a smaller "window", or give the step more with "resources"' },
  );
}

function report({ log }: PredictContext, images: readonly ImageSummary[]): void {
  const classes = totals(images);
  const parts = classes.map(({ name, share, area }) =>
    `${name} ${(share * 100).toFixed(1)} %${area === null ? "" : ` (${hectares(area)} ha)`}`
  );
  log(`${images.length} ${images.length === 1 ? "image" : "images"}: ${parts.join(", ")}`);
}

function hectares(area: number): string {
  return (area / 10_000).toLocaleString("en", { maximumSignificantDigits: 3 });
}
