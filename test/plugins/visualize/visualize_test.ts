// The visualize step: which files it writes, and that the report stands alone.
import assert from "node:assert/strict";
import sharp from "sharp";
import { StepError } from "../../../engine/plugin.ts";
import { type History, writeHistory } from "../../../plugins/nn/model_artifact.ts";
import { readScores, writeScores } from "../../../plugins/scores/scores.ts";
import { testPlugin } from "../../../plugins/test/plugin.ts";
import { visualizePlugin } from "../../../plugins/visualize/plugin.ts";
import { writeColorModel } from "../../support/color_model.ts";
import { type DrawnTile, threeClasses, writeColorTiles } from "../../support/color_tiles.ts";
import { runPlugin } from "../../support/run_plugin.ts";

const shown: DrawnTile["shown"] = (x, y) => x < 12 ? 0 : y < 20 ? 1 : 2;
const drawn: readonly DrawnTile[] = [0, 1, 2, 3].map((index) => ({
  name: `tile_${index}`,
  split: "test",
  shown,
  labelled: (x, y) => y < index * 6 ? 0 : shown(x, y),
}));

const history: History = {
  format: "cairn-history/1",
  classes: threeClasses.map(({ name }) => name),
  epochs: [1, 2, 3].map((epoch) => ({
    epoch,
    trainLoss: 1 / epoch,
    valLoss: 1.2 / epoch,
    valMeanIou: epoch / 4,
    valIou: [0.5, 0.5, null],
    learningRate: 0.001,
    seconds: 1,
    imagesPerSecond: 10,
  })),
};

interface Folders extends AsyncDisposable {
  readonly inputs: Readonly<Record<"model" | "tiles" | "scores" | "history", string>>;
}

async function folders(): Promise<Folders> {
  const folder = await Deno.makeTempDir({ prefix: "cairn_visualize_" });
  const [model, tiles] = [`${folder}/model`, `${folder}/tiles`];
  const [scores, curves] = [`${folder}/scores`, `${folder}/history`];
  await writeColorModel(model, threeClasses);
  await writeColorTiles(tiles, drawn);
  await using tested = await runPlugin(testPlugin, { inputs: { model, tiles } });
  await Deno.mkdir(scores);
  await writeScores(scores, await readScores(tested.outputs["metrics"]!));
  await Deno.mkdir(curves);
  await writeHistory(curves, history);
  return {
    inputs: { model, tiles, scores, history: curves },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

async function filesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) names.push(name);
  return names.sort();
}

Deno.test("visualize draws panels, curves and a report from everything connected", async () => {
  await using made = await folders();
  const config = { count: 1, edge: 64 };
  await using run = await runPlugin(visualizePlugin, { inputs: made.inputs, config });
  const figures = run.outputs["figures"]!;
  assert.deepEqual(await filesIn(figures), ["curves.png", "labels", "panels", "report.html"]);
  const panels = await filesIn(`${figures}/panels`);
  assert.deepEqual(panels.slice(0, 1), ["best_1_tile_0.png"]);
  assert.deepEqual(panels.slice(2), ["worst_1_tile_3.png"]);
  const { width } = await sharp(`${figures}/panels/${panels[0]}`).metadata();
  assert.equal(width, 4 * 64 + 3 * 10 + 2 * 20);
  assert.deepEqual(run.warnings, []);
});

Deno.test("beside each panel lie its labels, truth in red and prediction in green", async () => {
  await using made = await folders();
  const config = { count: 1, edge: 64, pick: ["worst"], opacity: 0.25 };
  await using run = await runPlugin(visualizePlugin, { inputs: made.inputs, config });
  const folder = `${run.outputs["figures"]}/labels`;
  assert.deepEqual(await filesIn(folder), ["classes.json", "worst_1_tile_3.labels.png"]);
  const { classes, ...rest } = JSON.parse(await Deno.readTextFile(`${folder}/classes.json`));
  assert.deepEqual(rest, { format: "cairn-labels/1", opacity: 0.25 });
  assert.deepEqual(classes, threeClasses.map(({ name, color }) => ({ name, color })));
  const { data, info } = await sharp(`${folder}/worst_1_tile_3.labels.png`).raw()
    .toBuffer({ resolveWithObject: true });
  assert.deepEqual([info.width, info.height, info.channels], [64, 64, 3]);
  const labelsAt = (x: number, y: number): number[] => [
    ...data.subarray((y * 64 + x) * 3, (y * 64 + x) * 3 + 3),
  ];
  assert.deepEqual(
    labelsAt(63, 0),
    [0, 1, 0],
    "labelled field, and predicted as the woodland that the image shows",
  );
  assert.deepEqual(labelsAt(63, 63), [2, 2, 0]);
});

