// Files as steps and imports, where they could go wrong in ways that no sample shows: size, links, folders.
import assert from "node:assert/strict";
import { checkWorkflow } from "../../../engine/graph/check_workflow.ts";
import type { GraphStep } from "../../../engine/graph/graph.ts";
import { loadWorkflow } from "../../../engine/workflow/load.ts";
import type { Workflow } from "../../../engine/workflow/workflow.ts";
import { FakePlugins } from "../../support/fake_plugins.ts";
import { Project } from "../../support/rig.ts";

async function load(
  project: Project,
): Promise<{ readonly workflow: Workflow | undefined; readonly codes: readonly string[] }> {
  const request = { path: "workflow.yaml", cwd: project.folder, set: [], env: () => undefined };
  const { workflow, diagnostics } = await loadWorkflow(request);
  return { workflow, codes: diagnostics.map(({ code }) => code) };
}

const STEP = "uses: command, with: { run: 'true', outputs: { out: text } }";

Deno.test("groups that double at every level are stopped, not followed to their end", async () => {
  await using project = await Project.make({
    "workflow.yaml": "steps: { a: { uses: ./0.yaml } }",
    "40.yaml": `steps: { a: { ${STEP} } }`,
  });
  for (let at = 0; at < 40; at++) {
    const next = `./${at + 1}.yaml`;
    await project.write(
      `${at}.yaml`,
      `steps: { a: { uses: ${next} }, b: { uses: ${next} } }`,
    );
  }
  const { codes } = await load(project);
  assert.deepEqual(codes.filter((code) => code !== "matrix-name-too-long"), ["matrix-too-large"]);
});

Deno.test("matrices in groups of matrices count together", async () => {
  const values = Array.from({ length: 150 }, (_, index) => index).join();
  await using project = await Project.make({
    "workflow.yaml": `steps: { a: { uses: ./b.yaml, matrix: { x: [${values}] } } }`,
    "b.yaml": `steps: { c: { ${STEP}, matrix: { y: [${values}] } } }`,
  });
  assert.deepEqual((await load(project)).codes, ["matrix-too-large"]);
});

Deno.test("a step's name always fits into the name of its log file", async () => {
  const names = Array.from({ length: 4 }, (_, at) => `${"n".repeat(63)}${at}`);
  await using project = await Project.make({
    "workflow.yaml": `steps: { ${names[0]}: { uses: ./0.yaml } }`,
    "0.yaml": `steps: { ${names[1]}: { uses: ./1.yaml } }`,
    "1.yaml": `steps: { ${names[2]}: { ${STEP} }, ${names[3]}: { uses: ./2.yaml } }`,
    "2.yaml": `steps: { a: { ${STEP} } }`,
  });
  assert.deepEqual((await load(project)).codes, ["matrix-name-too-long"]); // of a alone
});

Deno.test("a file reached by two paths is imported once, and no link makes an endless way", async () => {
  await using project = await Project.make({
    "workflow.yaml": `imports: [a.yaml, link.yaml, sub/a.yaml]\nsteps: { s: { ${STEP} } }`,
    "a.yaml": `steps: { t: { ${STEP} } }`,
    "loop/b.yaml": "steps: { u: { uses: ./again/b.yaml } }",
  });
  await Deno.symlink("a.yaml", project.path("link.yaml"));
  await Deno.symlink(".", project.path("sub"));
  await Deno.symlink(".", project.path("loop/again"));
  const { workflow, codes } = await load(project);
  assert.deepEqual(codes, []);
  assert.deepEqual(workflow?.steps.map(({ name }) => name.value), ["t", "s"]);
  await project.write("workflow.yaml", "steps: { s: { uses: ./loop/b.yaml } }");
  assert.deepEqual((await load(project)).codes, ["group-cycle"]);
});

Deno.test("a plugin's path starts from the folder of the file that names it", async () => {
  await using project = await Project.make({
    "workflow.yaml": `imports: [shared/a.yaml]\nsteps: { g: { uses: ./groups/b.yaml } }`,
    "shared/a.yaml": "steps: { a: { uses: ./mine.ts } }",
    "groups/b.yaml": "steps: { b: { uses: ./mine.ts } }",
  });
  const { workflow } = await load(project);
  const folders = workflow?.steps.map(({ name, folder }) => [name.value, folder]);
  assert.deepEqual(folders, [
    ["a", project.path("shared")],
    ["g/b", project.path("groups")],
  ]);
});

Deno.test("groups that pass on each other's inputs in a circle are refused", async () => {
  await using project = await Project.make({
    "pass.yaml": `inputs: { x: }\nsteps: { s: { ${STEP} } }\noutputs: { x: inputs.x, y: s.out }`,
    "workflow.yaml": `steps:
  a: { uses: ./pass.yaml, inputs: { x: b.x } }
  b: { uses: ./pass.yaml, inputs: { x: c } }
  c: { uses: ./pass.yaml, inputs: { x: a.x } }
  d: { uses: ./pass.yaml, inputs: { x: d.x } }
  e: { uses: ./pass.yaml, inputs: { x: d.y } }
  f: { uses: command, inputs: { x: e.x }, with: { run: "true" } }
`,
  });
  const { codes } = await load(project);
  assert.deepEqual([...new Set(codes)].sort(), ["ambiguous-output", "cycle"]);
});

