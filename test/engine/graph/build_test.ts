// The graph of a sound workflow, and what building it costs.
import assert from "node:assert/strict";
import { checkWorkflow } from "../../../engine/graph/check_workflow.ts";
import type { Graph } from "../../../engine/graph/graph.ts";
import { renderGraph } from "../../../engine/graph/render.ts";
import { FakePlugins } from "../../support/fake_plugins.ts";

/** Checks a workflow that stands alone in a folder with a folder "images" and a file "list.txt". */
async function check(
  text: string,
  plugins = new FakePlugins(),
): Promise<{ readonly graph: Graph | undefined; readonly messages: readonly string[] }> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "cairn_build_" }));
  try {
    await Deno.mkdir(`${folder}/images`);
    await Deno.writeTextFile(`${folder}/list.txt`, "");
    await Deno.writeTextFile(`${folder}/w.yaml`, text);
    const request = { path: "w.yaml", cwd: folder, set: [], env: () => undefined };
    const { graph, diagnostics } = await checkWorkflow(request, plugins);
    return { graph, messages: diagnostics.map(({ message }) => message) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function sound(text: string): Promise<Graph> {
  const { graph, messages } = await check(text);
  assert.deepEqual(messages, []);
  assert.ok(graph !== undefined);
  return graph;
}

const THREE_STEPS = `
steps:
  scores: { uses: test, inputs: { model: model, tiles: tiles }, after: [tiles] }
  model: { uses: train, inputs: { tiles: tiles } }
  tiles: { uses: prepare, with: { images: images, lists: [list.txt] } }
publish: { out: tiles }
`;

Deno.test("steps come after what they need, with ports, dependencies and consumers", async () => {
  const graph = await sound(THREE_STEPS);
  assert.deepEqual([...graph.steps.keys()], ["tiles", "model", "scores"]);
  const scores = graph.steps.get("scores");
  assert.deepEqual(scores?.inputs, [
    { port: "model", from: "model", output: "model" },
    { port: "tiles", from: "tiles", output: "tiles" },
  ]);
  assert.deepEqual(scores?.dependsOn, ["model", "tiles"]);
  assert.deepEqual([...graph.consumers], [
    ["tiles", ["model", "scores"]],
    ["model", ["scores"]],
    ["scores", []],
  ]);
  assert.equal(graph.publish[0]?.output, "tiles");
});

Deno.test("paths are resolved against the project and keep their place in the options", async () => {
  const graph = await sound(THREE_STEPS);
  const project = graph.workflow.projectFolder;
  assert.deepEqual(graph.steps.get("tiles")?.paths, [
    { option: ["images"], absolute: `${project}/images`, kind: "folder" },
    { option: ["lists", 0], absolute: `${project}/list.txt`, kind: "file" },
  ]);
});

Deno.test("options that are not given have their defaults", async () => {
  const graph = await sound(THREE_STEPS);
  assert.equal(graph.steps.get("model")?.resolved.config["epochs"], 10);
});

Deno.test("a plugin is resolved once, however many steps use it", async () => {
  const plugins = new FakePlugins();
  const steps = Array.from(
    { length: 50 },
    (_, index) => `  s${index}: { uses: command, with: { run: x } }`,
  );
  await check(`steps:\n${steps.join("\n")}\n`, plugins);
  assert.deepEqual(plugins.resolved, ["command"]);
});

Deno.test("a plugin file that cannot be used is one mistake for all its steps", async () => {
  const { messages } = await check("steps: { a: { uses: ./x.ts }, b: { uses: ./x.ts } }");
  assert.deepEqual(messages, ['Plugin "./x.ts" does not exist']);
});

Deno.test("a path that exists beside the workflow is suggested as the project sees it", async () => {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "cairn_build_" }));
  try {
    await Deno.mkdir(`${folder}/.cairn`);
    await Deno.mkdir(`${folder}/flows/images`, { recursive: true });
    const text = "steps: { a: { uses: prepare, with: { images: images } } }";
    await Deno.writeTextFile(`${folder}/flows/w.yaml`, text);
    const request = { path: "flows/w.yaml", cwd: folder, set: [], env: () => undefined };
    const { diagnostics } = await checkWorkflow(request, new FakePlugins());
    assert.equal(
      diagnostics[0]?.hint,
      'Paths start from the project folder: write "flows/images"',
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a graph is drawn for DOT and JSON", async () => {
  const graph = await sound(THREE_STEPS);
  assert.equal(
    renderGraph(graph, "dot"),
    `digraph "w" {
  rankdir=LR;
  node [shape=box];
  "tiles" [label="tiles\\nprepare"];
  "model" [label="model\\ntrain"];
  "scores" [label="scores\\ntest"];
  "tiles" -> "model" [label="tiles"];
  "model" -> "scores" [label="model"];
  "tiles" -> "scores" [label="tiles"];
}
`,
  );
  const { name, steps } = JSON.parse(renderGraph(graph, "json"));
  assert.equal(name, "w");
  assert.deepEqual(steps[1], {
    name: "model",
    plugin: "train",
    kind: "train",
    inputs: [{ port: "tiles", from: "tiles", output: "tiles" }],
    dependsOn: ["tiles"],
  });
});

Deno.test("thousands of mistakes take no quadratic time", async () => {
  const steps = Array.from(
    { length: 2000 },
    (_, index) => `  s${index}: { uses: command, inputs: { a: t${index}.x }, with: { run: x } }`,
  );
  const { messages } = await check(`steps:\n${steps.join("\n")}\n`);
  assert.equal(messages.length, 2000);
});

Deno.test("ten thousand steps of paired matrices take linear time", async () => {
  const chains = Array.from({ length: 1000 }, (_, at) => at).join(", ");
  const steps = Array.from({ length: 10 }, (_, at) => [
    `  s${at}:`,
    "    uses: command",
    `    matrix: { chain: [${chains}] }`,
    ...(at === 0 ? [] : [`    inputs: { in: "s${at - 1}[chain=\${{ matrix.chain }}].out" }`]),
    `    with: { run: "echo \${{ matrix.chain }}", outputs: { out: text } }`,
  ]);
  const begunMs = performance.now();
  const graph = await sound(`steps:\n${steps.flat().join("\n")}\n`);
  const tookMs = performance.now() - begunMs;
  assert.equal(graph.steps.size, 10_000);
  assert.deepEqual(graph.steps.get("s9[chain=7]")?.dependsOn, ["s8[chain=7]"]);
  assert.ok(tookMs < 5000, `took ${tookMs} ms`); // a tenth of it on an idle machine
});

Deno.test("more connections than fit into memory are a mistake", async () => {
  const many = Array.from({ length: 9000 }, (_, at) => at).join(", ");
  const { graph, messages } = await check(`steps:
  a: { uses: command, matrix: { n: [${many}] }, with: { run: x } }
  b: { uses: command, matrix: { n: [${many}] }, with: { run: x }, after: [a] }
`);
  assert.equal(graph, undefined);
  assert.deepEqual(messages, ["The workflow connects more than 1,000,000 inputs"]);
});

Deno.test("a matrix with mistakes makes no mistakes of those who name its steps", async () => {
  const { messages } = await check(`steps:
  a: { uses: prepare, matrix: { n: [] }, with: { images: images, tile: "\${{ matrix.n }}" } }
  b: { uses: train, inputs: { tiles: "a[n=1].tiles" }, after: ["a[n=2]"] }
`);
  assert.deepEqual(messages, ['The list of "n" is empty, so there is no step to make']);
});
