// Predicts the chosen tiles and draws each as a PNG in `panels/` and as images for the report; its labels go
// to `labels/`.
import type { Port, StepContext } from "../../../engine/plugin.ts";
import type { Predictor } from "../../nn/predictor.ts";
import { ConfusionMatrix } from "../../scores/confusion.ts";
import { type PredictedTile, predictTiles, type TilesFolder } from "../../scores/predict_tiles.ts";
import type { Scores, TileScore } from "../../scores/scores.ts";
import { scoreTile } from "../../scores/tally.ts";
import type { Choice } from "../choose_tiles.ts";
import type { VisualizeOptions } from "../options.ts";
import type { ReportPanel } from "../report/tiles_section.ts";
import { encodePicture } from "./encode.ts";
import { CLASSES_FILE, classesFile, encodeLabels, LABELS_FOLDER } from "./labels.ts";
import { drawPictures } from "./pictures.ts";
import { drawSheet } from "./sheet.ts";

type DrawContext = Pick<
  StepContext<VisualizeOptions, Record<never, never>, { figures: Port }>,
  "config" | "outputs" | "signal" | "warn" | "progress"
>;

/** What there is to draw. */
export interface PanelSource {
  readonly folder: TilesFolder;
  readonly choices: readonly Choice[];
  readonly predictor: Predictor;
  readonly scores: Scores;
}

/** Accuracy may differ by a few pixels between machines, not by more. */
const tolerance = 0.01;

/** Draws the chosen tiles; warns where the scores are not of this model. */
export async function drawPanels(
  context: DrawContext,
  { folder, choices, predictor, scores }: PanelSource,
): Promise<ReportPanel[]> {
  const { outputs, signal } = context;
  await Deno.mkdir(`${outputs.figures}/panels`);
  await Deno.mkdir(`${outputs.figures}/${LABELS_FOLDER}`);
  await Deno.writeTextFile(
    `${outputs.figures}/${LABELS_FOLDER}/${CLASSES_FILE}`,
    classesFile(folder.manifest.classes, context.config.opacity),
  );
  const tiles = new Map(folder.manifest.tiles.map((tile) => [tile.name, tile]));
  const scoreOf = new Map(scores.tiles.map((score) => [score.name, score]));
  const chosen = choices.map(({ name }) => tiles.get(name)).filter((tile) => tile !== undefined);
  const panels: ReportPanel[] = [];
  for await (const predicted of predictTiles(folder, chosen, { predictor, batch: 4, signal })) {
    const choice = choices[panels.length]!;
    const score = scoreHere(predicted, folder);
    const told = scoreOf.get(choice.name)?.accuracy ?? NaN;
    if (Math.abs(told - (score.accuracy ?? NaN)) > tolerance) {
      context.warn(`The scores of tile "${choice.name}" are not those of this model`);
    }
    panels.push(await drawPanel({ predicted, choice, score }, folder, context));
    context.progress(panels.length, choices.length, "panels");
  }
  return panels;
}

function scoreHere(
  { tile, truth, prediction }: PredictedTile,
  { manifest }: TilesFolder,
): TileScore {
  const matrix = new ConfusionMatrix(manifest.classes.length);
  matrix.add(truth, prediction);
  return { name: tile.name, ...scoreTile(matrix) };
}

async function drawPanel(
  subject: { predicted: PredictedTile; choice: Choice; score: TileScore },
  { manifest }: TilesFolder,
  { config, outputs }: DrawContext,
): Promise<ReportPanel> {
  const { predicted, choice, score } = subject;
  const { classes, tile: edge } = manifest;
  const pictures = drawPictures(predicted, classes, { edge, opacity: config.opacity });
  const title = panelTitle(choice, score);
  const sheet = await drawSheet({ title, pictures, classes }, config.edge);
  const name = `${choice.pick}_${choice.rank}_${choice.name}`;
  await Deno.writeFile(`${outputs.figures}/panels/${name}.png`, sheet);
  const labels = await encodeLabels({ edge, ...predicted }, config.edge);
  await Deno.writeFile(`${outputs.figures}/${LABELS_FOLDER}/${name}.labels.png`, labels);
  const images = await Promise.all(pictures.map(async (picture) => ({
    name: picture.name,
    webp: await encodePicture(picture, config.edge, "webp"),
  })));
  return { choice, score, images };
}

function panelTitle({ pick, rank, name }: Choice, { meanIou, accuracy }: TileScore): string {
  const first = `${pick[0]!.toUpperCase()}${pick.slice(1)} ${rank}`;
  const told = `mean IoU ${(meanIou ?? 0).toFixed(3)} · accuracy ${
    ((accuracy ?? 0) * 100).toFixed(1)
  } %`;
  return `${first} · ${told} · ${name}`;
}
