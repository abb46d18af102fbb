// The command line: which steps run, what is printed, and how mistakes in its words are answered.
import assert from "node:assert/strict";
import type { Event } from "../../engine/events/event.ts";
import { commandStep, Project, workflowOf } from "../support/rig.ts";

const CHAIN = workflowOf([
  commandStep("first", "echo 1 > ${{ outputs.out }}/x"),
  commandStep("second", "cp ${{ inputs.in }}/x ${{ outputs.out }}/x", { inputs: "in: first.out" }),
  commandStep("other", "echo 2 > ${{ outputs.out }}/x"),
], "publish:\n  out/second: second.out\n  out/other: other.out\n");

function chain(): Promise<Project> {
  return Project.make({ "workflow.yaml": CHAIN });
}

Deno.test("--only runs the step and what it needs, and publishes no more than that", async () => {
  await using project = await chain();
  const { code, steps } = await project.run("--only", "second");
  assert.deepEqual([code, steps], [0, { first: "ran", second: "ran" }]);
  assert.deepEqual(project.files("out/other"), []);
  assert.deepEqual((await project.run("--only", "first", "--only", "other")).steps, {
    first: "reused",
    other: "ran",
  });
});

Deno.test("--force runs the named step although nothing changed, and spares those after it", async () => {
  await using project = await chain();
  await project.run();
  const forced = await project.run("--force", "first");
  assert.deepEqual(forced.steps, { first: "ran", second: "reused", other: "reused" });
  assert.equal(forced.reason("first"), "it was asked to run again");
  assert.deepEqual((await project.run("--force", "all")).steps, {
    first: "ran",
    second: "ran",
    other: "ran",
  });
});

Deno.test("--from runs the step and all that depends on it anew", async () => {
  await using project = await chain();
  await project.run();
  assert.deepEqual((await project.run("--from", "first")).steps, {
    first: "ran",
    second: "ran",
    other: "reused",
  });
  assert.deepEqual((await project.run("--from", "second", "--from", "other")).steps, {
    first: "reused",
    second: "ran",
    other: "ran",
  });
});

Deno.test("--dry-run says what would happen and runs nothing", async () => {
  await using project = await chain();
  const { code, out } = await project.cairn("run", "workflow.yaml", "--dry-run");
  assert.equal(code, 0);
  assert.match(out, /^first +will run +it has not run before$/m);
  assert.match(out, /^second {2}may run +it needs what "first" will make$/m);
  assert.deepEqual([project.files("out"), project.files(".cairn/runs")], [[], []]);
  await project.run();
  const { out: after } = await project.cairn("run", "workflow.yaml", "--dry-run");
  assert.equal(after.match(/ is reused +saves .+ nothing that it depends on changed/g)?.length, 3);
});

Deno.test("--json prints one event per line, from the run's start to its end", async () => {
  await using project = await chain();
  const { code, out, error } = await project.spawnToEnd("run", "workflow.yaml", "--json");
  assert.deepEqual([code, error], [0, ""]);
  const events = out.trimEnd().split("\n").map((line) => JSON.parse(line) as Event);
  assert.deepEqual([events[0]?.type, events.at(-1)?.type], ["run-started", "run-finished"]);
  for (const event of events) assert.equal(typeof event.timeMs, "number");
});

Deno.test("where there is no terminal no escape code is printed", async () => {
  await using project = await chain();
  const good = await project.spawnToEnd("run", "workflow.yaml");
  const bad = await project.spawnToEnd("run", "missing.yaml");
  for (const { out, error } of [good, bad]) assert.ok(!`${out}${error}`.includes("\x1b"));
});

Deno.test("explain says for each step in one sentence why it would run", async () => {
  await using project = await chain();
  await project.run();
  await project.write("workflow.yaml", CHAIN.replace("echo 1", "echo 3"));
  const { code, out } = await project.cairn("explain", "workflow.yaml");
  assert.equal(code, 0);
  assert.match(out, /^first +will run .+ option "run" changed from "echo 1 .* to "echo 3/m);
  assert.match(out, /^second {2}may run .+ it needs what "first" will make/m);
  assert.match(out, /^other +is reused +saves .+ nothing that it depends on changed since run /m);
  const { out: one } = await project.cairn("explain", "workflow.yaml", "other");
  assert.match(one, /^other is reused, because nothing .+\nsaves \d+ ms, \d+ B\n\ncompared with /);
});

