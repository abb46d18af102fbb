// Workflows of several files, as the whole program treats them: imports, files as steps, files of parameters,
// variables; what is remembered of a workflow depends on all of them.
import assert from "node:assert/strict";
import { Project } from "../support/rig.ts";

const GROUP = `params: { times: { type: int, min: 1 } }
inputs: { text: what to repeat }
steps:
  twice:
    uses: command
    inputs: { text: inputs.text }
    with:
      run: for i in $(seq \${{ params.times }}); do cat inputs/text/t; done > outputs/out/t
      outputs: { out: text }
  upper:
    uses: command
    inputs: { text: twice }
    with: { run: tr a-z A-Z < inputs/text/t > outputs/out/t, outputs: { out: text } }
outputs: { text: upper.out }
`;

const COMMON = `params: { greeting: hello }
steps:
  base:
    uses: command
    with: { run: "echo \${{ params.greeting }} > outputs/out/t", outputs: { out: text } }
`;

/** A workflow whose group has a name and whose matrix some values. */
function workflow(name: string, values = "1, 3"): string {
  return `imports: [shared/common.yaml]
steps:
  ${name}: { uses: ./group.yaml, with: { times: 2 }, inputs: { text: base } }
  many:
    uses: ./group.yaml
    matrix: { n: [${values}] }
    with: { times: "\${{ matrix.n }}" }
    inputs: { text: base.out }
  all:
    uses: command
    inputs: { texts: many.text, one: ${name} }
    with:
      run: ls inputs/texts > outputs/out/t; cat inputs/texts/*/t inputs/one/t >> outputs/out/t
      outputs: { out: text }
publish: { out/all: all, "out/\${{ matrix.n }}": many.text }
`;
}

function projectOf(): Promise<Project> {
  return Project.make({
    "workflow.yaml": workflow("one"),
    "group.yaml": GROUP,
    "shared/common.yaml": COMMON,
  });
}

Deno.test("the steps of a file run in the place of the step that uses it", async () => {
  await using project = await projectOf();
  assert.deepEqual((await project.run()).steps, {
    "base": "ran",
    "one/twice": "ran",
    "one/upper": "ran",
    "many[n=1]/twice": "ran",
    "many[n=1]/upper": "ran",
    "many[n=3]/twice": "ran",
    "many[n=3]/upper": "ran",
    "all": "ran",
  });
  assert.equal(await project.read("out/all/t"), `n=1\nn=3\n${"HELLO\n".repeat(1 + 3 + 2)}`);
  assert.equal(await project.read("out/3/t"), "HELLO\n".repeat(3));
});

Deno.test("results do not depend on how a group is named, nor on other values of its matrix", async () => {
  await using project = await projectOf();
  await project.run();
  await project.write("workflow.yaml", workflow("other"));
  assert.deepEqual((await project.run()).of("step-started"), []);
  await project.write("workflow.yaml", workflow("other", "3, 4, 1"));
  assert.deepEqual((await project.run()).of("step-started").map(({ step }) => step).sort(), [
    "all",
    "many[n=4]/twice",
    "many[n=4]/upper",
  ]);
});

Deno.test("a remembered workflow is read anew where an imported or used file has changed", async () => {
  await using project = await projectOf();
  await project.run();
  assert.deepEqual((await project.run()).of("step-started"), []);
  await project.write("shared/common.yaml", COMMON.replace("hello", "good day"));
  assert.equal((await project.run()).steps["base"], "ran");
  assert.match(await project.read("out/all/t"), /GOOD DAY/);
  await project.write("group.yaml", GROUP.replace("tr a-z A-Z", "tr a-z b-za"));
  assert.equal((await project.run()).steps["one/upper"], "ran");
  assert.match(await project.read("out/all/t"), /hppe/);
  await project.write("group.yaml", GROUP.replaceAll("twice", "again"));
  assert.equal((await project.run()).steps["one/again"], "reused");
  await Deno.remove(project.path("shared/common.yaml"));
  const { code, error } = await project.run();
  assert.equal(code, 2);
  assert.match(error, /"shared\/common.yaml" does not exist/);
});

Deno.test("a mistake in an imported file keeps the run from starting and is shown there", async () => {
  await using project = await projectOf();
  await project.run();
  await project.write("shared/common.yaml", COMMON.replace("params.greeting", "params.greting"));
  const { code, error } = await project.run();
  assert.equal(code, 2);
  assert.match(error, /at shared\/common.yaml:5:\d+/);
  assert.match(error, /Did you mean "greeting"\?/);
});

Deno.test("parameters come from --set, else from --params, else from the environment", async () => {
  await using project = await projectOf();
  const text = async (...flags: readonly string[]): Promise<string> => {
    const { code, error } = await project.run("--only", "base", ...flags);
    assert.equal(code, 0, error);
    await project.cairn("run", "workflow.yaml", ...flags);
    return (await project.lines("out/1/t"))[0] ?? "";
  };
  await project.write("params.json", '{ "greeting": "from a file" }');
  assert.equal(await text(), "HELLO");
  project.environment.set("CAIRN_PARAM_greeting", "from a variable");
  assert.equal(await text(), "FROM A VARIABLE");
  assert.equal(await text("--params", "params.json"), "FROM A FILE");
  assert.equal(await text("--params", "params.json", "--set", "greeting=set"), "SET");
  // What is remembered of each is not mistaken for another.
  await project.write("params.json", '{ "greeting": "from another" }');
  assert.equal(await text("--params", "params.json"), "FROM ANOTHER");
  project.environment.set("CAIRN_PARAM_greeting", "changed");
  assert.equal(await text(), "CHANGED");
  project.environment.delete("CAIRN_PARAM_greeting");
  assert.equal(await text(), "HELLO");
});

Deno.test("the command line names groups, their steps, and those of all of a matrix", async () => {
  await using project = await projectOf();
  const ran = async (...flags: readonly string[]): Promise<readonly string[]> =>
    Object.keys((await project.run(...flags)).steps).sort();
  assert.deepEqual(await ran("--only", "one"), ["base", "one/twice", "one/upper"]);
  assert.deepEqual(await ran("--only", "one/twice"), ["base", "one/twice"]);
  assert.deepEqual(await ran("--only", "many[n=3]"), [
    "base",
    "many[n=3]/twice",
    "many[n=3]/upper",
  ]);
  assert.deepEqual(await ran("--only", "many/twice"), [
    "base",
    "many[n=1]/twice",
    "many[n=3]/twice",
  ]);
  await project.run();
  const again = (await project.run("--from", "many[n=1]")).of("step-started");
  assert.deepEqual(again.map(({ step }) => step), ["many[n=1]/twice", "many[n=1]/upper", "all"]);
  const { error } = await project.run("--only", "one/twcie");
  assert.match(error, /Unknown step "one\/twcie"\n +hint: Did you mean "one\/twice"\?/);
  const { out } = await project.cairn("explain", "workflow.yaml", "one/upper");
  assert.match(out, /^one\/upper is reused/);
});

Deno.test("a step of a group that fails is shown where its file names it, also when remembered", async () => {
  await using project = await projectOf();
  await project.run();
  await project.write("group.yaml", GROUP.replace("tr a-z A-Z", "exit 3; tr"));
  for (const _ of [1, 2]) {
    const { code, out } = await project.cairn("run", "workflow.yaml", "--only", "one");
    assert.equal(code, 1);
    assert.match(out, /one\/upper/);
    assert.match(out, /at group.yaml:10:3\n.+\n 10 │ {3}upper:/);
  }
});
