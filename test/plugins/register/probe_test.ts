// What is asked of an MLflow server before anything runs, and what is said where it would fail.
import assert from "node:assert/strict";
import { serveFakeMlflow } from "./fake_mlflow.ts";
import { followedProject, runNamed } from "./followed_project.ts";

Deno.test("what would fail later is said before anything runs", async () => {
  await using server = serveFakeMlflow();
  await using project = await followedProject(server);
  const refused = async (): Promise<string> => {
    const { code, events, error } = await project.run();
    assert.deepEqual([code, events], [2, []]);
    server.refusals.clear();
    return error;
  };
  const text = (body: string, status: number): Response => new Response(body, { status });
  server.refusals.set("experiments/create", text("<html>Not you</html>", 401));
  assert.match(await refused(), /refused: 401\n.*hint: Set MLFLOW_TRACKING_USERNAME/);
  server.refusals.set("experiments/create", text("Invalid Host header", 403));
  assert.match(await refused(), /403 Invalid Host header\n.*--allowed-hosts/);
  server.refusals.set("mlflow-artifacts/artifacts", text("Use `--serve-artifacts`", 503));
  assert.match(await refused(), /hint: Start the server with --serve-artifacts/);
  server.tracking.artifactLocation = "s3://bucket/5";
  assert.match(await refused(), /keeps artifacts at "s3:\/\/bucket\/5"/);
  server.tracking.artifactLocation = "mlflow-artifacts:/5";
  server.tracking.experimentStage = "deleted";
  assert.match(await refused(), /experiment "followed" was deleted\n.*hint: Restore it/);
  server.tracking.experimentStage = "active";
  project.environment.set("MLFLOW_EXPERIMENT_ID", "77");
  assert.match(await refused(), /no experiment with the id "77"/);
});

Deno.test("the name of a prompt is refused for a model, at its step", async () => {
  await using server = serveFakeMlflow();
  server.tracking.prompts.add("greeting");
  const workflow = `
name: clash
steps:
  photos: { uses: synthesize, with: { images: 3, size: 128 } }
  tiles: { uses: prepare, inputs: { source: photos.images }, with: { tile: 64 } }
  model: { uses: train, inputs: { tiles: tiles.tiles } }
  version: { uses: register, inputs: { model: model.model }, with: { name: greeting } }
`;
  await using project = await followedProject(server, { "workflow.yaml": workflow });
  const { code, error } = await project.run();
  assert.equal(code, 2);
  assert.match(error, /"greeting" is a prompt[^]*at workflow\.yaml:7:3[^]*hint: Choose another/);
});

Deno.test("a value that MLflow would cut is said at once, and is whole in a file", async () => {
  await using server = serveFakeMlflow();
  const long = "x".repeat(7000);
  const workflow = `
name: long
steps:
  curve: { uses: ./curve.ts, with: { points: 1, text: ${long} } }
`;
  await using project = await followedProject(server, { "workflow.yaml": workflow });
  const { error } = await project.run();
  assert.match(error, /^mlflow: text of "curve" has 7000 characters, of which MLflow shows 6000/m);
  const file = server.text(`5/${runNamed(server, "curve").id}/artifacts/parameters.json`);
  assert.equal(JSON.parse(file).text, long);
});

Deno.test("two servers in one run are refused", async () => {
  const workflow = `
name: two
steps:
  a: { uses: registered, with: { model: "models:/m/1", server: "http://127.0.0.1:1" } }
  b: { uses: registered, with: { model: "models:/m/2", server: "http://127.0.0.1:2" } }
`;
  await using project = await followedProject({ base: "" }, { "workflow.yaml": workflow });
  const { code, error } = await project.run();
  assert.equal(code, 2);
  assert.match(error, /"b" names another MLflow server than "a"/);
});
