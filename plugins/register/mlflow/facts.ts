// What a run on the server says of a model: parameters from its card, metrics from its scores.
import type { ModelCard } from "../../nn/model_artifact.ts";
import type { Scores } from "../../scores/scores.ts";
import type { Metric } from "./runs.ts";

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

/** Gives the metrics of training and, where there are scores, of the tested split. */
export function metricsOf(card: ModelCard, scores: Scores | undefined): Metric[] {
  const trained = [
    { key: "val/loss", value: card.training.loss },
    { key: "val/mean_iou", value: card.training.meanIou },
  ];
  if (scores === undefined) return trained;
  const { split, macro } = scores;
  return [
    ...trained,
    { key: `${split}/accuracy`, value: scores.accuracy },
    { key: `${split}/macro_precision`, value: macro.precision },
    { key: `${split}/macro_recall`, value: macro.recall },
    { key: `${split}/macro_f1`, value: macro.f1 },
    // Of the same split as training's own, the tested value is what people should see.
    { key: split === "val" ? "val/tested_mean_iou" : `${split}/mean_iou`, value: macro.iou },
    ...scores.classes.flatMap((each, index) => {
      const name = metricName(each.name, index);
      return (["precision", "recall", "f1", "iou"] as const).flatMap((score) => {
        const value = each[score];
        return value === null ? [] : [{ key: `${split}/${score}/${name}`, value }];
      });
    }),
  ];
}

/** MLflow takes few characters; a name that must change gets its index, so that no two become one. */
function metricName(name: string, index: number): string {
  const safe = name.normalize("NFC").replaceAll(/[^A-Za-z0-9_\-. ]/g, "_").slice(0, 100);
  return safe === name && !/^\.+$/.test(name) ? name : `${safe}_${index}`;
}
