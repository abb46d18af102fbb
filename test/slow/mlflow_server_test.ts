// The register step against a real MLflow server, also one that dies in the middle, and Python reading back
// what it wrote there. Needs a Python with mlflow, onnx and onnxruntime, named by CAIRN_MLFLOW_PYTHON; CI
// installs one.
import assert from "node:assert/strict";
import { print } from "../support/print.ts";
import { python, RealMlflow } from "./mlflow_server.ts";

const WORKFLOW = `
name: mlflow
params: { epochs: { type: int, default: 2 } }
steps:
  photos: { uses: synthesize, with: { images: 3, size: 128 } }
  tiles: { uses: prepare, inputs: { source: photos.images }, with: { tile: 64 } }
  model:
    uses: train
    inputs: { tiles: tiles.tiles }
    with: { epochs: "\${{ params.epochs }}", base: 4, depth: 2, batch: 4 }
  scores: { uses: test, inputs: { model: model.model, tiles: tiles.tiles } }
  pictures:
    uses: visualize
    inputs: { model: model.model, tiles: tiles.tiles, scores: scores.metrics, history: model.history }
  version:
    uses: register
    inputs:
      model: model.model
      scores: scores.metrics
      history: model.history
      figures: pictures.figures
      tiles: tiles.tiles
    with: { name: ci, promote: { when: macro-f1 } }
publish: { out: model.model }
`;

/** Loads the champion by its alias and compares it with the file that training made. */
const CHECK_MODEL = `
import sys, numpy, mlflow, onnxruntime
image = numpy.random.default_rng(0).uniform(0, 255, (1, 3, 64, 64)).astype("float32")
ours = onnxruntime.InferenceSession(sys.argv[1]).run(None, {"image": image})[0]
theirs = mlflow.pyfunc.load_model("models:/ci@champion").predict({"image": image})["logits"]
print(abs(ours - theirs).max())
`;

/** Tells everything that the server holds of a registration, by its digest. */
const SUMMARY = `
import json, mlflow
client = mlflow.MlflowClient()
found = mlflow.search_runs(experiment_names=["ci"], output_format="list")
def describe(run):
    id = run.info.run_id
    curve = [(point.step, point.value) for point in client.get_metric_history(id, "train/loss")]
    files = sorted(file.path for file in client.list_artifacts(id))
    return {"name": run.info.run_name, "part": run.data.tags["cairn.part"], "status": run.info.status,
        "parent": run.data.tags.get("mlflow.parentRunId"), "id": id, "steps": [step for step, _ in curve],
        "metrics": len(run.data.metrics), "params": len(run.data.params), "files": files,
        "datasets": len(run.inputs.dataset_inputs), "models": len(run.outputs.model_outputs)}
versions = client.search_model_versions("name='ci'")
experiment = client.get_experiment_by_name("ci").experiment_id
models = mlflow.search_logged_models(experiment_ids=[experiment], output_format="list")
print(json.dumps({"runs": [describe(run) for run in found],
    "versions": sorted(int(version.version) for version in versions),
    "models": [str(model.status) for model in models],
    "aliases": {k: int(v) for k, v in client.get_registered_model("ci").aliases.items()}}))
`;

interface Summary {
  readonly runs: readonly {
    readonly part: string;
    readonly status: string;
    readonly parent: string | null;
    readonly id: string;
    readonly steps: readonly number[];
    readonly metrics: number;
    readonly files: readonly string[];
    readonly datasets: number;
    readonly models: number;
  }[];
  readonly versions: readonly number[];
  readonly models: readonly string[];
  readonly aliases: Readonly<Record<string, number>>;
}

class Bench implements AsyncDisposable {
  private constructor(readonly folder: string, readonly server: RealMlflow) {}

  static async open(): Promise<Bench> {
    const folder = await Deno.makeTempDir({ prefix: "cairn_mlflow_" });
    await Deno.writeTextFile(`${folder}/workflow.yaml`, WORKFLOW);
    return new Bench(folder, await RealMlflow.start());
  }

