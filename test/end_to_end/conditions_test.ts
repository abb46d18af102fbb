// Steps with `if`: who takes part in a run, who is skipped with them, and that reuse does not mind.
import assert from "node:assert/strict";
import { remoteFolder } from "../support/shared_projects.ts";
import { commandStep, Project, workflowOf } from "../support/rig.ts";

const COPY = "cp ${{ inputs.in }}/* ${{ outputs.out }}";

/** A step that makes a JSON file of what a file of the project holds. */
const scores = (project: Project): string =>
  commandStep("scores", `cat ${project.path("scores")} > \${{ outputs.out }}/scores.json`, {
    more: "seed: 1",
  });

/** A project with a model that is only used if its scores are good. */
async function gatedProject(more = ""): Promise<Project> {
  const project = await Project.make({ scores: '{ "macro": { "f1": 0.9, "n": [3, 4] } }' });
  await project.write(
    "workflow.yaml",
    workflowOf([
      scores(project),
      commandStep("good", "echo good > ${{ outputs.out }}/x", {
        more: "if: ${{ steps.scores.out.macro.f1 > 0.8 && steps.scores.out.macro.n[1] == 4 }}",
      }),
      commandStep("use", COPY, { inputs: "in: good.out" }),
      commandStep("later", "echo later > ${{ outputs.out }}/x", { more: "after: [good]" }),
    ], `publish:\n  out: use.out\n${more}`),
  );
  return project;
}

async function score(project: Project, text: string): Promise<void> {
  await project.write("scores", text);
  await project.write(
    "workflow.yaml",
    (await project.read("workflow.yaml")).replace(/seed: (\d+)/, (_, seed) => `seed: ${+seed + 1}`),
  );
}

Deno.test("a step runs where its condition holds for what another step has made", async () => {
  await using project = await gatedProject();
  const run = await project.run();
  assert.deepEqual(run.steps, { scores: "ran", good: "ran", use: "ran", later: "ran" });
  assert.deepEqual((await project.run()).steps, {
    scores: "reused",
    good: "reused",
    use: "reused",
    later: "reused",
  });
});

Deno.test("where it does not hold the step is skipped with those that take something of it", async () => {
  await using project = await gatedProject();
  assert.equal((await project.run()).code, 0);
  await score(project, '{ "macro": { "f1": 0.7, "n": [3, 4] } }');
  const run = await project.run();
  assert.equal(run.code, 0);
  assert.deepEqual(run.steps, { scores: "ran", good: "skipped", use: "skipped", later: "reused" });
  const [good, use] = run.of("step-skipped");
  assert.deepEqual(good?.values, { "steps.scores.out.macro.f1": 0.7 });
  assert.deepEqual([use?.because, use?.condition], ["good", good?.condition]);
  assert.equal(await project.read("out/x"), "good\n", "what was published before is left");
  const { out } = await project.cairn("run", "workflow.yaml");
  assert.match(out, /^skipped {4}good {4}because steps\.scores.* == 4 is false, with 0\.7$/m);
  assert.match(out, /^skipped {4}use {5}because it takes something of "good", which was skipped$/m);
  assert.match(out, /^done in .*: 2 reused, 2 skipped$/m);
  assert.match((await project.cairn("runs")).out, /done {3}.*: 2 reused, 2 skipped/);
});

Deno.test("a condition is no part of what a step makes", async () => {
  await using project = await gatedProject();
  await project.run();
  const text = await project.read("workflow.yaml");
  await project.write("workflow.yaml", text.replace("f1 > 0.8", "f1 > 0.5"));
  assert.equal((await project.run()).steps["good"], "reused");
  await project.write("workflow.yaml", text.replace(/ {4}if: .*\n/, ""));
  assert.equal((await project.run()).steps["good"], "reused");
});

Deno.test("a forecast says what is skipped, and where it cannot know yet", async () => {
  await using project = await gatedProject();
  const fates = async (): Promise<readonly string[]> => {
    const { out } = await project.cairn("run", "workflow.yaml", "--dry-run", "--json");
    return out.split("\n").filter((line) => line.includes('"fate"')).map((line) =>
      (JSON.parse(line) as { fate: string }).fate
    );
  };
  assert.deepEqual(await fates(), ["runs", "unsure", "unsure", "runs"]);
  await project.run();
  assert.deepEqual(await fates(), ["reused", "reused", "reused", "reused"]);
  await score(project, '{ "macro": { "f1": 0.7, "n": [3, 4] } }');
  await project.run();
  assert.deepEqual(await fates(), ["reused", "skipped", "skipped", "reused"]);
  const { out } = await project.cairn("explain", "workflow.yaml");
  assert.match(out, /^good +is skipped +steps\.scores.* is false, with 0\.7$/m);
  assert.match(out, /^2 reused, 0 will run; 2 skipped/m);
});

