// A run that is followed on an MLflow server: what is there while it goes on and afterwards, and what waits.
import assert from "node:assert/strict";
import { mostWaitingRuns } from "../../../plugins/register/tracking/position.ts";
import { type FakeMlflow, serveFakeMlflow } from "./fake_mlflow.ts";
import { type FakeRun, refuse } from "./fake_replies.ts";
import { eventually, resultOf } from "../../support/rig.ts";
import { followedProject, PLUGIN, runNamed } from "./followed_project.ts";

const SHORT = `
name: short
steps:
  curve: { uses: ./curve.ts, with: { points: 2 } }
  other: { uses: ./curve.ts, with: { points: 3 } }
`;

/** Everything that a server holds but what differs between equal runs. */
function summaryOf({ tracking }: FakeMlflow): unknown {
  const text = JSON.stringify(tracking.summary());
  return JSON.parse(
    text.replaceAll(/\d{8}-\d{9}-[0-9a-f]{4}/g, "RUN").replaceAll(/127\.0\.0\.1:\d+/g, "HOST"),
  );
}

function pointsOf({ metrics }: FakeRun): readonly (readonly [number, number])[] {
  return [...metrics.values()].map(({ step, value }) => [step, value]);
}

Deno.test("each step is a nested run with its options, curve, files and end", async () => {
  await using server = serveFakeMlflow();
  await using project = await followedProject(server);
  const { code, error } = await project.run();
  assert.equal(code, 1);
  const whole = runNamed(server, "followed");
  assert.match(error, new RegExp(`^mlflow: .*/runs/${whole.id}$`, "m"));
  assert.deepEqual([whole.status, whole.params.get("points")], ["FAILED", "3"]);
  assert.match(whole.tags.get("mlflow.note.content") ?? "", /\| \[fails\]\(.*\) \| failed: /);
  const [curve, script, fails] = ["curve", "script", "fails"].map((name) => runNamed(server, name));
  for (const nested of [curve, script, fails]) {
    assert.equal(nested!.tags.get("mlflow.parentRunId"), whole.id);
  }
  assert.deepEqual(pointsOf(curve!), [[1, 1], [2, 0.5], [3, 1 / 3]]);
  assert.deepEqual([curve!.status, script!.status, fails!.status], [
    "FINISHED",
    "FINISHED",
    "FAILED",
  ]);
  assert.equal(server.text(`5/${curve!.id}/artifacts/out/points.txt`), "3");
  assert.equal(server.text(`5/${fails!.id}/artifacts/log.txt`), "oh\n");
});

Deno.test("a program is told of its own nested run, and no fingerprint of that", async () => {
  await using server = serveFakeMlflow();
  await using project = await followedProject(server);
  project.environment.set("MLFLOW_TRACKING_TOKEN", "geheim");
  await project.run();
  const script = runNamed(server, "script");
  assert.deepEqual(await project.lines("out/env.txt"), [
    "MLFLOW_EXPERIMENT_ID=5",
    `MLFLOW_RUN_ID=${script.id}`,
    "MLFLOW_TRACKING_TOKEN=geheim",
    `MLFLOW_TRACKING_URI=${server.base}`,
  ]);
  project.environment.set("MLFLOW_TRACKING_TOKEN", "other");
  assert.equal((await project.run()).steps["script"], "reused");
  project.environment.set("MLFLOW_TRACKING_URI", "");
  assert.equal((await project.run()).steps["script"], "reused");
});

Deno.test("a reused step leads to the run that made it", async () => {
  await using server = serveFakeMlflow();
  await using project = await followedProject(server);
  await project.run();
  const made = runNamed(server, "curve");
  await project.run();
  const reused = server.tracking.runs.findLast(({ name }) => name === "curve")!;
  assert.notEqual(reused, made);
  assert.equal(reused.tags.get("cairn.made_by"), made.id);
  assert.match(reused.tags.get("mlflow.note.content") ?? "", new RegExp(`/runs/${made.id}\\)`));
  assert.deepEqual([reused.params.size, reused.metrics.size, reused.status], [0, 0, "FINISHED"]);
});

