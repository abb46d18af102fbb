// The step itself: reads models and their scores, writes the ranking, copies the best model.
import type { InputItem, Port, StepContext } from "../../engine/plugin.ts";
import { strokeLabel } from "../draw/label.ts";
import { renderPng } from "../draw/svg.ts";
import { readHistory, readModelCard } from "../nn/model_artifact.ts";
import { copyFiles } from "../register/model_files.ts";
import { measured, measureWords } from "../scores/measures.ts";
import { readScores } from "../scores/scores.ts";
import { rankingChart } from "./chart.ts";
import type { CompareOptions } from "./options.ts";
import { type Contender, partners, rank, shortName } from "./ranking.ts";
import { csvTable, jsonTable, markdownTable } from "./tables.ts";

type Many = Port & { readonly many: true };

type CompareContext = Pick<
  StepContext<
    CompareOptions,
    { models: Many; scores: Many; histories: Many },
    { comparison: Port; best: Port }
  >,
  "config" | "inputs" | "outputs" | "signal" | "log" | "progress" | "metric"
>;

/** Ranks the models; throws StepError where models and scores do not fit together. */
export async function compare(context: CompareContext): Promise<void> {
  const { config: { by }, inputs, outputs } = context;
  const { models } = inputs;
  const scores = partners(models, inputs.scores, "scores");
  const histories = inputs.histories.length === 0
    ? []
    : partners(models, inputs.histories, "histories");
  const contenders: Contender[] = [];
  for (const [index, model] of models.entries()) {
    context.signal.throwIfAborted();
    contenders.push(await read(model, scores[index], histories[index]));
    context.progress(index + 1, models.length, "models");
  }
  const ranking = rank(contenders, by);
  const [best] = ranking;
  const write = (name: string, text: string): Promise<void> =>
    Deno.writeTextFile(`${outputs.comparison}/${name}`, text);
  await write("comparison.md", markdownTable(ranking, by));
  await write("comparison.csv", csvTable(ranking));
  await write("comparison.json", jsonTable(ranking, by));
  const chart = await renderPng(rankingChart(ranking, by, strokeLabel));
  await Deno.writeFile(`${outputs.comparison}/comparison.png`, chart);
  await copyFiles(best.path, outputs.best);
  context.metric(by, measured(best.scores, by));
  context.log(
    `Best of ${ranking.length} by ${measureWords[by]}: ${shortName(best)} ` +
      `with ${measured(best.scores, by).toFixed(3)}`,
  );
}

async function read(
  model: InputItem,
  scores: InputItem | undefined,
  history: InputItem | undefined,
): Promise<Contender> {
  return {
    name: model.name,
    values: model.matrix,
    path: model.path,
    card: await readModelCard(model.path),
    scores: await readScores(scores?.path ?? ""),
    history: history && await readHistory(history.path),
  };
}