Deno.test("a condition that cannot be computed fails its step, at its place", async () => {
  const wrong = [
    ["{}", /in "steps\.scores\.out\.macro\.f1", "scores\.json" has no "macro" there: its keys: /],
    ['{ "macro": 3 }', /has no "f1" there: it is 3/],
    ["{ nothing }", /"scores\.json" is no JSON: /],
    ['{ "macro": { "f1": "high" } }', /">" .*"high"/],
  ] as const;
  for (const [text, words] of wrong) {
    await using project = await gatedProject();
    await project.write("scores", text);
    const { code, out } = await project.cairn("run", "workflow.yaml");
    assert.equal(code, 1);
    assert.match(out, /error\[step-failed\]: Step "good" .*Its condition cannot be computed/);
    assert.match(out, words);
    assert.match(out, /\n {2}at workflow\.yaml:\d+:9\n/);
    assert.doesNotMatch(out, /at file:/);
  }
});

Deno.test("of several JSON files the first key names one", async () => {
  await using project = await Project.make();
  const make = "echo 1 > ${{ outputs.out }}/a.json\necho 2 > ${{ outputs.out }}/b.json";
  const workflow = (path: string): string =>
    workflowOf([
      commandStep("two", make),
      commandStep("b", "echo > ${{ outputs.out }}/x", { more: `if: \${{ ${path} == 2 }}` }),
    ]);
  await project.write("workflow.yaml", workflow("steps.two.out['b.json']"));
  assert.deepEqual((await project.run()).steps, { two: "ran", b: "ran" });
  await project.write("workflow.yaml", workflow("steps.two.out"));
  const { message, hint } = (await project.run()).failure;
  assert.match(message, /output "out" holds "a\.json", "b\.json"$/);
  assert.match(hint ?? "", /\['a\.json'\]/);
});

Deno.test("a fan-in takes those that took part; where there is none it is skipped", async () => {
  await using project = await Project.make();
  await project.write(
    "workflow.yaml",
    `params: { least: 2 }
steps:
  part:
    uses: command
    matrix: { n: [1, 2, 3] }
    if: \${{ matrix.n >= params.least }}
    with: { run: "echo \${{ matrix.n }} > \${{ outputs.out }}/x", outputs: { out: text } }
  all:
    uses: command
    inputs: { in: part.out }
    with: { run: "ls inputs/in > \${{ outputs.out }}/x", outputs: { out: text } }
publish: { out: all.out }
`,
  );
  const run = await project.run();
  assert.deepEqual(run.steps, {
    "part[n=1]": "skipped",
    "part[n=2]": "ran",
    "part[n=3]": "ran",
    all: "ran",
  });
  assert.deepEqual(await project.lines("out/x"), ["n=2", "n=3"]);
  assert.equal((await project.run("--set", "least=3")).steps["all"], "ran");
  assert.equal((await project.run("--set", "least=4")).steps["all"], "skipped");
  assert.equal((await project.run()).steps["all"], "reused");
});

Deno.test("a plugin does without an optional input of which nothing is there", async () => {
  await using project = await Project.make({
    "plugin.ts": `import { definePlugin, z } from "cairn/plugin";
export const plugin = definePlugin({
  name: "mine", kind: "other", description: "", version: 1, config: z.strictObject({}),
  inputs: {
    one: { type: "text", description: "", optional: true },
    some: { type: "text", description: "", optional: true, many: true },
  },
  outputs: { out: { type: "text", description: "" } },
  async run({ inputs, outputs }) {
    const found = { one: inputs.one !== undefined, some: inputs.some.length };
    await Deno.writeTextFile(outputs.out + "/found.json", JSON.stringify(found));
  },
});
`,
    "workflow.yaml": workflowOf([
      commandStep("a", "echo > ${{ outputs.out }}/x", { more: "if: false" }),
      "  mine: { uses: ./plugin.ts, inputs: { one: a.out, some: [a.out] } }\n",
    ], "publish:\n  out: mine.out\n"),
  });
  assert.deepEqual((await project.run()).steps, { a: "skipped", mine: "ran" });
  assert.equal(await project.read("out/found.json"), '{"one":false,"some":0}');
  assert.deepEqual((await project.run()).steps, { a: "skipped", mine: "reused" });
});

