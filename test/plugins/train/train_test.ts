// The train step as a workflow runs it: what it learns, writes, reports and refuses.
import assert from "node:assert/strict";
import { StepError } from "../../../engine/plugin.ts";
import { readHistory, readModelCard } from "../../../plugins/nn/model_artifact.ts";
import { loadPredictor } from "../../../plugins/nn/predictor.ts";
import { readTileMask, readTilePixels } from "../../../plugins/tiles/load.ts";
import { readManifest, type Split } from "../../../plugins/tiles/manifest.ts";
import { trainPlugin } from "../../../plugins/train/plugin.ts";
import { type PluginRun, runPlugin } from "../../support/run_plugin.ts";
import { makeTiles } from "./made_up_tiles.ts";

const TEN_AND_TWO: readonly Split[] = [...new Array<Split>(10).fill("train"), "val", "val"];
const SMALL = { base: 4, depth: 2, batch: 4, "learning-rate": 0.02 };

function train(
  folder: string,
  config: Record<string, unknown> = {},
  options: { readonly seed?: number; readonly cpus?: number; readonly signal?: AbortSignal } = {},
): Promise<PluginRun> {
  const inputs = { tiles: folder };
  return runPlugin(trainPlugin, { config: { ...SMALL, ...config }, inputs, ...options });
}

Deno.test("training learns the classes and writes a model that predicts them", async () => {
  await using tiles = await makeTiles({ splits: TEN_AND_TWO });
  await using run = await train(tiles.folder, { epochs: 40 });
  const { epochs } = await readHistory(run.outputs.history!);
  assert.equal(epochs.length, 40);
  assert.ok(epochs.at(-1)!.trainLoss < epochs[0]!.trainLoss / 4);
  const card = await readModelCard(run.outputs.model!);
  assert.ok(card.training.meanIou > 0.8, `mean IoU ${card.training.meanIou}`);
  assert.equal(card.training.trainTiles, 10);

  const manifest = await readManifest(tiles.folder);
  const tile = manifest.tiles.at(-1)!;
  await using predictor = await loadPredictor(run.outputs.model!, { threads: 1 });
  const predicted = await predictor.predict(
    await readTilePixels(tiles.folder, manifest, tile),
    { count: 1, height: 16, width: 16 },
  );
  const truth = await readTileMask(tiles.folder, manifest, tile);
  const right = truth.filter((value, at) => value === predicted[at]).length;
  assert.ok(right > 0.9 * truth.length, `${right} of ${truth.length} pixels`);
});

Deno.test("each epoch is a log line and a point of each curve, with one for each class", async () => {
  await using tiles = await makeTiles({ splits: TEN_AND_TWO });
  await using run = await train(tiles.folder, { epochs: 2, ignore: ["water"] });
  const curves = ["loss", "val-loss", "val-mean-iou", "images-per-second", "learning-rate"];
  const scored = ["val-iou/field", "val-iou/woodland"];
  assert.deepEqual(
    run.metrics.map(({ name, step }) => `${name} ${step}`),
    [1, 2].flatMap((epoch) => [...curves, ...scored].map((name) => `${name} ${epoch}`)),
  );
  const { epochs } = await readHistory(run.outputs.history!);
  const streamed = run.metrics.filter(({ name }) => name.startsWith("val-iou/"));
  assert.deepEqual(
    streamed.map(({ value }) => value),
    epochs.flatMap(({ valIou }) => valIou.filter((iou) => iou !== null)),
  );
  assert.match(run.logs.join("\n"), /Epoch 2\/2: loss \d\.\d{4}, validation loss .* images\/s/);
  assert.match(run.logs.join("\n"), /Device "auto" is cpu/);
  assert.match(run.logs.join("\n"), /Precision "auto" is float32: the processors gain nothing/);
  const { training } = await readModelCard(run.outputs.model!);
  assert.deepEqual([training.device, training.precision], ["cpu", "float32"]);
});

Deno.test("the same seed gives the same weights bit for bit on any number of threads", async () => {
  await using tiles = await makeTiles({ splits: TEN_AND_TWO });
  const weights = async (seed: number, cpus: number): Promise<Uint8Array> => {
    await using run = await train(tiles.folder, { epochs: 2 }, { seed, cpus });
    return await Deno.readFile(`${run.outputs.model}/weights.safetensors`);
  };
  const first = await weights(1, 2);
  assert.deepEqual(await weights(1, 2), first);
  assert.deepEqual(await weights(1, 1), first);
  assert.notDeepEqual(await weights(2, 2), first);
});

