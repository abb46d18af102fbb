// Runs against a real MLflow server: followed while they go on, also where the server dies in the middle, and
// Python reading back what is there. Needs a Python with mlflow, onnx and onnxruntime, named by
// CAIRN_MLFLOW_PYTHON; CI installs one.
import assert from "node:assert/strict";
import { readTilePixels } from "../../plugins/tiles/load.ts";
import { loadPredictor } from "../../plugins/nn/predictor.ts";
import { readManifest } from "../../plugins/tiles/manifest.ts";
import { print } from "../support/print.ts";
import { chromiumPath, visit } from "../support/browser.ts";
import { openBench, type RunSummary } from "./mlflow_bench.ts";
import { python } from "./mlflow_server.ts";

const TRAINING = `
params: { epochs: { type: int, default: 2 } }
steps:
  photos: { uses: synthesize, with: { images: 3, size: 128 } }
  tiles: { uses: prepare, inputs: { source: photos.images }, with: { tile: 64 } }
  model:
    uses: train
    inputs: { tiles: tiles.tiles }
    with: { epochs: "\${{ params.epochs }}", base: 4, depth: 2, batch: 4 }
  scores: { uses: test, inputs: { model: model.model, tiles: tiles.tiles } }`;

const WHOLE = `name: whole
${TRAINING}
  pictures:
    uses: visualize
    inputs: { model: model.model, tiles: tiles.tiles, scores: scores.metrics, history: model.history }
  script:
    uses: command
    after: [scores]
    with:
      run: [${JSON.stringify(python ?? "")}, -W, ignore, script.py]
      files: [script.py]
      outputs: { out: text }
  version:
    uses: register
    inputs:
      model: model.model
      scores: scores.metrics
      history: model.history
      figures: pictures.figures
      tiles: tiles.tiles
    with: { name: ci, promote: { when: macro-f1 } }
publish: { out/model: model.model, out/tiles: tiles.tiles }
`;

const BROKEN = `name: broken
${TRAINING}
  version:
    uses: register
    inputs: { model: model.model, scores: scores.metrics }
    with: { name: broken }
`;

const SCRIPT = `
import mlflow
with mlflow.start_run():
    mlflow.log_metric("own", 42)
open("outputs/out/done.txt", "w").write("done")
`;

const CONSUMER = `name: consumer
steps:
  champion: { uses: registered, with: { model: models:/ci@champion } }
  logged: { uses: registered, with: { model: "runs:/RUN/ci" } }
  photos: { uses: synthesize, with: { images: 3, size: 128 } }
  tiles: { uses: prepare, inputs: { source: photos.images }, with: { tile: 64 } }
  scores: { uses: test, inputs: { model: champion.model, tiles: tiles.tiles } }
  maps: { uses: predict, inputs: { model: logged.model, source: photos.images } }
`;

/** Loads the champion by its alias and compares it with logits that were computed here. */
const CHECK_MODEL = `
import json, sys, numpy, mlflow
shape, pixels, logits = json.load(open(sys.argv[1]))
image = numpy.array(pixels, dtype="float32").reshape(shape)
model = mlflow.pyfunc.load_model("models:/ci@champion")
theirs = model.predict({"image": image})["logits"]
assert model.predict(model.input_example)["logits"].shape[0] == 1
print(abs(numpy.array(logits, dtype="float32").reshape(theirs.shape) - theirs).max())
`;

/** The run of a workflow, the newest first, with those of its steps. */
function family(runs: readonly RunSummary[], workflow: string): readonly Family[] {
  return runs.filter(({ name, parent }) => name === workflow && parent === null).map((whole) => ({
    whole,
    steps: new Map(
      runs.filter(({ parent }) => parent === whole.id).map((run) => [run.name, run]),
    ),
  }));
}

interface Family {
  readonly whole: RunSummary;
  readonly steps: ReadonlyMap<string, RunSummary>;
}

