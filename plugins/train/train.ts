// Trains a U-Net: tiles in, model and history out.
import { inferenceGraph, type Normalisation } from "../nn/inference_graph.ts";
import { type ModelCard, writeHistory, writeModelCard } from "../nn/model_artifact.ts";
import { encodeSafetensors } from "../nn/safetensors.ts";
import type { Precision } from "../nn/precision.ts";
import type { Device } from "../nn/runtime.ts";
import { type Architecture, type Design, layoutOf } from "../nn/design.ts";
import { unet } from "../nn/unet.ts";
import { namedTensors, totalLength } from "../nn/weights.ts";
import { readManifest, type TilesManifest } from "../tiles/manifest.ts";
import { classWeights } from "./class_weights.ts";
import { measureNormalisation } from "./data/normalisation.ts";
import { chooseTiles, requireSpread, type TileSets } from "./data/tile_sets.ts";
import { TileSource } from "./data/tile_source.ts";
import { fit } from "./fit.ts";
import { checkMemory } from "./memory.ts";
import { losses, optimiserSettings, type TrainContext, type TrainOptions } from "./options.ts";
import type { Fit } from "./progress.ts";
import { chooseRuntime } from "./runtime.ts";
import { startFor } from "./start.ts";

/** Share of the step's memory that decoded tiles may take. */
const TILES_SHARE = 1 / 4;

/** Runs the train step on a network of the given design. */
export async function train(context: TrainContext, design: Design = unet): Promise<void> {
  const { config, inputs, lease, signal, log } = context;
  const { device, precision, reasons, createTrainer } = await chooseRuntime(config);
  for (const reason of reasons) log(reason);
  const manifest = await readManifest(inputs.tiles.path);
  const sets = chooseTiles(manifest, { depth: config.depth, warn: context.warn });
  const architecture = architectureFor(design, config, manifest);
  const classes = manifest.classes.map(({ name }) => name);
  const weights = classWeights(config, { classes, tiles: sets.train });
  const source = new TileSource(inputs.tiles.path, manifest, lease.memoryBytes * TILES_SHARE);
  const batch = Math.min(config.batch, sets.train.length);
  requireSpread(batch, manifest.tile, config.depth);
  const threads = config.threads ?? lease.cpus;
  const parameters = totalLength(layoutOf(design, architecture).parameters);
  logStart(context, { sets, batch, threads, parameters });
  if (config["class-weights"] === "balanced") log(`Class weights: ${named(classes, weights)}`);
  const size = manifest.tile;
  const warning = checkMemory({ architecture, size, batch, parameters }, {
    grantedBytes: lease.memoryBytes,
    machineBytes: Deno.systemMemoryInfo().total,
  });
  if (warning !== undefined) context.warn(warning);
  const { weights: start, ...known } = await startFor(context, { design, architecture });
  const normalisation = known.normalisation ??
    await measureNormalisation(source, sets.train, signal);
  await using trainer = await createTrainer({
    design,
    architecture,
    batch,
    size,
    normalisation,
    losses: losses(config),
    classWeights: weights,
    optimiser: optimiserSettings(config),
    start,
    threads,
  });
  const result = await fit({ context, trainer, source, sets, batch });
  logBest(context, result, classes);
  await writeHistory(context.outputs.history, {
    format: "cairn-history/1",
    classes,
    epochs: [...result.epochs],
  });
  await writeModel(context, {
    result,
    design,
    architecture,
    normalisation,
    manifest,
    sets,
    device,
    precision,
  });
}

function architectureFor(
  { name }: Design,
  { base, depth }: TrainOptions,
  manifest: TilesManifest,
): Architecture {
  return { name, base, depth, bands: manifest.bands, classes: manifest.classes.length };
}

function named(classes: readonly string[], weights: readonly number[]): string {
  return classes.map((name, index) => `${name} ${Number(weights[index]!.toPrecision(3))}`)
    .join(", ");
}

function logStart(
  { config, log }: TrainContext,
  facts: {
    readonly sets: TileSets;
    readonly batch: number;
    readonly threads: number;
    readonly parameters: number;
  },
): void {
  const { sets, batch, threads, parameters } = facts;
  if (batch < config.batch) log(`Batch ${batch} instead of ${config.batch}: all training tiles`);
  log(
    `${parameters} parameters, ${sets.train.length} training and ${sets.val.length} validation ` +
      `tiles, batch ${batch}, ${threads} threads`,
  );
}

function logBest({ log }: TrainContext, { best }: Fit, classes: readonly string[]): void {
  const known = classes.flatMap((name, index) => {
    const iou = best.valIou[index] ?? null;
    return iou === null ? [] : [`${name} ${iou.toFixed(4)}`];
  });
  log(`Best epoch ${best.epoch}: mean IoU ${best.valMeanIou.toFixed(4)} (${known.join(", ")})`);
}

async function writeModel(
  { outputs, seed }: TrainContext,
  trained: {
    readonly result: Fit;
    readonly design: Design;
    readonly architecture: Architecture;
    readonly normalisation: Normalisation;
    readonly manifest: TilesManifest;
    readonly sets: TileSets;
    readonly device: Device;
    readonly precision: Precision;
  },
): Promise<void> {
  const { result, design, architecture, normalisation, manifest, sets, device, precision } =
    trained;
  const { best, weights, epochs } = result;
  const card: ModelCard = {
    format: "cairn-model/1",
    architecture,
    classes: manifest.classes,
    tile: manifest.tile,
    normalisation,
    training: {
      epochs: epochs.length,
      bestEpoch: best.epoch,
      seed,
      device,
      precision,
      parameters: weights.parameters.length,
      trainTiles: sets.train.length,
      valTiles: sets.val.length,
      meanIou: best.valMeanIou,
      loss: best.valLoss,
    },
  };
  const tensors = namedTensors(layoutOf(design, architecture), weights);
  await Deno.writeFile(
    `${outputs.model}/model.onnx`,
    inferenceGraph({ design, architecture, normalisation, weights }),
  );
  await Deno.writeFile(`${outputs.model}/weights.safetensors`, encodeSafetensors(tensors));
  await writeModelCard(outputs.model, card);
}