Deno.test("a step that is left out asks for nothing: no path, no resources, no force", async () => {
  await using project = await Project.make();
  await project.write(
    "workflow.yaml",
    workflowOf([
      commandStep("a", "cat absent > ${{ outputs.out }}/x", {
        files: ["absent"],
        more: "if: ${{ env.HOME == '' }}\n    resources: { gpus: 1000 }",
      }),
      commandStep("b", "echo > ${{ outputs.out }}/x"),
    ]),
  );
  assert.deepEqual((await project.run()).steps, { a: "skipped", b: "ran" });
  assert.deepEqual((await project.run("--force", "all")).steps, { a: "skipped", b: "ran" });
  assert.deepEqual((await project.run("--only", "a")).steps, { a: "skipped" });
  assert.equal((await project.cairn("check", "workflow.yaml")).code, 0);
});

Deno.test("what a condition reads is made before it, also where only that step is asked for", async () => {
  await using project = await gatedProject();
  assert.deepEqual((await project.run("--only", "use")).steps, {
    scores: "ran",
    good: "ran",
    use: "ran",
  });
  const again = await project.run("--from", "scores", "--jobs", "1");
  assert.deepEqual(again.steps, { scores: "ran", good: "ran", use: "ran", later: "ran" });
});

Deno.test("with --keep-going a failure skips what needs it, and a condition what it keeps out", async () => {
  await using project = await gatedProject();
  await project.write("scores", "no JSON");
  const run = await project.run("--keep-going");
  assert.deepEqual([run.code, run.steps], [1, {
    scores: "ran",
    good: "failed",
    use: "skipped",
    later: "skipped",
  }]);
  const [use] = run.of("step-skipped");
  assert.deepEqual([use?.because, use?.condition], ["good", undefined]);
});

Deno.test("a condition on what only a remote store has stays open in a forecast", async () => {
  await using remote = await remoteFolder();
  await using first = await gatedProject();
  const flags = ["workflow.yaml", "--remote", remote.path];
  assert.equal((await first.cairn("run", ...flags)).code, 0);
  await using second = await Project.make({
    "workflow.yaml": await first.read("workflow.yaml"),
  });
  const { out } = await second.cairn("explain", ...flags);
  assert.match(out, /^scores +is reused .*the remote store has its result$/m);
  assert.match(out, /^good +may run .*it takes part only if steps\.scores/m);
  const run = await second.run("--remote", remote.path);
  assert.deepEqual(Object.values(run.steps), ["reused", "reused", "reused", "reused"]);
});

Deno.test("what was let in by a value that changed meanwhile is not published", async () => {
  await using project = await gatedProject("  good: good.out\n");
  const change = `echo more >> ${
    project.path("extra")
  }\necho '{ "macro": { "f1": 1, "n": [3, 4] } }'`;
  await project.write("extra", "x");
  const text = await project.read("workflow.yaml");
  await project.write(
    "workflow.yaml",
    text.replace(`cat ${project.path("scores")}`, `${change.replace("\n", "; ")}`)
      .replace("outputs: { out: text }", "outputs: { out: text }\n      files: [extra]"),
  );
  const run = await project.run();
  assert.equal(run.code, 1);
  assert.equal(run.steps["good"], "ran");
  assert.equal(run.of("publish-failed").length, 2);
  assert.deepEqual(project.files("good"), []);
});

Deno.test("a condition of a group holds for each of its steps, beside their own", async () => {
  await using project = await Project.make({ scores: '{ "f1": 0.9, "n": 2 }' });
  await project.write(
    "group.yaml",
    workflowOf([
      commandStep("measure", `echo '{ "n": 1 }' > \${{ outputs.out }}/own.json`),
      commandStep("a", "echo a > ${{ outputs.out }}/x"),
      commandStep("b", "echo b > ${{ outputs.out }}/x", {
        more: "if: ${{ steps.measure.out.n == 1 }}",
      }),
    ], "outputs: { a: a.out }\n"),
  );
  const workflow = (least: number): string =>
    workflowOf([
      scores(project),
      `  some:\n    uses: ./group.yaml\n    if: \${{ steps.scores.out.f1 > ${least} }}\n`,
      commandStep("use", COPY, { inputs: "in: some.a" }),
    ]);
  await project.write("workflow.yaml", workflow(0.8));
  const done = { scores: "ran", "some/measure": "ran", "some/a": "ran", "some/b": "ran" };
  assert.deepEqual((await project.run()).steps, { ...done, use: "ran" });
  await project.write("workflow.yaml", workflow(0.95));
  const skipped = { "some/measure": "skipped", "some/a": "skipped", "some/b": "skipped" };
  assert.deepEqual((await project.run()).steps, { scores: "reused", ...skipped, use: "skipped" });
});
