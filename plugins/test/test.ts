// Predicts a split, counts, and writes the scores artifact: numbers, a table and a heat map.
import type { Port, StepContext } from "../../engine/plugin.ts";
import { strokeLabel } from "../draw/label.ts";
import { renderPng } from "../draw/svg.ts";
import { readModelCard } from "../nn/model_artifact.ts";
import { loadPredictor } from "../nn/predictor.ts";
import { requireFit } from "../scores/predict_tiles.ts";
import { scoreSplit } from "../scores/score_split.ts";
import { type Scores, writeScores } from "../scores/scores.ts";
import { readManifest } from "../tiles/manifest.ts";
import { confusionChart } from "./confusion_chart.ts";
import type { TestOptions } from "./options.ts";
import { scoresTable } from "./scores_table.ts";

type TestContext = Pick<
  StepContext<TestOptions, { model: Port; tiles: Port }, { metrics: Port }>,
  "config" | "inputs" | "outputs" | "lease" | "signal" | "log" | "progress" | "metric"
>;

/**
 * Scores a model on a split of tiles.
 * Throws StepError where model and tiles do not fit, or the split holds no tile or no label.
 */
export async function test(context: TestContext): Promise<void> {
  const { inputs, config, lease, signal } = context;
  const folder = { path: inputs.tiles.path, manifest: await readManifest(inputs.tiles.path) };
  requireFit(await readModelCard(inputs.model.path), folder.manifest);
  await using predictor = await loadPredictor(inputs.model.path, { threads: lease.cpus });
  const { progress } = context;
  const scores = await scoreSplit(folder, { ...config, predictor, signal, progress });
  await write(context.outputs.metrics, scores);
  report(context, scores);
}

async function write(output: string, scores: Scores): Promise<void> {
  await writeScores(output, scores);
  await Deno.writeTextFile(`${output}/metrics.md`, scoresTable(scores));
  await Deno.writeFile(
    `${output}/confusion.png`,
    await renderPng(confusionChart(scores, strokeLabel)),
  );
}

function report(context: TestContext, scores: Scores): void {
  context.metric("mean-iou", scores.macro.iou);
  context.metric("macro-f1", scores.macro.f1);
  context.metric("accuracy", scores.accuracy);
  context.log(
    `Mean IoU ${scores.macro.iou.toFixed(3)}, macro F1 ${scores.macro.f1.toFixed(3)}, ` +
      `accuracy ${scores.accuracy.toFixed(3)} over ${scores.tiles.length} tiles`,
  );
}