Deno.test("explain of a step whose files cannot be hashed says why, without a stack", async () => {
  await using project = await Project.make({ "data/x": "x" });
  await Deno.symlink("nowhere", project.path("data/broken"));
  await project.write(
    "workflow.yaml",
    workflowOf([
      commandStep("a", "ls data > ${{ outputs.out }}/x", { files: ["data"] }),
      commandStep("b", "ls > ${{ outputs.out }}/x", { inputs: "in: a.out" }),
    ]),
  );
  const explained = await project.cairn("explain", "workflow.yaml");
  assert.equal(explained.code, 0);
  assert.match(
    explained.out,
    /^a +will fail +".*broken" is a symbolic link that leads nowhere$/m,
  );
  assert.match(explained.out, /^b +will fail +step "a" will fail before it$/m);
  const run = await project.run();
  assert.match(run.failure.message, /broken" is a symbolic link that leads nowhere/);
});

Deno.test("runs lists past runs and shows the steps of one", async () => {
  await using project = await chain();
  assert.match((await project.cairn("runs")).out, /No runs yet/);
  await project.run();
  await project.run();
  const { code, out } = await project.cairn("runs");
  assert.equal(code, 0);
  const ids = out.match(/^\d{8}-\d{9}-\w{4}/gm) ?? [];
  assert.deepEqual([ids.length, [...ids].sort().reverse()], [2, [...ids]]);
  const { out: one } = await project.cairn("runs", ids[0] ?? "");
  assert.match(one, /^first +command +reused +saved /m);
});

Deno.test("runs --delete deletes one run's record and keeps its results", async () => {
  await using project = await chain();
  await project.run();
  await project.run();
  const [second = "", first = ""] = (await project.cairn("runs")).out.match(/^\d{8}-\S+/gm) ?? [];
  const { code, out } = await project.cairn("runs", first, "--delete");
  assert.deepEqual([code, out], [0, `Deleted run ${first}\n`]);
  const ids = project.files(".cairn/runs").map((path) => path.split("/")[0]);
  assert.deepEqual([...new Set(ids)], [second]);
  assert.deepEqual(project.files(".cairn/staging"), []);
  assert.deepEqual((await project.run()).steps["first"], "reused");
  const { error } = await project.cairn("runs", first, "--delete");
  assert.match(error, /error\[unknown-run\]/);
  assert.match((await project.cairn("runs", "--delete")).error, /error\[wrong-arguments\]/);
});

Deno.test("--store keeps results in another folder, relative to where the person stands", async () => {
  await using project = await chain();
  const { code } = await project.run("--store", "elsewhere");
  assert.equal(code, 0);
  assert.ok(project.files("elsewhere/actions").length > 0);
  assert.deepEqual((await project.run("--store", "elsewhere")).steps["first"], "reused");
  assert.deepEqual(project.files(".cairn"), []);
  assert.match((await project.cairn("runs", "--store", "elsewhere")).out, /done/);
});

Deno.test("a store of a later version is refused with a sentence", async () => {
  await using project = await chain();
  await project.write(".cairn/FORMAT", "99\n");
  const { code, error } = await project.cairn("run", "workflow.yaml");
  assert.equal(code, 2);
  assert.match(error, /error\[unusable-store\]: .*format 99, this version reads format 1/);
});

Deno.test("a request for more than the machine has is refused before anything runs", async () => {
  await using project = await Project.make();
  const ran = project.path("ran");
  await project.write(
    "workflow.yaml",
    workflowOf([
      commandStep("small", `touch ${ran}; touch \${{ outputs.out }}/x`),
      commandStep("huge", "true", { more: "resources: { cpus: 99999, memory: 900TiB, gpus: 99 }" }),
    ]),
  );
  const { code, error } = await project.cairn("run", "workflow.yaml");
  assert.equal(code, 2);
  assert.match(error, /error\[not-enough-resources\]: Step "huge" asks for 99999 processors/);
  assert.match(error, /Step "huge" asks for .* of memory/);
  assert.match(error, /Step "huge" asks for 99 GPUs[^]*hint: .*nvidia-smi/);
  assert.match(error, /at workflow\.yaml:\d+:\d+/);
  assert.deepEqual([await project.lines("ran"), project.files(".cairn/runs")], [[], []]);
});

for (
  const [what, words, answer] of [
    ["command", ["rnu"], /error\[unknown-command\]: Unknown command "rnu"\n.*Did you mean "run"\?/],
    [
      "flag",
      ["run", "workflow.yaml", "--keep-goin"],
      /error\[unknown-flag\]: Unknown option "--keep-goin" for command "run"\n.*Did you mean "--keep-going"\?/,
    ],
    [
      "step",
      ["run", "workflow.yaml", "--only", "secnd"],
      /error\[unknown-step\]: Unknown step "secnd"\n.*Did you mean "second"\?/,
    ],
    ["step to force", ["run", "workflow.yaml", "--force", "ohter"], /Did you mean "other"\?/],
    ["step beside all", ["run", "workflow.yaml", "--force", "all", "--from", "ohter"], /"other"\?/],
    [
      "step that --only leaves out",
      ["run", "workflow.yaml", "--only", "other", "--from", "first"],
      /error\[step-left-out\]: Option "--from" names step "first", which --only leaves out\n.*add --only first/,
    ],
    ["step to explain", ["explain", "workflow.yaml", "frist"], /Did you mean "first"\?/],
    ["run", ["runs", "20200101"], /error\[unknown-run\]: Unknown run "20200101"/],
    ["file", ["run", "nowhere.yaml"], /nowhere\.yaml/],
    ["number of jobs", ["run", "workflow.yaml", "--jobs", "0"], /"--jobs" needs a whole number/],
    ["jobs in words", ["run", "workflow.yaml", "--jobs", "many"], /from 1 to 999999, not "many"/],
    ["flag without its value", ["run", "workflow.yaml", "--only"], /"--only" needs a value: STEP/],
    [
      "flag with a value too many",
      ["run", "workflow.yaml", "--json=yes"],
      /"--json" needs no value/,
    ],
    ["setting", ["run", "workflow.yaml", "--set", "epochs"], /--set name=value, not "epochs"/],
    ["graph format", ["graph", "workflow.yaml", "--format", "png"], /one of mermaid, dot, json/],
    ["missing argument", ["run"], /error\[wrong-arguments\].*\n.*Usage: cairn run WORKFLOW/],
    ["argument too many", ["check", "workflow.yaml", "b.yaml"], /error\[wrong-arguments\]/],
  ] satisfies [string, string[], RegExp][]
) {
  Deno.test(`a wrong word gets an answer, exit code 2 and runs nothing: ${what}`, async () => {
    await using project = await chain();
    const { code, out, error } = await project.cairn(...words);
    assert.deepEqual([code, out], [2, ""]);
    assert.match(error, answer);
    assert.deepEqual(project.files(".cairn/runs"), []);
  });
}

Deno.test("a workflow file with mistakes is refused with exit code 2 and runs nothing", async () => {
  await using project = await Project.make({
    "workflow.yaml": workflowOf([
      commandStep("a", "true").replace("uses: command", "uses: comand"),
    ]),
  });
  for (const command of ["run", "check", "explain", "graph"]) {
    const { code, error } = await project.cairn(command, "workflow.yaml");
    assert.equal(code, 2);
    assert.match(error, /workflow\.yaml:4:11/);
    assert.match(error, /Did you mean "command"\?/);
  }
  assert.deepEqual(project.files(".cairn"), []);
});

Deno.test("help of the program and of each command is printed", async () => {
  await using project = await Project.make();
  const { code, out } = await project.cairn("--help");
  assert.equal(code, 0);
  for (const [, name = ""] of out.matchAll(/^ {2}(\w+) /gm)) {
    const help = await project.cairn(name, "--help");
    assert.equal(help.code, 0);
    assert.match(help.out, new RegExp(`^cairn ${name}`));
  }
  assert.equal((await project.cairn()).code, 2);
});
