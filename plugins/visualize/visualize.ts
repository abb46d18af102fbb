// Chooses tiles, predicts them, and writes the figures: panels, learning curves and the report.
import { type Port, type StepContext, StepError } from "../../engine/plugin.ts";
import { strokeLabel } from "../draw/label.ts";
import { renderPng } from "../draw/svg.ts";
import { type History, readHistory, readModelCard } from "../nn/model_artifact.ts";
import { loadPredictor, type Predictor } from "../nn/predictor.ts";
import { requireFit, type TilesFolder } from "../scores/predict_tiles.ts";
import { scoreSplit } from "../scores/score_split.ts";
import { readScores, type Scores } from "../scores/scores.ts";
import { readManifest, type TilesManifest } from "../tiles/manifest.ts";
import { chooseTiles } from "./choose_tiles.ts";
import { curvesDocument } from "./curves.ts";
import { drawPanels } from "./panels/draw_panels.ts";
import type { VisualizeOptions } from "./options.ts";
import { writeReport } from "./report/report.ts";

type Optional = Port & { readonly optional: true };
type VisualizeContext = Pick<
  StepContext<
    VisualizeOptions,
    { model: Port; tiles: Port; scores: Optional; history: Optional },
    { figures: Port }
  >,
  "config" | "inputs" | "outputs" | "lease" | "seed" | "signal" | "log" | "warn" | "progress"
>;

/**
 * Draws a model's tiles and writes its report.
 * Throws StepError where model, tiles and scores do not fit together.
 */
export async function visualize(context: VisualizeContext): Promise<void> {
  const { inputs, outputs, config, lease } = context;
  const folder = { path: inputs.tiles.path, manifest: await readManifest(inputs.tiles.path) };
  const card = await readModelCard(inputs.model.path);
  requireFit(card, folder.manifest);
  const history = inputs.history && await readHistory(inputs.history.path);
  await using predictor = await loadPredictor(inputs.model.path, { threads: lease.cpus });
  const scores = await scoresFor(context, folder, predictor);
  const varied = tilesWithSeveralClasses(folder.manifest);
  const choices = chooseTiles(scores.tiles, { ...config, seed: context.seed, varied });
  const panels = await drawPanels(context, { folder, choices, predictor, scores });
  const output = outputs.figures;
  if (history !== undefined) await writeCurves(output, history, card.training.bestEpoch);
  const report = writeReport({ title: config.title, card, scores, history, panels });
  await Deno.writeTextFile(`${output}/report.html`, report);
  context.log(`Drew ${panels.length} panels; open report.html for all of it`);
}

/** The connected scores, or new ones where none are connected. */
async function scoresFor(
  { inputs, config, signal, progress, log }: VisualizeContext,
  folder: TilesFolder,
  predictor: Predictor,
): Promise<Scores> {
  const { split } = config;
  if (inputs.scores === undefined) {
    log("No scores are connected, so every tile of the split is predicted");
    return await scoreSplit(folder, { split, predictor, batch: 4, signal, progress });
  }
  const scores = await readScores(inputs.scores.path);
  if (scores.split !== split) {
    throw new StepError(
      `The scores are of the split "${scores.split}", pictures of "${split}" are wanted`,
      { hint: `Set the option \`split\` to "${scores.split}", or connect other scores` },
    );
  }
  const known = new Set(folder.manifest.tiles.map(({ name }) => name));
  const stranger = scores.tiles.find(({ name }) => !known.has(name));
  if (stranger === undefined) return scores;
  throw new StepError(`The scores tell of a tile "${stranger.name}" that is not among the tiles`, {
    hint: "Connect scores that were made from these tiles",
  });
}

function tilesWithSeveralClasses({ tiles }: TilesManifest): Set<string> {
  const several = tiles.filter(({ histogram }) =>
    histogram.filter((count) => count > 0).length > 1
  );
  return new Set(several.map(({ name }) => name));
}

async function writeCurves(output: string, history: History, best: number): Promise<void> {
  const curves = curvesDocument(history, best, strokeLabel);
  await Deno.writeFile(`${output}/curves.png`, await renderPng(curves));
}
