// The register step against a real MLflow server, and Python reading back what it wrote there. Needs a
// Python with mlflow, onnx and onnxruntime, named by CAIRN_MLFLOW_PYTHON; CI installs one.
import assert from "node:assert/strict";
import { print } from "../support/print.ts";

const python = Deno.env.get("CAIRN_MLFLOW_PYTHON");
const START_WITHIN_MS = 120_000;

const WORKFLOW = `
name: mlflow
steps:
  photos: { uses: synthesize, with: { images: 3, size: 128 } }
  tiles: { uses: prepare, inputs: { source: photos.images }, with: { tile: 64 } }
  model: { uses: train, inputs: { tiles: tiles.tiles }, with: { epochs: 1, base: 4, depth: 2, batch: 4 } }
  scores: { uses: test, inputs: { model: model.model, tiles: tiles.tiles } }
  version: { uses: register, inputs: { model: model.model, scores: scores.metrics }, with: { name: ci } }
publish: { out: model.model }
`;

/** Loads the registered model by its alias and compares it with the file that training made. */
const CHECK = `
import sys, numpy, mlflow, onnxruntime
image = numpy.random.default_rng(0).uniform(0, 255, (1, 3, 64, 64)).astype("float32")
ours = onnxruntime.InferenceSession(sys.argv[1]).run(None, {"image": image})[0]
theirs = mlflow.pyfunc.load_model("models:/ci@candidate").predict({"image": image})["logits"]
runs = mlflow.search_runs(experiment_names=["ci"])
print(abs(ours - theirs).max(), len(runs), runs.iloc[0]["metrics.test/mean_iou"], runs.iloc[0]["status"])
`;

Deno.test({
  name: "a registered model is found, loaded and right on a real MLflow server",
  ignore: python === undefined,
  async fn(): Promise<void> {
    const folder = await Deno.makeTempDir({ prefix: "cairn_mlflow_" });
    const server = startServer(folder);
    try {
      const uri = `http://127.0.0.1:${server.port}`;
      await waitForHealth(uri);
      await Deno.writeTextFile(`${folder}/workflow.yaml`, WORKFLOW);
      const env = { MLFLOW_TRACKING_URI: uri, NO_COLOR: "1", MLFLOW_DISABLE_TELEMETRY: "true" };
      const run = await output(Deno.execPath(), {
        args: ["run", "--quiet", "--allow-all", "main.ts", "run", `${folder}/workflow.yaml`],
        env,
      });
      assert.match(run, /MLflow version 1 of "ci" is now "candidate"/);
      const model = `${folder}/out/model.onnx`;
      const [difference, runs, meanIou, status] =
        (await output(python!, { args: ["-c", CHECK, model], env }))
          .trim().split("\n").at(-1)!.split(" ");
      assert.ok(Number(difference) <= 1e-4, `logits differ by ${difference}`);
      assert.equal(runs, "1");
      assert.ok(Number(meanIou) >= 0 && Number(meanIou) <= 1);
      assert.equal(status, "FINISHED");
    } finally {
      await server.stop();
      await Deno.remove(folder, { recursive: true });
    }
  },
});

if (python === undefined) {
  print(
    "skipped: a real MLflow server, because CAIRN_MLFLOW_PYTHON names no Python that has it",
  );
}

function startServer(folder: string): { readonly port: number; stop(): Promise<void> } {
  using probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = probe.addr as Deno.NetAddr;
  const child = new Deno.Command(python!, {
    args: [
      ...[
        "-m",
        "mlflow",
        "server",
        "--host",
        "127.0.0.1",
        "--port",
        String(port),
        "--workers",
        "1",
      ],
      ...["--backend-store-uri", `sqlite:///${folder}/mlflow.db`],
      ...["--artifacts-destination", `${folder}/artifacts`],
    ],
    env: { MLFLOW_DISABLE_TELEMETRY: "true", DO_NOT_TRACK: "true" },
    stdin: "null",
    stdout: "null",
    stderr: "null",
    detached: true, // its workers are children of their own
  }).spawn();
  return {
    port,
    async stop(): Promise<void> {
      Deno.kill(-child.pid, "SIGKILL");
      await child.status;
    },
  };
}

async function waitForHealth(uri: string): Promise<void> {
  const deadlineMs = Date.now() + START_WITHIN_MS;
  while (Date.now() < deadlineMs) {
    const isUp = await fetch(`${uri}/health`).then(async (response) => {
      await response.body?.cancel();
      return response.ok;
    }, () => false);
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.fail("the MLflow server did not start");
}

async function output(
  program: string,
  options: { readonly args: readonly string[]; readonly env: Record<string, string> },
): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...options.args],
    env: options.env,
    stdin: "null",
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.equal(code, 0, `${out}\n${err}`);
  return out!;
}