  /** Performs a command of the program in the project's folder. */
  async cairn(...words: readonly string[]): Promise<string> {
    const main = new URL("../../main.ts", import.meta.url).href;
    return await this.#output(Deno.execPath(), ["run", "--quiet", "-A", main, ...words]);
  }

  async python(script: string, ...args: readonly string[]): Promise<string> {
    const out = await this.#output(python!, ["-W", "ignore", "-c", script, ...args]);
    return out.trim().split("\n").at(-1)!;
  }

  async summary(): Promise<Summary> {
    return JSON.parse(await this.python(SUMMARY)) as Summary;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }

  async #output(program: string, args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await new Deno.Command(program, {
      args: [...args],
      cwd: this.folder,
      env: {
        MLFLOW_TRACKING_URI: this.server.uri,
        MLFLOW_DISABLE_TELEMETRY: "true",
        NO_COLOR: "1",
      },
      stdin: "null",
    }).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assert.equal(code, 0, `${out}\n${err}`);
    return out!;
  }
}

/** Expects one run with three nested ones per registration, complete and none twice. */
function checkRuns({ runs }: Summary, epochs: readonly number[]): void {
  const parents = runs.filter(({ part }) => part === "register");
  assert.equal(parents.length, epochs.length);
  assert.equal(runs.length, 4 * epochs.length);
  const seen: number[] = [];
  for (const parent of parents) {
    assert.deepEqual([parent.status, parent.models, parent.datasets], ["FINISHED", 1, 1]);
    const nested = new Map(
      runs.filter((run) => run.parent === parent.id).map((run) => [run.part, run]),
    );
    assert.deepEqual([...nested.keys()].sort(), ["test", "train", "visualize"]);
    for (const run of nested.values()) assert.equal(run.status, "FINISHED");
    const { steps, files } = nested.get("train")!;
    assert.deepEqual(steps, steps.map((_, index) => index + 1));
    assert.deepEqual(files, ["history.json"]);
    assert.ok(nested.get("test")!.files.includes("confusion.png"));
    assert.ok(nested.get("visualize")!.files.includes("report.html"));
    seen.push(steps.length);
  }
  assert.deepEqual(seen.sort(), [...epochs]);
}

Deno.test({
  name: "a registered model is found, loaded and right on a real MLflow server",
  ignore: python === undefined,
  async fn(): Promise<void> {
    await using bench = await Bench.open();
    const run = await bench.cairn("run", "workflow.yaml");
    assert.match(run, /MLflow version 1 of "ci" is now "candidate"/);
    const difference = Number(await bench.python(CHECK_MODEL, `${bench.folder}/out/model.onnx`));
    assert.ok(difference <= 1e-4, `logits differ by ${difference}`);
    const summary = await bench.summary();
    checkRuns(summary, [2]);
    assert.deepEqual(summary.aliases, { candidate: 1, champion: 1 });
  },
});

Deno.test({
  name: "a real server that dies while it is told gets the rest later, nothing missing or twice",
  ignore: python === undefined,
  async fn(): Promise<void> {
    await using bench = await Bench.open();
    const { server } = bench;
    server.dieAt = 30;
    const first = await bench.cairn("run", "workflow.yaml");
    assert.ok(!server.isAlive, "the server died on the way");
    assert.match(first, /waits in \.cairn\/mlflow/);
    const second = await bench.cairn("run", "workflow.yaml", "--set", "epochs=3");
    assert.match(second, /Version 2 of "ci" is now "candidate"/);
    await server.revive();
    server.dieAt = Number.POSITIVE_INFINITY;
    const synced = await bench.cairn("mlflow", "sync");
    assert.equal(
      synced,
      'sent "ci" as version 1\nsent "ci" as version 2\nnothing waits any more\n',
    );
    const summary = await bench.summary();
    checkRuns(summary, [2, 3]);
    assert.deepEqual(summary.versions, [1, 2]);
    assert.equal(summary.models.length, 2);
    for (const status of summary.models) assert.match(status, /READY$/);
    assert.equal(summary.aliases["candidate"], 2);
  },
});

if (python === undefined) {
  print(
    "skipped: a real MLflow server, because CAIRN_MLFLOW_PYTHON names no Python that has it",
  );
}
