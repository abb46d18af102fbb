// What a registration does on an MLflow server, and what its failures say.
import assert from "node:assert/strict";
import { StepError } from "../../../engine/plugin.ts";
import { readModelCard, writeModelCard } from "../../../plugins/nn/model_artifact.ts";
import { mlflowSettings } from "../../../plugins/register/mlflow/settings.ts";
import { registerPlugin } from "../../../plugins/register/plugin.ts";
import { serveFakeMlflow } from "./fake_mlflow.ts";
import { refuse } from "./fake_replies.ts";
import { changeModel, openWorkshop, registerIn, rejectsWith } from "./support.ts";

Deno.test("a model is logged with files, parameters and metrics, MLmodel last", async () => {
  await using workshop = await openWorkshop();
  await using server = serveFakeMlflow();
  await using run = await registerIn(workshop, { server, config: { name: "land.cover" } });
  const files = [...server.files.keys()];
  assert.equal(files.at(-1), "5/models/m-1/artifacts/MLmodel");
  assert.ok(files.includes("5/models/m-1/artifacts/model.onnx"));
  assert.ok(!files.some((path) => path.endsWith("version.json")));
  const description = server.text("5/models/m-1/artifacts/MLmodel");
  assert.match(description, /mlflow_version: 3\.17\.2\nmodel_id: m-1\n/);
  assert.match(description, /inputs: '.*"shape":\[-1,3,-1,-1\].*"name":"image"/);
  const { tracking } = server;
  const parent = tracking.run("register");
  assert.equal(parent.params.get("depth"), "1");
  const accuracy = [...parent.metrics.values()].find(({ key }) => key === "test/accuracy");
  assert.deepEqual([accuracy?.value, accuracy?.model_id], [0.75, "m-1"]);
  assert.match(tracking.version("land.cover", "1").description, /macro F1 \*\*73\.33 %\*\*/);
  assert.deepEqual([...tracking.aliases], [["land.cover@candidate", "1"]]);
  const output = JSON.parse(await Deno.readTextFile(`${run.outputs["version"]}/mlflow.json`));
  assert.deepEqual(output, {
    server: server.base,
    name: "land.cover",
    version: "1",
    runId: parent.id,
    modelId: "m-1",
  });
});

Deno.test("what is known of earlier steps becomes nested runs with curves, data and files", async () => {
  await using workshop = await openWorkshop();
  await using server = serveFakeMlflow();
  const config = { tags: { "mlflow.source.git.commit": "abc" } };
  await using _run = await registerIn(workshop, { server, config, withAll: true });
  const { tracking } = server;
  const parent = tracking.run("register");
  assert.equal(tracking.runs.length, 4);
  for (const part of ["train", "test", "visualize"]) {
    const { tags, status } = tracking.run(part);
    assert.equal(tags.get("mlflow.parentRunId"), parent.id);
    assert.equal(tags.get("mlflow.source.git.commit"), "abc");
    assert.equal(status, "FINISHED");
  }
  const train = tracking.run("train");
  const losses = [...train.metrics.values()].filter(({ key }) => key === "train/loss");
  assert.deepEqual(losses.map(({ step, value }) => [step, value]), [[1, 0.9], [2, 0.5]]);
  assert.equal(losses[1]!.timestamp - losses[0]!.timestamp, 2000);
  assert.equal([...train.datasets].length, 1);
  assert.deepEqual([...train.datasets], [...tracking.run("test").datasets]);
  const files = [...server.files.keys()];
  assert.ok(files.includes(`5/${train.id}/artifacts/history.json`));
  assert.ok(files.includes(`5/${tracking.run("test").id}/artifacts/metrics.json`));
  assert.ok(files.includes(`5/${tracking.run("visualize").id}/artifacts/panels/worst.png`));
});

Deno.test("an equal model makes no second run and keeps its version on the server", async () => {
  await using workshop = await openWorkshop();
  await using server = serveFakeMlflow();
  server.tracking.experiments.set("landcover", "5");
  await using _first = await registerIn(workshop, { server });
  const { length } = server.tracking.runs;
  await using _second = await registerIn(workshop, { server, config: { alias: "champion" } });
  assert.equal(server.tracking.runs.length, length);
  assert.deepEqual([...server.tracking.aliases], [
    ["landcover@candidate", "1"],
    ["landcover@champion", "1"],
  ]);
});

Deno.test("a second model of a name becomes the next version in the same experiment", async () => {
  await using workshop = await openWorkshop();
  await using server = serveFakeMlflow();
  await using _first = await registerIn(workshop, { server });
  await Deno.writeTextFile(`${workshop.model}/weights.safetensors`, "other");
  await using _second = await registerIn(workshop, { server });
  assert.equal(server.tracking.aliases.get("landcover@candidate"), "2");
  assert.equal(server.tracking.experiments.size, 1);
});

Deno.test("a server's champion gives way only to a better version, and the version says why", async () => {
  await using workshop = await openWorkshop();
  await using server = serveFakeMlflow();
  const config = { promote: { when: "macro-f1" } };
  const { aliases, versions } = server.tracking;
  const champion = async (): Promise<string | undefined> => {
    await using _run = await registerIn(workshop, { server, config });
    return aliases.get("landcover@champion");
  };
  assert.equal(await champion(), "1");
  await changeModel(workshop, { weights: "worse", predicted: [1, 1, 0, 1] });
  assert.equal(await champion(), "1");
  assert.equal(aliases.get("landcover@candidate"), "2");
  await changeModel(workshop, { weights: "better", predicted: [0, 0, 1, 1] });
  assert.equal(await champion(), "3");
  assert.equal(await champion(), "3");
  assert.deepEqual(versions.map(({ tags }) => tags.get("cairn.promotion")), [
    'Version 1 is the first "champion"',
    "The macro F1 0.2 of version 2 is not higher than 0.733333 of version 1",
    "The macro F1 1 of version 3 is higher than 0.733333 of version 1",
  ]);
});

Deno.test("a champion that somebody else registered without scores stays", async () => {
  await using workshop = await openWorkshop();
  await using server = serveFakeMlflow();
  const { versions, aliases } = server.tracking;
  const foreign = { name: "landcover", model: "m-9", description: "", tags: new Map() };
  versions.push({ ...foreign, version: "1" });
  aliases.set("landcover@champion", "1");
  const config = { promote: { when: "accuracy" } };
  await using run = await registerIn(workshop, { server, config });
  assert.equal(aliases.get("landcover@champion"), "1");
  assert.ok(run.logs.includes('MLflow: No accuracy is known of version 1, which is "champion"'));
});

Deno.test("a refused version marks run and model as failed and leaves the aliases alone", async () => {
  await using workshop = await openWorkshop();
  await using server = serveFakeMlflow();
  const clash = refuse("INVALID_PARAMETER_VALUE", "The name belongs to a prompt").response;
  server.refusals.set("model-versions/create", clash);
  await rejectsWith(registerIn(workshop, { server }), /400 .* belongs to a prompt/);
  assert.deepEqual(server.tracking.models.map(({ status }) => status), [
    "LOGGED_MODEL_UPLOAD_FAILED",
  ]);
  assert.equal(server.tracking.run("register").status, "FAILED");
  await assert.rejects(
    Deno.stat(`${workshop.shared}/registry/landcover/aliases`),
    Deno.errors.NotFound,
  );
  server.refusals.clear();
  await using _again = await registerIn(workshop, { server });
  assert.equal(server.tracking.aliases.get("landcover@candidate"), "1");
});

Deno.test("refusals that a person can mend say what to do, without the server's SQL", async () => {
  await using workshop = await openWorkshop();
  await using server = serveFakeMlflow();
  const register = async (path: string, response: Response): Promise<unknown> => {
    server.refusals.set(path, response);
    const rejected = registerIn(workshop, { server });
    await rejected.catch(() => server.refusals.delete(path));
    return await rejected;
  };
  const text = (body: string, status: number): Response => new Response(body, { status });
  await rejectsWith(
    register("experiments/create", text("Invalid Host header - possible attack", 403)),
    /403 Invalid Host header/,
    /--allowed-hosts "127\.0\.0\.1:\d+"/,
  );
  await rejectsWith(
    register("runs/create", text("<html>You are not authenticated</html>", 401)),
    /refused: 401$/,
    /MLFLOW_TRACKING_USERNAME/,
  );
  await rejectsWith(
    register(
      "MLmodel",
      text("Disabled due to `--no-serve-artifacts`. Use `--serve-artifacts`", 503),
    ),
    /refused: 503/,
    /--serve-artifacts and|--serve-artifacts$/,
  );
  const clash = refuse("INVALID_PARAMETER_VALUE", "Broken. [SQL: SELECT secret]").response;
  await rejectsWith(
    register("model-versions/create", clash),
    /refused: 400 INVALID_PARAMETER_VALUE Broken$/,
  );
});

Deno.test("a deleted experiment is an error, not a silent failure", async () => {
  await using workshop = await openWorkshop();
  await using server = serveFakeMlflow();
  server.tracking.experiments.set("landcover", "5");
  server.tracking.experimentStage = "deleted";
  await rejectsWith(registerIn(workshop, { server }), /"landcover" was deleted/, /experiment/);
});

Deno.test("a parameter that the server would cut without a word is cut visibly", async () => {
  await using workshop = await openWorkshop();
  await using server = serveFakeMlflow();
  const card = await readModelCard(workshop.model);
  const [first, ...others] = card.classes;
  const classes = [{ ...first!, name: "x".repeat(7000) }, ...others];
  await writeModelCard(workshop.model, { ...card, classes });
  await using _run = await registerIn(workshop, { server });
  const value = server.tracking.run("register").params.get("classes") ?? "";
  assert.equal(value.length, 6000);
  assert.ok(value.endsWith("…"));
});

Deno.test("tags that would hide runs from later deliveries, or are too long, are refused", () => {
  const accepts = (tags: Record<string, string>): boolean =>
    registerPlugin.config.safeParse({ name: "landcover", tags }).success;
  assert.ok(accepts({ "mlflow.source.git.commit": "abc", "team/name": "land" }));
  for (const key of ["cairn.digest", "mlflow.parentRunId", "", "/a", "a$", "x".repeat(251)]) {
    assert.ok(!accepts({ [key]: "value" }), key);
  }
  assert.ok(!accepts({ note: "x".repeat(5001) }));
});

Deno.test("settings come from MLflow's variables, a password before a token", () => {
  const read = (env: Record<string, string>): unknown => mlflowSettings((name) => env[name]);
  assert.equal(read({}), undefined);
  const MLFLOW_TRACKING_URI = "http://host:5000/prefix/";
  assert.deepEqual(read({ MLFLOW_TRACKING_URI }), { base: "http://host:5000/prefix" });
  const MLFLOW_TRACKING_TOKEN = "t";
  assert.deepEqual(read({ MLFLOW_TRACKING_URI, MLFLOW_TRACKING_TOKEN }), {
    base: "http://host:5000/prefix",
    authorization: "Bearer t",
  });
  const user = { MLFLOW_TRACKING_USERNAME: "zoë", MLFLOW_TRACKING_PASSWORD: "p" };
  assert.deepEqual(read({ MLFLOW_TRACKING_URI, MLFLOW_TRACKING_TOKEN, ...user }), {
    base: "http://host:5000/prefix",
    authorization: "Basic em/Dqzpw",
  });
  assert.throws(() => read({ MLFLOW_TRACKING_URI: "sqlite:///x.db" }), StepError);
});