Deno.test("the report needs no other file and no script", async () => {
  await using made = await folders();
  await using run = await runPlugin(visualizePlugin, { inputs: made.inputs, config: { count: 1 } });
  const report = await Deno.readTextFile(`${run.outputs["figures"]}/report.html`);
  assert.doesNotMatch(report, /<script|<link|(?:src|href)="(?!data:)|url\(|@import/);
  assert.equal(report.match(/data:image\/webp;base64,/g)?.length, 12);
  for (const heading of ["Classes", "Confusion", "Learning curves", "Tiles", "Training"]) {
    assert.ok(report.includes(`<h2>${heading}</h2>`), heading);
  }
});

Deno.test("text in the report is escaped", async () => {
  await using made = await folders();
  const config = { count: 1, title: `<script>alert("1")</script> & more` };
  await using run = await runPlugin(visualizePlugin, { inputs: made.inputs, config });
  const report = await Deno.readTextFile(`${run.outputs["figures"]}/report.html`);
  assert.ok(
    report.includes("<h1>&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; more</h1>"),
  );
  assert.ok(!report.includes("<script>"));
});

Deno.test("without scores and history the tiles are predicted and the same ones chosen", async () => {
  await using made = await folders();
  const { model, tiles } = made.inputs;
  const config = { count: 2, pick: ["worst"], edge: 64 };
  await using run = await runPlugin(visualizePlugin, { inputs: { model, tiles }, config });
  const figures = run.outputs["figures"]!;
  assert.deepEqual(await filesIn(figures), ["labels", "panels", "report.html"]);
  assert.deepEqual(await filesIn(`${figures}/panels`), [
    "worst_1_tile_3.png",
    "worst_2_tile_2.png",
  ]);
});

Deno.test("a seed gives the same bytes", async () => {
  await using made = await folders();
  const options = {
    inputs: made.inputs,
    config: { count: 2, pick: ["random"], edge: 64 },
    seed: 4,
  };
  const [one, two] = await Promise.all([1, 2].map(async () => {
    await using run = await runPlugin(visualizePlugin, options);
    return await Deno.readTextFile(`${run.outputs["figures"]}/report.html`);
  }));
  assert.equal(one, two);
});

Deno.test("scores of another split or of other tiles are refused", async () => {
  await using made = await folders();
  const { inputs } = made;
  const scores = await readScores(inputs.scores);
  const refuse = async (changed: typeof scores, message: RegExp): Promise<void> => {
    await writeScores(inputs.scores, changed);
    await assert.rejects(
      runPlugin(visualizePlugin, { inputs }),
      (error) => error instanceof StepError && message.test(error.message) && !!error.hint,
    );
  };
  await refuse({ ...scores, split: "val" }, /of the split "val", pictures of "test" are wanted/);
  const [first, ...others] = scores.tiles;
  await refuse({ ...scores, tiles: [{ ...first!, name: "elsewhere" }, ...others] }, /"elsewhere"/);
});

Deno.test("scores of another model are noticed", async () => {
  await using made = await folders();
  const { inputs } = made;
  const scores = await readScores(inputs.scores);
  const tiles = scores.tiles.map((tile) => ({ ...tile, accuracy: 0.5 }));
  await writeScores(inputs.scores, { ...scores, tiles });
  await using run = await runPlugin(visualizePlugin, { inputs, config: { count: 1, edge: 64 } });
  assert.match(run.warnings[0] ?? "", /are not those of this model/);
});
