// The scores artifact: `metrics.json` says how a model did on one split, for each class and each tile;
// beside it lie `metrics.md` and `confusion.png` for people. Written by `test`; read by `visualize`, `register`.
import { StepError, z } from "../../engine/plugin.ts";

const share = z.number().min(0).max(1);
const quality = z.strictObject({ precision: share, recall: share, f1: share, iou: share });

const classRow = z.strictObject({
  name: z.string(),
  color: z.string(),
  /** All four are null where the class occurs neither in truth nor in prediction. */
  precision: share.nullable(),
  recall: share.nullable(),
  f1: share.nullable(),
  iou: share.nullable(),
  /** Pixels of the class in the truth. */
  support: z.int(),
});

const tileRow = z.strictObject({
  name: z.string(),
  /** Both are null where no pixel of the tile has a label. */
  accuracy: share.nullable(),
  meanIou: share.nullable(),
});

const scores = z.strictObject({
  format: z.literal("cairn-scores/1"),
  split: z.enum(["train", "val", "test"]),
  /** Labelled pixels, all others are left out. */
  pixels: z.int().min(1),
  accuracy: share,
  /** Mean over the classes that occur in truth or prediction. */
  macro: quality,
  /** Mean over classes by support. */
  weighted: quality,
  classes: z.array(classRow),
  /** Pixel counts by true class (row) and predicted class (column). */
  confusion: z.array(z.array(z.int())),
  tiles: z.array(tileRow),
});

/** What `metrics.json` holds; all scores are 0 to 1. */
export type Scores = z.output<typeof scores>;

/** How a model did on one tile. */
export type TileScore = z.output<typeof tileRow>;

/** Reads a scores folder; throws StepError where it holds none. */
export async function readScores(folder: string): Promise<Scores> {
  const parsed = scores.safeParse(JSON.parse(await Deno.readTextFile(`${folder}/metrics.json`)));
  if (parsed.success) return parsed.data;
  throw new StepError(`Cannot use "${folder}" as scores: ${z.prettifyError(parsed.error)}`, {
    hint: "Connect this input to the metrics output of a test step",
  });
}

/** Writes a scores folder's `metrics.json`. */
export async function writeScores(folder: string, value: Scores): Promise<void> {
  await Deno.writeTextFile(`${folder}/metrics.json`, `${JSON.stringify(value, null, 2)}\n`);
}
