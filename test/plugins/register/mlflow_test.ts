// What a registration does on an MLflow server, and what its failures say.
import assert from "node:assert/strict";
import { StepError } from "../../../engine/plugin.ts";
import { mlflowSettings } from "../../../plugins/register/mlflow/settings.ts";
import { type FakeMlflow, refuse, serveFakeMlflow } from "./fake_mlflow.ts";
import { changeModel, openWorkshop, registerIn } from "./support.ts";

Deno.test("a model is logged with files, parameters and metrics, MLmodel last", async () => {
  await using workshop = await openWorkshop();
  await using server = serveFakeMlflow();
  await using run = await registerIn(workshop, { server, config: { name: "land.cover" } });
  const files = [...server.files.keys()];
  assert.ok(files.includes("5/run1/artifacts/scores/metrics.json"));
  assert.ok(files.includes("5/models/m-1/artifacts/model.onnx"));
  assert.equal(files.at(-1), "5/models/m-1/artifacts/MLmodel");
  const description = server.files.get("5/models/m-1/artifacts/MLmodel") ?? "";
  assert.match(description, /mlflow_version: 3\.17\.2\nmodel_id: m-1\n/);
  assert.match(description, /inputs: '.*"shape":\[-1,3,-1,-1\].*"name":"image"/);
  const batches = server.calls.filter(({ path }) => path.endsWith("log-batch"))
    .map(({ body }) => JSON.stringify(body));
  assert.ok(batches.some((batch) => batch.includes('{"key":"depth","value":"1"}')));
  assert.ok(batches.some((batch) => batch.includes('"test/accuracy","value":0.75')));
  assert.deepEqual(server.statuses, ["LOGGED_MODEL_READY", "FINISHED"]);
  assert.deepEqual([...server.aliases], [["land.cover@candidate", "1"]]);
  const output = JSON.parse(await Deno.readTextFile(`${run.outputs["version"]}/mlflow.json`));
  assert.deepEqual(output, {
    server: server.base,
    name: "land.cover",
    version: "1",
    runId: "run1",
    modelId: "m-1",
  });
});

Deno.test("an equal model makes no second run and keeps its version on the server", async () => {
  await using workshop = await openWorkshop();
  await using server = serveFakeMlflow(["landcover"]);
  await using _first = await registerIn(workshop, { server });
  await using _second = await registerIn(workshop, { server, config: { alias: "champion" } });
  assert.equal(server.calls.filter(({ path }) => path.endsWith("runs/create")).length, 1);
  assert.deepEqual([...server.aliases], [["landcover@candidate", "1"], [
    "landcover@champion",
    "1",
  ]]);
});

Deno.test("a second model of a name becomes the next version in the same experiment", async () => {
  await using workshop = await openWorkshop();
  await using server = serveFakeMlflow();
  await using _first = await registerIn(workshop, { server });
  await Deno.writeTextFile(`${workshop.model}/weights.safetensors`, "other");
  await using _second = await registerIn(workshop, { server });
  assert.equal(server.aliases.get("landcover@candidate"), "2");
});

Deno.test("a server's champion gives way only to a better version, and the version says why", async () => {
  await using workshop = await openWorkshop();
  await using server = serveFakeMlflow();
  const config = { promote: { when: "macro-f1" } };
  const champion = async (): Promise<string | undefined> => {
    await using _run = await registerIn(workshop, { server, config });
    return server.aliases.get("landcover@champion");
  };
  assert.equal(await champion(), "1");
  await changeModel(workshop, { weights: "worse", predicted: [1, 1, 0, 1] });
  assert.equal(await champion(), "1");
  assert.equal(server.aliases.get("landcover@candidate"), "2");
  await changeModel(workshop, { weights: "better", predicted: [0, 0, 1, 1] });
  assert.equal(await champion(), "3");
  const reasons = server.versions.map(({ tags }) =>
    tags.find(({ key }) => key === "cairn.promotion")?.value
  );
  assert.deepEqual(reasons, [
    'Version 1 is the first "champion"',
    "The macro F1 0.2 of version 2 is not higher than 0.733333 of version 1",
    "The macro F1 1 of version 3 is higher than 0.733333 of version 1",
  ]);
});

Deno.test("a champion that somebody else registered without scores stays", async () => {
  await using workshop = await openWorkshop();
  await using server = serveFakeMlflow();
  server.versions.push({ name: "landcover", tags: [] });
  server.aliases.set("landcover@champion", "1");
  await using run = await registerIn(workshop, {
    server,
    config: { promote: { when: "accuracy" } },
  });
  assert.equal(server.aliases.get("landcover@champion"), "1");
  assert.ok(run.logs.includes('MLflow: No accuracy is known of version 1, which is "champion"'));
});

Deno.test("a failed upload marks run and model as failed and leaves the registry alone", async () => {
  await using workshop = await openWorkshop();
  await using server = serveFakeMlflow();
  server.refusals.set("MLmodel", new Response("Artifact serving is disabled", { status: 503 }));
  await rejectsWith(registerIn(workshop, { server }), /503.*disabled/, /--serve-artifacts/);
  assert.deepEqual(server.statuses, ["LOGGED_MODEL_UPLOAD_FAILED", "FAILED"]);
  assert.deepEqual(server.versions, []);
  await assert.rejects(Deno.stat(`${workshop.shared}/registry/landcover`), Deno.errors.NotFound);
});

Deno.test("refusals say what to do, without the server's SQL", async () => {
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
    register("runs/create", refuse("INTERNAL_ERROR", "Broken. [SQL: SELECT secret]", 500)),
    /refused: 500 INTERNAL_ERROR Broken$/,
  );
});

Deno.test("a deleted experiment is an error, not a silent failure", async () => {
  await using workshop = await openWorkshop();
  await using server = serveFakeMlflow(["landcover"]);
  server.experimentStage = "deleted";
  await rejectsWith(registerIn(workshop, { server }), /"landcover" was deleted/, /experiment/);
});

Deno.test("an address without a server is named, with the way out", async () => {
  await using workshop = await openWorkshop();
  let base: string;
  {
    await using server: FakeMlflow = serveFakeMlflow();
    base = server.base;
  }
  await rejectsWith(registerIn(workshop, { server: { base } }), /Cannot reach/, /unset/);
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

async function rejectsWith(doing: Promise<unknown>, message: RegExp, hint?: RegExp): Promise<void> {
  await assert.rejects(doing, (error) => {
    assert.ok(error instanceof StepError, String(error));
    assert.match(error.message, message);
    if (hint !== undefined) assert.match(error.hint ?? "", hint);
    return true;
  });
}
