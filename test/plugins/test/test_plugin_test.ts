// The test step on tiles that a model of colours gets right but for errors put in on purpose.
import assert from "node:assert/strict";
import sharp from "sharp";
import { StepError } from "../../../engine/plugin.ts";
import { readScores } from "../../../plugins/scores/scores.ts";
import { testPlugin } from "../../../plugins/test/plugin.ts";
import { NO_LABEL, writeManifest } from "../../../plugins/tiles/manifest.ts";
import { writeColorModel } from "../../support/color_model.ts";
import { type DrawnTile, threeClasses, writeColorTiles } from "../../support/color_tiles.ts";
import { runPlugin } from "../../support/run_plugin.ts";

const half: DrawnTile["shown"] = (x) => x < 16 ? 0 : 1;

/** Two of three test tiles are right; the mask of the third says water in a quarter of the field. */
const drawn: readonly DrawnTile[] = [
  { name: "right", split: "test", shown: half },
  {
    name: "wrong",
    split: "test",
    shown: half,
    labelled: (x, y) => x < 8 && y < 16 ? 2 : half(x, y),
  },
  { name: "bare", split: "test", shown: half, labelled: () => NO_LABEL },
  { name: "other", split: "train", shown: () => 2 },
];

interface Folders extends AsyncDisposable {
  readonly model: string;
  readonly tiles: string;
}

async function folders(tiles: readonly DrawnTile[] = drawn): Promise<Folders> {
  const folder = await Deno.makeTempDir({ prefix: "cairn_test_" });
  await writeColorModel(`${folder}/model`, threeClasses);
  await writeColorTiles(`${folder}/tiles`, tiles);
  return {
    model: `${folder}/model`,
    tiles: `${folder}/tiles`,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

Deno.test("test scores the split's tiles and says each tile's accuracy", async () => {
  await using inputs = await folders();
  const { model, tiles } = inputs;
  await using run = await runPlugin(testPlugin, { inputs: { model, tiles }, config: { batch: 2 } });
  const scores = await readScores(run.outputs["metrics"]!);
  assert.deepEqual(scores.confusion, [[896, 0, 0], [0, 1024, 0], [128, 0, 0]]);
  assert.deepEqual(scores.tiles.map(({ name, accuracy }) => [name, accuracy]), [
    ["right", 1],
    ["wrong", 0.875],
    ["bare", null],
  ]);
  assert.equal(scores.accuracy, 1920 / 2048);
  assert.deepEqual(run.metrics.map(({ name }) => name), ["mean-iou", "macro-f1", "accuracy"]);
});

Deno.test("test writes a Markdown table and a picture of the confusion matrix", async () => {
  await using inputs = await folders();
  const { model, tiles } = inputs;
  await using run = await runPlugin(testPlugin, { inputs: { model, tiles } });
  const table = await Deno.readTextFile(`${run.outputs["metrics"]}/metrics.md`);
  assert.match(table, /\| water \| 0\.000 \| 0\.000 \| 0\.000 \| 0\.000 \| 128 \|/);
  const picture = await sharp(`${run.outputs["metrics"]}/confusion.png`).metadata();
  assert.ok(picture.format === "png" && (picture.width ?? 0) > 400);
});

Deno.test("the number of tiles in a batch changes nothing in the result", async () => {
  await using inputs = await folders();
  const { model, tiles } = inputs;
  const [one, all] = await Promise.all([1, 64].map(async (batch) => {
    await using run = await runPlugin(testPlugin, { inputs: { model, tiles }, config: { batch } });
    return await readScores(run.outputs["metrics"]!);
  }));
  assert.deepEqual(one, all);
});

Deno.test("an empty split names the splits that hold tiles", async () => {
  await using inputs = await folders();
  const { model, tiles } = inputs;
  await assert.rejects(
    runPlugin(testPlugin, { inputs: { model, tiles }, config: { split: "val" } }),
    (error) =>
      error instanceof StepError && error.message === 'The split "val" holds no tiles' &&
      error.hint?.startsWith('Choose split "test", "train"') === true,
  );
});

Deno.test("a split without any label is an error, not a table of zeros", async () => {
  await using inputs = await folders(drawn.filter(({ name }) => name === "bare"));
  const { model, tiles } = inputs;
  await assert.rejects(
    runPlugin(testPlugin, { inputs: { model, tiles } }),
    (error) => error instanceof StepError && /No pixel .* has a label/.test(error.message),
  );
});

Deno.test("a model of other classes or bands is refused before any tile is read", async () => {
  await using inputs = await folders();
  const { model, tiles } = inputs;
  const manifest = await writeColorTiles(tiles, drawn);
  const refuse = async (changed: typeof manifest, message: RegExp): Promise<void> => {
    await writeManifest(tiles, changed);
    await assert.rejects(
      runPlugin(testPlugin, { inputs: { model, tiles } }),
      (error) => error instanceof StepError && message.test(error.message) && !!error.hint,
    );
  };
  await refuse(
    { ...manifest, classes: manifest.classes.toReversed() },
    /knows the classes "field", "woodland", "water", the tiles have "water", "woodland", "field"/,
  );
  await refuse({ ...manifest, bands: 4 }, /with 3 bands, the tiles have 4/);
});
