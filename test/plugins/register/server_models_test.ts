// Models of an MLflow server as inputs, and models of the local registry that go to a server later.
import assert from "node:assert/strict";
import { type FakeMlflow, serveFakeMlflow } from "./fake_mlflow.ts";
import { followedProject } from "./followed_project.ts";
import { changeModel, openWorkshop, registerIn, type Workshop } from "./support.ts";
import type { Project } from "../../support/rig.ts";

const CONSUMER = `
name: consumer
params: { model: { type: string, default: "models:/landcover@champion" } }
steps:
  model: { uses: registered, with: { model: "\${{ params.model }}" } }
  look: { uses: command, inputs: { model: model.model }, with: {
    run: "cd inputs/model && ls > ../../outputs/out/files.txt && cat weights.safetensors >> ../../outputs/out/files.txt",
    outputs: { out: text } } }
publish: { out: look.out }
`;

/** Two versions on a server; the first is the champion. */
async function twoVersions(workshop: Workshop, server: FakeMlflow): Promise<void> {
  await Deno.writeTextFile(`${workshop.model}/weights.safetensors`, "first");
  await using _first = await registerIn(workshop, { server, config: { alias: "champion" } });
  await Deno.writeTextFile(`${workshop.model}/weights.safetensors`, "second");
  await using _second = await registerIn(workshop, { server });
}

async function consumer(server: Pick<FakeMlflow, "base">): Promise<Project> {
  return await followedProject(server, { "workflow.yaml": CONSUMER });
}

Deno.test("an alias on the server gives that version, and another one only once it has moved", async () => {
  await using workshop = await openWorkshop();
  await using server = serveFakeMlflow();
  await twoVersions(workshop, server);
  await using project = await consumer(server);
  assert.deepEqual((await project.run()).steps, { model: "ran", look: "ran" });
  const files = ["model.json", "model.onnx", "weights.safetensors", "first"];
  assert.deepEqual(await project.lines("out/files.txt"), files);
  assert.deepEqual((await project.run()).steps, { model: "reused", look: "reused" });
  server.tracking.aliases.set("landcover@champion", "2");
  const { out: why } = await project.cairn("explain", "workflow.yaml", "model");
  assert.match(why, /resolved\.title[^]*version 1 of [^]*version 2 of /);
  const moved = await project.run();
  assert.deepEqual(moved.steps, { model: "ran", look: "ran" });
  assert.equal((await project.lines("out/files.txt")).at(-1), "second");
  server.tracking.aliases.set("landcover@champion", "1");
  assert.deepEqual((await project.run()).steps, { model: "reused", look: "reused" });
});

Deno.test("number, logged model and run lead to the same bytes, so that nothing after runs again", async () => {
  await using workshop = await openWorkshop();
  await using server = serveFakeMlflow();
  await twoVersions(workshop, server);
  await using project = await consumer(server);
  await project.run();
  const { runs, models } = server.tracking;
  // The fake's ids are short; real ones are hexadecimal.
  const [run, model] = ["0123456789abcdef", "m-0123456789abcdef"];
  Object.assign(runs.find(({ id }) => id === models[0]!.run)!, { id: run });
  Object.assign(models[0]!, { run });
  for (const path of [...server.files.keys()]) {
    server.files.set(path.replace("/m-1/", `/${model}/`), server.files.get(path)!);
  }
  for (const version of server.tracking.versions) {
    if (version.model === "m-1") Object.assign(version, { model });
  }
  Object.assign(models[0]!, { id: model });
  for (const address of ["models:/landcover/1", `models:/${model}`, `runs:/${run}/landcover`]) {
    const { steps } = await project.run("--set", `model=${address}`);
    assert.deepEqual(steps, { model: "ran", look: "reused" }, address);
  }
});

Deno.test("what the server does not have is said at the step before anything runs", async () => {
  await using workshop = await openWorkshop();
  await using server = serveFakeMlflow();
  await twoVersions(workshop, server);
  await using project = await consumer(server);
  const refused = async (address: string): Promise<string> => {
    const { code, events, error } = await project.run("--set", `model=${address}`);
    assert.deepEqual([code, events], [2, []]);
    return error;
  };
  assert.match(
    await refused("models:/landcover@best"),
    /no alias "best" of "landcover"\n +at workflow\.yaml:5:3[^]*There is @champion, @candidate/,
  );
  assert.match(await refused("models:/landcover/7"), /no version 7 of "landcover"/);
  assert.match(await refused("runs:/00000000/x"), /no run "00000000"/);
  assert.match(await refused("models:/m-00000000"), /no logged model "m-00000000"/);
});

