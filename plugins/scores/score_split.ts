// Scores a model on all tiles of a split.
import { StepError } from "../../engine/plugin.ts";
import type { Predictor } from "../nn/predictor.ts";
import type { Split } from "../tiles/manifest.ts";
import { predictTiles, type TilesFolder, tilesOf } from "./predict_tiles.ts";
import type { Scores } from "./scores.ts";
import { Tally } from "./tally.ts";

/** How to go through a split. */
export interface ScoringOptions {
  readonly split: Split;
  readonly predictor: Predictor;
  /** Tiles that go through the network at once. */
  readonly batch: number;
  readonly signal: AbortSignal;
  readonly progress: (done: number, total: number, unit: string) => void;
}

/** Predicts and scores a split; throws StepError where it holds no tile, or none with a label. */
export async function scoreSplit(folder: TilesFolder, options: ScoringOptions): Promise<Scores> {
  const { split, progress } = options;
  const tiles = tilesOf(folder.manifest, split);
  const tally = new Tally(folder.manifest.classes);
  let done = 0;
  for await (const { tile, truth, prediction } of predictTiles(folder, tiles, options)) {
    tally.add(tile.name, truth, prediction);
    progress(++done, tiles.length, "tiles");
  }
  const scores = tally.scores(split);
  if (scores !== undefined) return scores;
  throw new StepError(`No pixel of the split "${split}" has a label`, {
    hint: "Check the label table of the prepare step",
  });
}
