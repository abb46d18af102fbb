// What runs on the server say of a model: parameters from its card, metrics from its scores and curves.
import type { History, ModelCard } from "../../nn/model_artifact.ts";
import type { Scores } from "../../scores/scores.ts";
import type { TilesManifest } from "../../tiles/manifest.ts";
import { mlflowName } from "./names.ts";
import type { Dataset, Metric } from "./runs.ts";

/** Spells what a model is and how it was trained as parameters. */
export function parametersOf(card: ModelCard): Record<string, string> {
  const { architecture, training } = card;
  const values = {
    architecture: architecture.name,
    base: architecture.base,
    depth: architecture.depth,
    bands: architecture.bands,
    classes: card.classes.map(({ name }) => name).join(", "),
    tile: card.tile,
    epochs: training.epochs,
    best_epoch: training.bestEpoch,
    seed: training.seed,
    device: training.device,
    precision: training.precision,
    parameters: training.parameters,
    train_tiles: training.trainTiles,
    val_tiles: training.valTiles,
  };
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]));
}

/** Says on a version's page what the model is and how well it does. */
export function descriptionOf(card: ModelCard, scores: Scores | undefined): string {
  const { architecture, training } = card;
  const network = `${architecture.name}, base ${architecture.base}, depth ${architecture.depth}`;
  const trained = `${training.epochs} epochs, best at ${training.bestEpoch}`;
  const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
  const tested = scores === undefined ? "Not scored." : `On ${scores.tiles.length} tiles of ` +
    `"${scores.split}": macro F1 **${percent(scores.macro.f1)}**, mean IoU ` +
    `**${percent(scores.macro.iou)}**, accuracy ${percent(scores.accuracy)}.`;
  return `${tested}\n\nRegistered by cairn: ${network}, ${trained}.`;
}

/** A number with the name that charts have; `/` in the name groups them. */
export type Score = Pick<Metric, "key" | "value">;

/** Gives what training says of the model and, where there are scores, the tested split. */
export function metricsOf(card: ModelCard, scores: Scores | undefined): Score[] {
  return [
    { key: "val/loss", value: card.training.loss },
    { key: "val/mean_iou", value: card.training.meanIou },
    ...scores === undefined ? [] : scoreMetrics(scores),
  ];
}

/** Gives the metrics of a tested split. */
export function scoreMetrics(scores: Scores): Score[] {
  const { split, macro } = scores;
  return [
    { key: `${split}/accuracy`, value: scores.accuracy },
    { key: `${split}/macro_precision`, value: macro.precision },
    { key: `${split}/macro_recall`, value: macro.recall },
    { key: `${split}/macro_f1`, value: macro.f1 },
    // Of the same split as training's own, the tested value is what people should see.
    { key: split === "val" ? "val/tested_mean_iou" : `${split}/mean_iou`, value: macro.iou },
    ...scores.classes.flatMap((each) =>
      (["precision", "recall", "f1", "iou"] as const).flatMap((score) => {
        const value = each[score];
        return value === null ? [] : [{ key: mlflowName(`${split}/${score}/${each.name}`), value }];
      })
    ),
  ];
}

/** Gives every epoch's numbers at the time at which the epoch ended. */
export function curvesOf(history: History, startedAtMs: number): Metric[] {
  let seconds = 0;
  return history.epochs.flatMap((each) => {
    seconds += each.seconds;
    const point = { step: each.epoch, timestampMs: Math.round(startedAtMs + seconds * 1000) };
    const scores: Score[] = [
      { key: "train/loss", value: each.trainLoss },
      { key: "val/loss", value: each.valLoss },
      { key: "val/mean_iou", value: each.valMeanIou },
      { key: "learning_rate", value: each.learningRate },
      { key: "images_per_second", value: each.imagesPerSecond },
      ...each.valIou.flatMap((value, index) => {
        const key = mlflowName(`val/iou/${history.classes[index] ?? index}`);
        return value === null ? [] : [{ key, value }];
      }),
    ];
    return scores.map((score) => ({ ...score, ...point }));
  });
}

/** Says which tiles were used; the digest is of their list, not of their pixels. */
export function datasetOf(manifest: TilesManifest, sha256: string): Dataset {
  const counts = { train: 0, val: 0, test: 0 };
  for (const { split } of manifest.tiles) counts[split]++;
  return {
    name: "tiles",
    digest: sha256.slice(0, 36),
    profile: {
      tiles: manifest.tiles.length,
      ...counts,
      edge: manifest.tile,
      bands: manifest.bands,
    },
  };
}