Deno.test("a model's file that was altered on the server is an error, not an input", async () => {
  await using workshop = await openWorkshop();
  await using server = serveFakeMlflow();
  await twoVersions(workshop, server);
  const weights = [...server.files.keys()].find((path) => path.endsWith("weights.safetensors"))!;
  server.files.set(weights, new TextEncoder().encode("other"));
  await using project = await consumer(server);
  const { failure } = await project.run();
  assert.match(
    failure.message,
    /files of version 1 of "landcover" on the MLflow server were altered/,
  );
});

Deno.test("what an address meant serves while the server is away", async () => {
  await using workshop = await openWorkshop();
  const server = serveFakeMlflow();
  await twoVersions(workshop, server);
  await using project = await consumer(server);
  await project.run();
  await server[Symbol.asyncDispose]();
  assert.deepEqual((await project.run()).steps, { model: "reused", look: "reused" });
  const unknown = await project.run("--set", "model=models:/landcover/2");
  assert.match(unknown.failure.message, /Nobody knows yet what "models:\/landcover\/2" means/);
});

Deno.test("a server that only the workflow names is followed, and lets its steps in", async () => {
  await using workshop = await openWorkshop();
  await using server = serveFakeMlflow();
  await twoVersions(workshop, server);
  const options = 'model: "${{ params.model }}"';
  await using project = await followedProject({ base: "" }, {
    "workflow.yaml": CONSUMER.replace(options, `${options}, server: "${server.base}"`),
  });
  assert.deepEqual((await project.run()).steps, { model: "ran", look: "ran" });
  assert.equal((await project.lines("out/files.txt")).at(-1), "first");
  assert.ok(server.tracking.runs.some(({ name }) => name === "consumer"));
});

Deno.test("pushed models have their versions, aliases, scores and decisions, and twice is once", async () => {
  await using workshop = await openWorkshop();
  const config = { promote: { when: "accuracy" } };
  await using _first = await registerIn(workshop, { config, withAll: true });
  await changeModel(workshop, { weights: "worse", predicted: [1, 1, 0, 0] });
  await using _second = await registerIn(workshop, { config });
  await using server = serveFakeMlflow();
  await using project = await followedProject(server);
  await Deno.rename(`${workshop.shared}/registry`, project.path(".cairn/registry"));
  const { code, out } = await project.cairn("mlflow", "push");
  assert.equal(code, 0);
  assert.equal(
    out,
    'sent "landcover" as version 1\nsent "landcover" as version 2\nnothing waits any more\n' +
      '"candidate" of "landcover" is now version 2\n"champion" of "landcover" is now version 1\n',
  );
  const { tracking } = server;
  const tags = tracking.version("landcover", "2").tags;
  assert.match(tags.get("cairn.promotion") ?? "", /accuracy 0 of version 2 is not higher/);
  assert.equal(tags.get("cairn.version"), "2");
  const before = JSON.stringify(tracking.summary());
  const again = await project.cairn("mlflow", "push", "landcover");
  assert.deepEqual([again.code, again.out], [0, ""]);
  assert.equal(JSON.stringify(tracking.summary()), before);
});

Deno.test("an alias that somebody else's version has stays, and an unknown model is named", async () => {
  await using workshop = await openWorkshop();
  await using _run = await registerIn(workshop);
  await using server = serveFakeMlflow();
  const { versions, aliases } = server.tracking;
  versions.push({
    name: "landcover",
    version: "1",
    model: "m-9",
    description: "",
    tags: new Map(),
  });
  aliases.set("landcover@candidate", "1");
  await using project = await followedProject(server);
  await Deno.rename(`${workshop.shared}/registry`, project.path(".cairn/registry"));
  const { out } = await project.cairn("mlflow", "push", "landcover");
  assert.match(out, /^left "candidate" of "landcover" on version 1, which is not from here$/m);
  assert.equal(aliases.get("landcover@candidate"), "1");
  const { code, error } = await project.cairn("mlflow", "push", "nothing");
  assert.equal(code, 2);
  assert.match(error, /no model "nothing"\n +hint: There is landcover/);
});