for (
  const config of [
    { loss: ["cross-entropy", "dice"], "class-weights": "balanced" },
    { loss: "focal", optimizer: "adamw", warmup: 3 },
    { optimizer: "sgd", "learning-rate": 0.2, "weight-decay": 1e-4 },
  ]
) {
  Deno.test(`training learns with ${JSON.stringify(config)}`, async () => {
    await using tiles = await makeTiles({ splits: TEN_AND_TWO });
    await using run = await train(tiles.folder, { epochs: 25, ...config });
    const { training } = await readModelCard(run.outputs.model!);
    assert.ok(training.meanIou > 0.6, `mean IoU ${training.meanIou}`);
  });
}

Deno.test("an ignored class is neither learned nor scored", async () => {
  await using tiles = await makeTiles({ splits: TEN_AND_TWO });
  await using run = await train(tiles.folder, { epochs: 25, ignore: ["water"] });
  const { epochs } = await readHistory(run.outputs.history!);
  const last = epochs.at(-1)!;
  assert.deepEqual(last.valIou.map((iou) => iou === null), [false, false, true]);
  assert.ok(last.valMeanIou > 0.8, `mean IoU ${last.valMeanIou}`);
});

Deno.test("the same seed gives the same weights with every augmentation", async () => {
  await using tiles = await makeTiles({ splits: TEN_AND_TWO });
  const weights = async (augment: unknown): Promise<Uint8Array> => {
    await using run = await train(tiles.folder, { epochs: 2, augment });
    return await Deno.readFile(`${run.outputs.model}/weights.safetensors`);
  };
  const everything = { flip: true, turn: true, light: true, crop: true };
  const first = await weights(everything);
  assert.deepEqual(await weights(everything), first);
  assert.notDeepEqual(await weights(true), first);
  assert.deepEqual(await weights({ flip: true }), await weights(true));
});

Deno.test("without validation tiles some training tiles validate, with a warning", async () => {
  await using tiles = await makeTiles({ splits: new Array<Split>(10).fill("train") });
  await using run = await train(tiles.folder, { epochs: 1 });
  const { training } = await readModelCard(run.outputs.model!);
  assert.deepEqual([training.trainTiles, training.valTiles], [8, 2]);
  assert.match(run.warnings.join("\n"), /2 of 10 training tiles validate/);
});

const REFUSED: readonly {
  readonly what: string;
  readonly tiles: Parameters<typeof makeTiles>[0];
  readonly config?: Record<string, unknown>;
  readonly message: RegExp;
  readonly hint: RegExp;
}[] = [
  {
    what: "no training tiles",
    tiles: { splits: ["val", "test"] },
    message: /The split "train" holds no tiles/,
    hint: /"train" a share/,
  },
  {
    what: "one training tile and no validation",
    tiles: { splits: ["train"] },
    message: /The split "val" holds no labelled tiles/,
    hint: /"val" a share/,
  },
  {
    what: "masks without labels",
    tiles: { splits: ["train", "val"], labelled: false },
    message: /No pixel of the training tiles has a label/,
    hint: /masks/,
  },
  {
    what: "one value per channel at the bottom",
    tiles: { splits: ["train", "val"] },
    config: { depth: 4, batch: 1 },
    message: /Batch 1 leaves one value per channel/,
    hint: /Raise "batch" to 2 or lower "depth" to 3/,
  },
  {
    what: "a tile that cannot be halved often enough",
    tiles: { splits: ["train", "val"], tile: 20 },
    config: { depth: 4 },
    message: /Tiles of 20 pixels cannot be halved 4 times/,
    hint: /Use tile 16 in the prepare step or depth 2 here/,
  },
];

for (const { what, tiles: made, config, message, hint } of REFUSED) {
  Deno.test(`training refuses ${what} and says what to do`, async () => {
    await using tiles = await makeTiles(made);
    await rejects(train(tiles.folder, { epochs: 1, ...config }), { message, hint });
  });
}

Deno.test("an unknown device is refused with those that exist", () => {
  const parsed = trainPlugin.config.safeParse({ device: "cuda:0" });
  assert.match(String(parsed.error?.message), /not on \\"cuda:0\\"/);
});

Deno.test("an unknown precision is refused with those that exist", () => {
  const parsed = trainPlugin.config.safeParse({ precision: "float16" });
  assert.match(String(parsed.error?.message), /auto, float32, mixed, not \\"float16\\"/);
});

Deno.test("a cancelled run stops between steps with the signal's reason", async () => {
  await using tiles = await makeTiles({ splits: TEN_AND_TWO });
  const reason = new Error("cancelled");
  await assert.rejects(train(tiles.folder, {}, { signal: AbortSignal.abort(reason) }), reason);
});

async function rejects(
  run: Promise<unknown>,
  expected: { readonly message: RegExp; readonly hint: RegExp },
): Promise<void> {
  await assert.rejects(run, (error) => {
    assert.ok(error instanceof StepError, String(error));
    assert.match(error.message, expected.message);
    assert.match(error.hint ?? "", expected.hint);
    return true;
  });
}