Deno.test("curves arrive while their step still runs", async () => {
  await using server = serveFakeMlflow();
  const waits = PLUGIN.replace("run({", "run({ shared,").replace(
    "inputs: {},",
    'permissions: { shared: ["gate"] }, inputs: {},',
  ).replace(
    "await Deno.write",
    "while (!await Deno.stat(shared.gate + '/open').catch(() => false)) " +
      "await new Promise((done) => setTimeout(done, 20));\n    await Deno.write",
  );
  await using project = await followedProject(server, { "curve.ts": waits });
  const running = project.run();
  const seen = async (): Promise<FakeRun> => {
    for (;;) {
      const curve = server.tracking.runs.find(({ name }) => name === "curve");
      if (curve !== undefined && curve.metrics.size === 3) return curve;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  assert.equal((await seen()).status, "RUNNING");
  await project.write(".cairn/gate/open", "");
  await running;
  assert.equal(runNamed(server, "curve").status, "FINISHED");
});

for (const trouble of ["before", "after"] as const) {
  const words = trouble === "before" ? "not heard" : "done but never answered";
  Deno.test(`whichever request of a run is ${words}, a sync completes all and doubles nothing`, async () => {
    await using smooth = serveFakeMlflow();
    await using calm = await followedProject(smooth, { "workflow.yaml": SHORT });
    await calm.run();
    const expected = summaryOf(smooth);
    const { requests } = smooth;
    // Every fifth request, which hits each kind of them.
    for (let at = 8; at < requests; at += 5) {
      await using server = serveFakeMlflow();
      await using project = await followedProject(server, { "workflow.yaml": SHORT });
      server.trouble = (request) => request === at ? trouble : undefined;
      await project.run();
      server.trouble = () => undefined;
      await project.cairn("mlflow", "sync", "--once");
      assert.deepEqual(summaryOf(server), expected, `request ${at}`);
    }
  });
}

Deno.test("what the server will never take of a run does not cost the rest", async () => {
  await using server = serveFakeMlflow();
  await using project = await followedProject(server, { "workflow.yaml": SHORT });
  server.refusals.set(
    "artifacts/out/points.txt",
    refuse("INVALID_PARAMETER_VALUE", "Bad").response,
  );
  const { code, error } = await project.run();
  assert.equal(code, 0);
  assert.match(error, /\/runs\/run1, without 2 of its events: .* refused: 400 .* Bad$/m);
  assert.equal(runNamed(server, "short").status, "FINISHED");
  assert.deepEqual(pointsOf(runNamed(server, "other")), [[1, 1], [2, 0.5], [3, 1 / 3]]);
  assert.equal(runNamed(server, "other").status, "FINISHED");
});

Deno.test("a plugin is told of its nested run where it asks for that", async () => {
  await using server = serveFakeMlflow();
  const asking = PLUGIN.replace("inputs: {},", "permissions: { tracking: true }, inputs: {},")
    .replace("String(config.points)", 'Deno.env.get("MLFLOW_RUN_ID")');
  await using project = await followedProject(server, {
    "workflow.yaml": `${SHORT}publish: { out: curve.out }\n`,
    "curve.ts": asking,
  });
  assert.equal((await project.run("--only", "curve")).code, 0);
  assert.equal(await project.read("out/points.txt"), runNamed(server, "curve").id);
  await project.write("curve.ts", asking.replace("tracking: true", "tracking: false"));
  assert.match(
    (await project.run("--only", "curve")).failure.message,
    /MLFLOW_RUN_ID.*not declared/,
  );
});

Deno.test("of too many runs that wait, the next is not followed, and that is said", async () => {
  await using server = serveFakeMlflow();
  await using project = await followedProject(server, { "workflow.yaml": SHORT });
  for (let at = 0; at < mostWaitingRuns; at++) {
    await project.write(`.cairn/mlflow/runs/${at}.json`, '{ "server": "http://other" }');
  }
  const { code, error } = await project.run();
  assert.deepEqual([code, server.tracking.runs.length], [0, 0]);
  assert.match(error, /^mlflow: 200 runs wait for a server; this one is not tracked$/m);
});

Deno.test("a server that is away costs words; the whole run goes there later, in order", async () => {
  await using project = await followedProject({ base: "http://127.0.0.1:9" });
  const server = serveFakeMlflow();
  const { base } = server;
  await server[Symbol.asyncDispose]();
  project.environment.set("MLFLOW_TRACKING_URI", base);
  const away = await project.run();
  assert.deepEqual(away.steps, { curve: "ran", script: "ran", fails: "failed" });
  assert.match(away.error, /^mlflow: Cannot reach .*; the run goes on/m);
  assert.match(away.error, /^mlflow: 1 still waiting; sent after the next run, or by/m);
  assert.deepEqual(await project.lines("out/env.txt"), []);
  await using back = serveFakeMlflow(Number(new URL(base).port));
  const { code, out } = await project.cairn("mlflow", "sync");
  assert.equal(code, 0);
  assert.match(out, /^sent run \S+\nnothing waits any more\n$/);
  assert.deepEqual(pointsOf(runNamed(back, "curve")), [[1, 1], [2, 0.5], [3, 1 / 3]]);
  assert.deepEqual(project.files(".cairn/mlflow/runs"), []);
});

Deno.test("a run that waits keeps its journal and files from being collected", async () => {
  await using project = await followedProject({ base: "http://127.0.0.1:9" });
  await project.run();
  project.environment.set("MLFLOW_TRACKING_URI", "");
  await project.run("--set", "points=4");
  await project.cairn("gc", "--keep-runs", "1");
  const server = serveFakeMlflow();
  await using _server = server;
  const [name] = project.files(".cairn/mlflow/runs");
  const path = project.path(`.cairn/mlflow/runs/${name}`);
  const position = JSON.parse(await Deno.readTextFile(path));
  await Deno.writeTextFile(path, JSON.stringify({ ...position, server: server.base }));
  project.environment.set("MLFLOW_TRACKING_URI", server.base);
  assert.equal((await project.cairn("mlflow", "sync")).code, 0);
  const curve = runNamed(server, "curve");
  assert.equal(server.text(`5/${curve.id}/artifacts/out/points.txt`), "3");
});

Deno.test("a run whose engine was killed ends as killed, with all that it told", async () => {
  await using server = serveFakeMlflow();
  const workflow = `
name: killed
steps:
  curve: { uses: ./curve.ts, with: { points: 2 } }
  sleeps: { uses: command, after: [curve], with: { run: "echo begun; sleep 60" } }
`;
  await using project = await followedProject(server, { "workflow.yaml": workflow });
  const env = { MLFLOW_TRACKING_URI: server.base };
  const child = project.spawnWith(env, "run", "workflow.yaml", "--json");
  await eventually("the second step to be known", () => {
    return Promise.resolve(server.tracking.runs.find(({ name }) => name === "sleeps"));
  });
  child.kill("SIGKILL");
  await resultOf(child);
  assert.equal(runNamed(server, "killed").status, "RUNNING");
  const { out } = await project.cairn("mlflow", "sync");
  assert.match(out, /^sent run \S+\nnothing waits any more\n$/);
  const ends = ["killed", "curve", "sleeps"].map((name) => runNamed(server, name).status);
  assert.deepEqual(ends, ["KILLED", "FINISHED", "KILLED"]);
});

Deno.test("neither password nor token lies anywhere in the state, or on the server", async () => {
  await using server = serveFakeMlflow();
  const workflow = `
name: secret
steps:
  quiet:
    uses: command
    with: { run: "true", env: { API_TOKEN: geheim1 } }
`;
  await using project = await followedProject(server, { "workflow.yaml": workflow });
  project.environment.set("MLFLOW_TRACKING_USERNAME", "zoe");
  project.environment.set("MLFLOW_TRACKING_PASSWORD", "geheim2");
  project.environment.set("HOME", project.folder);
  await project.write(".mlflow/credentials", "[mlflow]\nmlflow_tracking_username = u\n");
  const { error } = await project.run();
  assert.doesNotMatch(error, /geheim/);
  for (const path of project.files(".cairn").filter((path) => /mlflow|journal|logs/.test(path))) {
    assert.doesNotMatch(await project.read(`.cairn/${path}`), /geheim/, path);
  }
  // The password is nowhere at all, not even in what fingerprints were made from.
  for (const path of project.files(".cairn")) {
    assert.ok(!(await project.read(`.cairn/${path}`)).includes("geheim2"), path);
  }
  assert.doesNotMatch(JSON.stringify(server.calls), /geheim/);
});