Deno.test("lists that double from group to group are stopped", async () => {
  const steps = Array.from(
    { length: 60 },
    (_, at) => `  g${at + 1}: { uses: ./pass.yaml, inputs: { x: [g${at}.x, g${at}.x] } }`,
  );
  await using project = await Project.make({
    "pass.yaml": `inputs: { x: }\nsteps: { s: { ${STEP} } }\noutputs: { x: inputs.x }`,
    "workflow.yaml": `steps:
  s: { ${STEP} }
  g0: { uses: ./pass.yaml, inputs: { x: s.out } }
${steps.join("\n")}
  f: { uses: command, inputs: { x: g60.x }, with: { run: "true" } }
`,
  });
  assert.deepEqual([...new Set((await load(project)).codes)], ["too-many-connections"]);
});

Deno.test("lists that double from file to file are stopped", async () => {
  await using project = await Project.make({
    "workflow.yaml": `steps: { s: { ${STEP} }, g: { uses: ./0.yaml, inputs: { x: s.out } } }`,
    "40.yaml": `inputs: { x: }\nsteps: { s: { ${STEP}, inputs: { x: inputs.x } } }`,
  });
  for (let at = 0; at < 40; at++) {
    const next = `uses: ./${at + 1}.yaml, inputs: { x: [inputs.x, inputs.x] }`;
    await project.write(`${at}.yaml`, `inputs: { x: }\nsteps: { a: { ${next} } }`);
  }
  assert.deepEqual([...new Set((await load(project)).codes)], ["too-many-connections"]);
});

/** Checks a workflow with fake plugins and gives its steps. */
async function stepsOf(project: Project): Promise<ReadonlyMap<string, GraphStep>> {
  const request = { path: "workflow.yaml", cwd: project.folder, set: [], env: () => undefined };
  const { graph, diagnostics } = await checkWorkflow(request, new FakePlugins());
  assert.deepEqual(diagnostics.map(({ message }) => message), []);
  return graph?.steps ?? new Map();
}

Deno.test("lists call what a group gives by its name, and what lies in a file by its own", async () => {
  await using project = await Project.make({
    "workflow.yaml": `steps:
  outer: { uses: ./outer.yaml, matrix: { site: [a, b] } }
  all: { uses: command, inputs: { x: outer.one, y: outer.many }, with: { run: "true" } }
  one: { uses: command, inputs: { y: "outer[site=b].many" }, with: { run: "true" } }
`,
    "outer.yaml": `steps:
  inner: { uses: ./inner.yaml, matrix: { n: [1, 2] } }
  own: { uses: command, inputs: { x: inner.out }, with: { run: "true", outputs: { out: text } } }
outputs: { one: own.out, many: inner.out }
`,
    "inner.yaml": `steps: { s: { ${STEP} } }\noutputs: { out: s.out }\n`,
  });
  const steps = await stepsOf(project);
  const itemsOf = (step: string, port: string): unknown =>
    steps.get(step)?.inputs.filter((input) => input.port === port)
      .map(({ from, item }) => [from, item?.name, item?.matrix]);
  assert.deepEqual(itemsOf("outer[site=a]/own", "x"), [
    ["outer[site=a]/inner[n=1]/s", "inner[n=1]", { n: 1 }],
    ["outer[site=a]/inner[n=2]/s", "inner[n=2]", { n: 2 }],
  ]);
  assert.deepEqual(itemsOf("all", "x"), [
    ["outer[site=a]/own", "outer[site=a]", { site: "a" }],
    ["outer[site=b]/own", "outer[site=b]", { site: "b" }],
  ]);
  assert.deepEqual(itemsOf("one", "y"), [
    ["outer[site=b]/inner[n=1]/s", "outer[site=b]/inner[n=1]", { site: "b", n: 1 }],
    ["outer[site=b]/inner[n=2]/s", "outer[site=b]/inner[n=2]", { site: "b", n: 2 }],
  ]);
});

Deno.test("seeds of a group are those of the step that uses it, else of the workflow", async () => {
  await using project = await Project.make({
    "workflow.yaml": "seed: 5\nsteps:\n  a: { uses: ./g.yaml, seed: 7 }\n  b: { uses: ./g.yaml }\n",
    "g.yaml": `steps: { s: { ${STEP} }, t: { ${STEP}, seed: 9 } }`,
  });
  const { workflow } = await load(project);
  assert.deepEqual(workflow?.steps.map(({ seed }) => seed), [7, 9, 5, 9]);
});

Deno.test("any damage to one of several files gives diagnostics and no exception", async () => {
  const sample = new URL("../../samples/a_workflow_file_can_be_a_step/", import.meta.url).pathname;
  const names = ["workflow.yaml", "groups/prepare.yaml", "groups/model.yaml", "groups/pick.yaml"];
  const texts = await Promise.all(names.map((name) => Deno.readTextFile(`${sample}${name}`)));
  const files = Object.fromEntries(names.map((name, at) => [name, texts[at] ?? ""]));
  await using project = await Project.make(files);
  const damages = ["", "{", "]", ":", "'", "- ", "${{", "\n", "/", "[", "*a", "#", ".", "inputs"];
  let count = 0;
  for (const [name, text] of Object.entries(files)) {
    for (let at = 0; at < text.length; at += 11) {
      const damage = damages[count++ % damages.length] ?? "";
      await project.write(name, text.slice(0, at) + damage + text.slice(at + 1 + at % 5));
      const request = { path: "workflow.yaml", cwd: project.folder, set: [], env: () => undefined };
      const { graph, diagnostics } = await checkWorkflow(request, new FakePlugins());
      assert.equal(graph === undefined, diagnostics.length > 0);
    }
    await project.write(name, text);
  }
  assert.ok(count > 100);
});