Deno.test({
  name: "runs on a real MLflow server",
  ignore: python === undefined,
  async fn(t): Promise<void> {
    await using bench = await openBench({
      "whole.yaml": WHOLE,
      "broken.yaml": BROKEN,
      "script.py": SCRIPT,
    });
    await t.step(
      "a run is one with a nested one per step, a program's own calls included",
      async () => {
        const out = await bench.cairn("run", "whole.yaml");
        assert.match(out, /MLflow version 1 of "ci" is now "candidate"/);
        const [{ whole, steps }] = family(await bench.runs(), "whole") as [Family];
        assert.deepEqual([whole.status, whole.models, whole.params["epochs"]], [
          "FINISHED",
          1,
          "2",
        ]);
        const names = ["model", "photos", "pictures", "scores", "script", "tiles", "version"];
        assert.deepEqual([...steps.keys()].sort(), names);
        for (const { status } of steps.values()) assert.equal(status, "FINISHED");
        const train = steps.get("model")!;
        assert.deepEqual(train.curve.map(([step]) => step), [1, 2]);
        assert.deepEqual(train.datasets, ["tiles.tiles/train train", "tiles.tiles/val val"]);
        assert.equal(train.params["learning-rate"], "0.001");
        assert.ok(train.files.includes("history/history.json"));
        assert.ok(steps.get("scores")!.files.includes("metrics/confusion.png"));
        assert.ok(steps.get("pictures")!.files.includes("figures/report.html"));
        assert.equal(steps.get("script")!.metrics["own"], 42);
      },
    );
    await t.step("Python finds the champion, and its logits on real tiles are ours", async () => {
      const tiles = `${bench.folder}/out/tiles`;
      const manifest = await readManifest(tiles);
      const { tiles: [tile], bands, tile: edge } = manifest;
      const pixels = await readTilePixels(tiles, manifest, tile!);
      await using predictor = await loadPredictor(`${bench.folder}/out/model`, { threads: 1 });
      const shape = { count: 1, height: edge, width: edge };
      const { data } = await predictor.logits(pixels, shape);
      const file = `${bench.folder}/logits.json`;
      const parts = [[1, bands, edge, edge], [...pixels], [...data]];
      await Deno.writeTextFile(file, JSON.stringify(parts));
      const difference = Number(await bench.python(CHECK_MODEL, file));
      assert.ok(difference <= 1e-4, `logits differ by ${difference}`);
    });
    await t.step("a served model answers its own example", async () => {
      const answer = await bench.serve("models:/ci@champion", { inputs: { image: image(8) } });
      const { predictions } = answer as { predictions: { logits: unknown[][][][] } };
      const [first] = predictions.logits;
      assert.deepEqual([first!.length, first![0]!.length, first![0]![0]!.length], [5, 8, 8]);
    });
    await t.step({
      name: "the server's own pages show run, curves and where a version came from",
      ignore: chromiumPath === undefined,
      // The browser's driver keeps timers and pipes of its own.
      sanitizeOps: false,
      sanitizeResources: false,
      async fn(): Promise<void> {
        const [{ whole, steps }] = family(await bench.runs(), "whole") as [Family];
        await using browser = await visit({ width: 1500 });
        const { page } = browser;
        const sees = async (path: string, ...texts: readonly string[]): Promise<void> => {
          await page.goto(`${bench.server.uri}/#/${path}`);
          for (const text of texts) await page.getByText(text).first().waitFor({ timeout: 60_000 });
        };
        const runs = `experiments/${whole.experiment}/runs`;
        await sees(`${runs}/${whole.id}`, "Child runs", "pictures", "Registered models");
        await sees(`${runs}/${steps.get("model")!.id}/model-metrics`, "val-iou", "water");
        await page.locator(".js-plotly-plot").first().waitFor({ timeout: 60_000 });
        await sees("models/ci/versions/1", "Source Run", "@ champion", "macro F1", "made by");
      },
    });
    await t.step("a reused step leads to the run that made it and logs nothing again", async () => {
      await bench.cairn("run", "whole.yaml");
      const [again, first] = family(await bench.runs(), "whole") as [Family, Family];
      const [made, reused] = [first.steps.get("model")!, again.steps.get("model")!];
      assert.equal(reused.tags["cairn.made_by"], made.id);
      assert.match(reused.tags["mlflow.note.content"] ?? "", new RegExp(`runs/${made.id}`));
      assert.deepEqual([reused.curve, reused.files, Object.keys(reused.params)], [[], [], []]);
    });
    await t.step("addresses on the server are inputs, with the version's own bytes", async () => {
      const [, { whole }] = family(await bench.runs(), "whole") as [Family, Family];
      const workflow = CONSUMER.replace("RUN", whole.id);
      await Deno.writeTextFile(`${bench.folder}/consumer.yaml`, workflow);
      const out = await bench.cairn("run", "consumer.yaml");
      assert.match(out, /"models:\/ci@champion" is version 1 of "ci"/);
      // The same bytes as the training step made: so the same scores, which are there already.
      assert.match(out, /reused +scores/);
      assert.match(out, /ran +maps/);
      const wrong = workflow.replace("@champion", "@nobody");
      await Deno.writeTextFile(`${bench.folder}/consumer.yaml`, wrong);
      const { code, error } = await bench.attempt("run", "consumer.yaml");
      assert.equal(code, 2);
      assert.match(error, /has no alias "nobody" of "ci"[^]*There is @candidate, @champion/);
    });
    await t.step("a server that dies in training gets the rest later, nothing twice", async () => {
      bench.server.dieWhen = (path, body) => path.endsWith("log-batch") && /val-loss/.test(body);
      const first = await bench.cairn("run", "broken.yaml", "--set", "epochs=40");
      assert.ok(!bench.server.isAlive, "the server died on the way");
      assert.match(first, /waits in \.cairn\/mlflow/);
      await bench.server.revive();
      const synced = await bench.cairn("mlflow", "sync");
      assert.match(synced, /^sent run \S+\nsent "broken" as version 1\nnothing waits any more\n$/);
      const families = family(await bench.runs(), "broken");
      assert.equal(families.length, 1);
      const { whole, steps } = families[0]!;
      assert.deepEqual([whole.status, whole.models], ["FINISHED", 1]);
      assert.deepEqual([...steps.keys()].sort(), ["model", "photos", "scores", "tiles", "version"]);
      const every = Array.from({ length: 40 }, (_, index) => index + 1);
      assert.deepEqual(steps.get("model")!.curve.map(([step]) => step), every);
      assert.deepEqual(await bench.versions("broken"), {
        versions: [1],
        aliases: { candidate: 1 },
      });
      assert.equal(await bench.cairn("mlflow", "sync"), "nothing waits for an MLflow server\n");
    });
    await t.step("models of the local registry go there later, once", async () => {
      const renamed = BROKEN.replaceAll("broken", "local");
      await Deno.writeTextFile(`${bench.folder}/local.yaml`, renamed);
      for (const epochs of [1, 2]) {
        await bench.cairnAlone("run", "local.yaml", "--set", `epochs=${epochs}`);
      }
      await bench.cairnAlone("alias", "local", "stable", "1");
      const pushed = await bench.cairn("mlflow", "push", "local");
      assert.match(pushed, /sent "local" as version 2\nnothing waits any more\n/);
      const there = { versions: [1, 2], aliases: { candidate: 2, stable: 1 } };
      assert.deepEqual(await bench.versions("local"), there);
      const runs = await bench.runs();
      assert.deepEqual(family(runs, "local").map(({ steps }) => steps.size), [5, 5]);
      await bench.cairn("mlflow", "push", "local");
      assert.deepEqual(await bench.versions("local"), there);
      assert.equal((await bench.runs()).length, runs.length);
    });
  },
});

/** A grey image of a few pixels in three bands. */
function image(edge: number): number[][][][] {
  const band = Array.from({ length: edge }, () => new Array<number>(edge).fill(127));
  return [[band, band, band]];
}

if (python === undefined) {
  print(
    "skipped: a real MLflow server, because CAIRN_MLFLOW_PYTHON names no Python that has it",
  );
}
