// The epochs: train, validate, remember the best weights, stop early; and go on where an earlier run stopped.
import { StepError } from "../../engine/plugin.ts";
import type { Trainer } from "../nn/training/trainer.ts";
import { ConfusionMatrix, intersectionOverUnion, meanOfKnown } from "../scores/confusion.ts";
import { NO_LABEL } from "../tiles/manifest.ts";
import { loadBatches } from "./data/batches.ts";
import { planEpoch, planInOrder } from "./data/views.ts";
import { learningRateAt } from "./learning_rate.ts";
import { type Epoch, type Fit, loadProgress, saveProgress } from "./progress.ts";
import { augmentation, type TrainContext, type TrainOptions } from "./options.ts";
import type { TileSets } from "./data/tile_sets.ts";
import type { TileSource } from "./data/tile_source.ts";

/** What is trained on what. */
export interface Job {
  readonly context: TrainContext;
  readonly trainer: Trainer;
  readonly source: TileSource;
  readonly sets: TileSets;
  /** Tiles per step. */
  readonly batch: number;
}

/** Trains until the last epoch, or until `patience` epochs brought nothing better. */
export async function fit(job: Job): Promise<Fit> {
  const { context, trainer } = job;
  const { config, log, checkpoint } = context;
  let done = await resume(job);
  while (done === undefined || done.epochs.length < config.epochs && !isStalled(done, config)) {
    const epoch = await runEpoch(job, (done?.epochs.length ?? 0) + 1);
    report(job, epoch);
    const isBetter = done === undefined || epoch.valMeanIou > done.best.valMeanIou;
    done = {
      ...(isBetter ? { best: epoch, weights: await trainer.weights() } : done!), // there is one to beat
      epochs: [...done?.epochs ?? [], epoch],
    };
    await saveProgress(checkpoint, done, await trainer.state());
  }
  if (isStalled(done, config)) log(`Stopped: no better mean IoU for ${config.patience} epochs`);
  return done;
}

/** Takes up what an earlier run has left. */
async function resume(job: Job): Promise<Fit | undefined> {
  const { context, trainer } = job;
  const found = await loadProgress(context.checkpoint, context.config.epochs);
  if (found === undefined) return undefined;
  trainer.restore(found.trainer);
  const { epochs } = found.fit;
  for (const epoch of epochs) reportCurves(job, epoch);
  context.log(`Goes on after epoch ${epochs.length} of an earlier run`);
  return found.fit;
}

function isStalled({ epochs, best }: Fit, { patience = Infinity }: TrainOptions): boolean {
  return epochs.length - best.epoch >= patience;
}

async function runEpoch(job: Job, number: number): Promise<Epoch> {
  const start = performance.now();
  const training = await trainEpoch(job, number);
  const trainSeconds = (performance.now() - start) / 1000;
  const validation = await validate(job);
  const learningRate = job.context.config["learning-rate"];
  requireFinite(validation.valLoss, { epoch: number, learningRate });
  return {
    epoch: number,
    trainLoss: training.loss,
    ...validation,
    learningRate: training.learningRate,
    seconds: (performance.now() - start) / 1000,
    imagesPerSecond: training.images / trainSeconds,
  };
}

async function trainEpoch(
  { context, trainer, source, sets, batch }: Job,
  epoch: number,
): Promise<{ readonly loss: number; readonly learningRate: number; readonly images: number }> {
  const { config, seed, signal, progress } = context;
  const plan = planEpoch(sets.train, { batch, seed, epoch, augment: augmentation(config) });
  const steps = plan.length * config.epochs;
  let done = plan.length * (epoch - 1);
  let sum = 0;
  let learningRate = 0;
  for await (const images of loadBatches(source, plan)) {
    signal.throwIfAborted();
    learningRate = learningRateAt(done, plan.length, config);
    const loss = await trainer.step(images, learningRate);
    requireFinite(loss, { epoch, learningRate: config["learning-rate"] });
    sum += loss;
    progress(++done * batch, steps * batch, "images");
  }
  return { loss: sum / plan.length, learningRate, images: plan.length * batch };
}

async function validate(
  { context, trainer, source, sets, batch }: Job,
): Promise<Pick<Epoch, "valLoss" | "valIou" | "valMeanIou">> {
  const classes = source.manifest.classes.map(({ name }) => name);
  const isIgnored = classes.map((name) => context.config.ignore.includes(name));
  const matrix = new ConfusionMatrix(classes.length);
  let [total, weight] = [0, 0];
  for await (const images of loadBatches(source, planInOrder(sets.val, batch))) {
    context.signal.throwIfAborted();
    const { lossTotal, lossWeight, predicted } = await trainer.validate(images);
    matrix.add(images.label.map((land) => isIgnored[land] ? NO_LABEL : land), predicted);
    total += lossTotal;
    weight += lossWeight;
  }
  const valIou = intersectionOverUnion(matrix).map((iou, land) => isIgnored[land] ? null : iou);
  return { valLoss: total / weight, valIou, valMeanIou: meanOfKnown(valIou) };
}

function requireFinite(
  loss: number,
  { epoch, learningRate }: { readonly epoch: number; readonly learningRate: number },
): void {
  if (Number.isFinite(loss)) return;
  throw new StepError(`Training diverged: the loss is no number any more in epoch ${epoch}`, {
    hint: `Lower "learning-rate", which is ${learningRate}`,
  });
}

function report(job: Job, epoch: Epoch): void {
  const { config, log } = job.context;
  reportCurves(job, epoch);
  log(
    `Epoch ${epoch.epoch}/${config.epochs}: loss ${epoch.trainLoss.toFixed(4)}, ` +
      `validation loss ${epoch.valLoss.toFixed(4)}, mean IoU ${epoch.valMeanIou.toFixed(4)}, ` +
      `${epoch.imagesPerSecond.toFixed(1)} images/s`,
  );
}

function reportCurves({ context, source }: Job, epoch: Epoch): void {
  const curves = {
    "loss": epoch.trainLoss,
    "val-loss": epoch.valLoss,
    "val-mean-iou": epoch.valMeanIou,
    "images-per-second": epoch.imagesPerSecond,
    "learning-rate": epoch.learningRate,
  };
  for (const [name, value] of Object.entries(curves)) context.metric(name, value, epoch.epoch);
  source.manifest.classes.forEach(({ name }, land) => {
    const iou = epoch.valIou[land] ?? null;
    // Ignored classes have none, and those that no validation tile shows.
    if (iou !== null) context.metric(`val-iou/${name}`, iou, epoch.epoch);
  });
}
