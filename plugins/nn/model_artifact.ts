// The model artifact: `model.onnx` for inference anywhere, `weights.safetensors` to train on, and
// `model.json`, which says what the numbers mean. Written by `train`; read by `test`, `visualize`, `register`.
import { StepError, z } from "../../engine/plugin.ts";

const modelCard = z.strictObject({
  format: z.literal("cairn-model/1"),
  architecture: z.strictObject({
    /** The network's design; "unet" is the one that `train` builds. */
    name: z.string(),
    /** Channels of the first block; of a U-Net, each level down doubles them. */
    base: z.int(),
    /** Number of times the image is halved; sides fed to the network are multiples of 2^depth. */
    depth: z.int(),
    bands: z.int(),
    classes: z.int(),
  }),
  classes: z.array(z.strictObject({ name: z.string(), color: z.string() })),
  /** Edge of the training tiles, pixels. */
  tile: z.int(),
  /** Pixels 0-255 are turned into (pixel - mean) / deviation inside the graph. */
  normalisation: z.strictObject({ mean: z.array(z.number()), deviation: z.array(z.number()) }),
  training: z.strictObject({
    epochs: z.int(),
    bestEpoch: z.int(),
    seed: z.int(),
    device: z.string(),
    /** "float32" or "mixed"; older models do not say it and are float32. */
    precision: z.string().default("float32"),
    parameters: z.int(),
    trainTiles: z.int(),
    valTiles: z.int(),
    /** Of the best epoch, on the validation split. */
    meanIou: z.number(),
    loss: z.number(),
  }),
});

/** What `model.json` holds. `model.onnx` maps "image" float32 [n, bands, h, w] to "logits" [n, classes, h, w]. */
export type ModelCard = z.output<typeof modelCard>;

/** Reads a model folder's card; throws StepError where the folder is no model artifact. */
export async function readModelCard(folder: string): Promise<ModelCard> {
  const parsed = modelCard.safeParse(JSON.parse(await Deno.readTextFile(`${folder}/model.json`)));
  if (parsed.success) return parsed.data;
  throw new StepError(`Cannot use "${folder}" as a model: ${z.prettifyError(parsed.error)}`, {
    hint: "Connect this input to the model output of a train step",
  });
}

/** Writes a model folder's card. */
export async function writeModelCard(folder: string, card: ModelCard): Promise<void> {
  await Deno.writeTextFile(`${folder}/model.json`, `${JSON.stringify(card, null, 2)}\n`);
}

const history = z.strictObject({
  format: z.literal("cairn-history/1"),
  classes: z.array(z.string()),
  epochs: z.array(z.strictObject({
    epoch: z.int(),
    trainLoss: z.number(),
    valLoss: z.number(),
    valMeanIou: z.number(),
    /** Per class; null where the class occurs neither in truth nor in prediction. */
    valIou: z.array(z.number().nullable()),
    learningRate: z.number(),
    seconds: z.number(),
    imagesPerSecond: z.number(),
  })),
});

/** Learning curves: what `history.json` in a train step's history output holds. */
export type History = z.output<typeof history>;

/** Reads a history folder; throws StepError where it holds none. */
export async function readHistory(folder: string): Promise<History> {
  const parsed = history.safeParse(JSON.parse(await Deno.readTextFile(`${folder}/history.json`)));
  if (parsed.success) return parsed.data;
  throw new StepError(`Cannot use "${folder}" as a history: ${z.prettifyError(parsed.error)}`);
}

/** Writes a history folder's file. */
export async function writeHistory(folder: string, value: History): Promise<void> {
  await Deno.writeTextFile(`${folder}/history.json`, `${JSON.stringify(value, null, 2)}\n`);
}
