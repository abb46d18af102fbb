// What a step reaches for without having declared it: refused, named as people know it, with the very lines
// that declare it.
import assert from "node:assert/strict";
import { type Parts, runPlugin, writePlugin } from "../support/own_plugin.ts";
import { commandStep, Project } from "../support/rig.ts";

const FILES = { "data/x.csv": "1,2\n", "data/names/a.txt": "a\n" };

Deno.test("a file that is read without being declared is shown with the step, the code and the lines to add", async () => {
  await using project = await Project.make(FILES);
  await writePlugin(project, `await Deno.readTextFile("${project.path("data/x.csv")}");`);
  const { code, out } = await project.cairn("run", "workflow.yaml");
  assert.equal(code, 1);
  const from = out.indexOf("error[");
  assert.equal(
    out.slice(from, out.indexOf("failed in")).replace(/^ {2}log: .*\n/m, "").replaceAll(
      project.folder,
      "PROJECT",
    ),
    `error[step-failed]: Step "mine" (plugin "mine") failed: The plugin reads "data/x.csv", which it has not declared
  at workflow.yaml:2:3
 1 │ steps:
 2 │   mine:
   │   ~~~~
  note: here in the plugin's code
    at plugins/mine.ts:7:16
   6 │   async run({ config, inputs, outputs, scratch }) {
   7 │     await Deno.readTextFile("PROJECT/data/x.csv");
     │                ~~~~~~~~~~~~
  hint: Declare it as an option in the plugin's file, and read config.file:
      config: z.strictObject({ file: path("file") })
      Then name it in the workflow:
      with:
        file: data/x.csv
`,
  );
});

for (
  const [what, read, lines, parts] of [
    [
      "an option that takes files and is not given",
      "data/x.csv",
      ["with:", "  table: data/x.csv"],
      { config: 'folder: path("folder").optional(), table: path("file").optional()' },
    ],
    [
      "an option that takes folders and is not given",
      "data/names",
      ["with:", "  names: data/names"],
      { config: 'table: path("file").optional(), names: path("folder").optional()' },
    ],
    [
      "options that are all given already",
      "data/x.csv",
      ['config: z.strictObject({ data: path("file") })', "with:", "  data: data/x.csv"],
      { config: 'file: path("file")', step: "    with: { file: data/names/a.txt }\n" },
    ],
    [
      "an input of the published output's type",
      "out/made/a.txt",
      ["inputs: { texts: maker.out }"],
      {
        inputs: '{ texts: { type: "text", description: "", optional: true } }',
        before: commandStep("maker", "echo a > ${{ outputs.out }}/a.txt"),
        after: "    after: [maker]\npublish:\n  out/made: maker.out\n",
      },
    ],
    [
      "no input of the published output's type",
      "out/made/a.txt",
      ['inputs: { out: { type: "text", description: "…" } }', "inputs: { out: maker.out }"],
      {
        before: commandStep("maker", "echo a > ${{ outputs.out }}/a.txt"),
        after: "    after: [maker]\npublish:\n  out/made: maker.out\n",
      },
    ],
    ["what cairn stores", ".cairn/FORMAT", ["inputs: { NAME: STEP.OUTPUT }"], {}],
    ["code", "plugins/more.ts", ['await import("./more.ts")'], {}],
  ] satisfies [string, string, readonly string[], Parts][]
) {
  Deno.test(`the hint for an undeclared read fits the plugin: ${what}`, async () => {
    await using project = await Project.make(FILES);
    const body = `await Deno.stat("${project.path(read)}");`;
    const { failure } = await runPlugin(project, body, parts);
    assert.equal(failure.message, `The plugin reads "${read}", which it has not declared`);
    const [first = "", ...others] = failure.hint?.split("\n") ?? [];
    assert.match(first, /:$/);
    assert.deepEqual(others.filter((line) => !/^[A-Z].*:$/.test(line)), lines);
    assert.equal(failure.stack, undefined);
  });
}

Deno.test("reading another step's result out of the store leads to the input that gives it", async () => {
  await using project = await Project.make();
  const before = commandStep("maker", "echo a > ${{ outputs.out }}/a.txt");
  const after = "    after: [maker]\n";
  const inputs = '{ in: { type: "text", description: "", optional: true } }';
  const made = await runPlugin(project, "", { before, after, inputs });
  const [tree = ""] = Object.values(made.of("step-finished")[0]?.outputs ?? {});
  const path = `.cairn/views/${tree.replace("sha256:", "")}/a.txt`;
  const body = `Deno.readTextFileSync("${project.path(path)}");`;
  const { failure } = await runPlugin(project, body, { before, after, inputs });
  assert.equal(failure.message, `The plugin reads "${path}", which it has not declared`);
  assert.equal(failure.hint, 'Step "maker" makes it: connect it:\ninputs: { in: maker.out }');
});

Deno.test("the option that the hint shows makes the step work", async () => {
  await using project = await Project.make(FILES);
  const parts = { config: 'file: path("file").optional()' };
  const body = `const text = await Deno.readTextFile(config.file ?? "data/x.csv");`;
  const refused = await runPlugin(project, body, parts);
  assert.match(refused.failure.message, /"data\/x\.csv"/);
  const [, ...lines] = refused.failure.hint?.split("\n") ?? [];
  const step = lines.map((line) => `    ${line}\n`).join("");
  assert.deepEqual((await runPlugin(project, body, { ...parts, step })).steps, { mine: "ran" });
});

for (
  const [what, body, message, line, parts = {}] of [
    [
      "the network",
      'await fetch("http://127.0.0.1:8123/x");',
      'The plugin connects to "127.0.0.1:8123", which it has not declared',
      'permissions: { net: ["127.0.0.1:8123"] }',
    ],
    [
      "the network beside a host that is declared",
      'await fetch("https://example.org/x");',
      'The plugin connects to "example.org:443", which it has not declared',
      'permissions: { net: ["127.0.0.1:1", "example.org:443"] }',
      { permissions: '{ net: ["127.0.0.1:1"] }' },
    ],
    [
      "a variable",
      'Deno.env.get("SECRET");',
      'The plugin looks at the environment variable "SECRET", which it has not declared',
      'permissions: { env: ["SECRET"] }',
    ],
    [
      "every variable",
      "Deno.env.toObject();",
      "The plugin asks for env access to everything, which it has not declared",
      'permissions: { env: ["NAME"] }',
    ],
    [
      "a program",
      'await new Deno.Command("true").output();',
      'The plugin starts the program "true", which it has not declared',
      'permissions: { run: ["true"] }',
    ],
    [
      "a fact of the system",
      "Deno.hostname();",
      'The plugin asks the system for "hostname", which it has not declared',
      'permissions: { sys: ["hostname"] }',
    ],
    [
      "a native library",
      'Deno.dlopen("/lib/x.so", {});',
      'The plugin loads the native library "/lib/x.so", which it has not declared',
      "permissions: { ffi: true }",
    ],
    [
      "code from the web",
      'const host = "https://jsr.io"; await import(host + "/@std/assert/meta.json");',
      'The plugin imports "https://jsr.io/@std/assert/meta.json", which it has not declared',
      'await import("https://jsr.io/@std/assert/meta.json")',
    ],
  ] satisfies [string, string, string, string, Parts?][]
) {
  Deno.test(`what a plugin has not declared is refused, with the line that declares it: ${what}`, async () => {
    await using project = await Project.make();
    const { code, failure } = await runPlugin(project, body, parts);
    assert.deepEqual([code, failure.message, failure.stack], [1, message, undefined]);
    assert.equal(failure.hint?.split("\n").at(-1), line);
  });
}

for (
  const [what, path, hint] of [
    [
      "a file of the project",
      "tables/x.txt",
      /^Write it to an output:\n`\$\{outputs\.out\}\/x\.txt`\n.+\npublish:\n {2}tables: mine\.out$/,
    ],
    ["its own code", "plugins/mine.ts", /\n {2}plugins: mine\.out$/],
    ["the store", ".cairn/FORMAT", /^Write to outputs\.out or, .+ to scratch$/],
  ] satisfies [string, string, RegExp][]
) {
  Deno.test(`a plugin may not write to ${what}`, async () => {
    await using project = await Project.make();
    const body = `await Deno.writeTextFile("${project.path(path)}", "");`;
    const { failure } = await runPlugin(project, body);
    assert.equal(failure.message, `The plugin writes "${path}", which it has not declared`);
    assert.match(failure.hint ?? "", hint);
    assert.equal(project.files("tables").length, 0);
  });
}

const READ_HOSTS = 'Deno.readTextFileSync("/etc/hosts")';

for (
  const [what, body] of [
    [
      "a promise that nobody waits for",
      `(async () => { await 1; ${READ_HOSTS}; })(); await new Promise(() => setTimeout(() => {}, 9e5));`,
    ],
    ["a timer", `setTimeout(() => ${READ_HOSTS}, 1); await new Promise(() => {});`],
    [
      "another error's cause",
      `try { ${READ_HOSTS} } catch (cause) { throw new Error("no", { cause }); }`,
    ],
    [
      "the cause of a failure in the plugin's own words",
      `try { ${READ_HOSTS} } catch (cause) { throw new StepError("no hosts", { cause }); }`,
    ],
    ["one of several promises", 'await Promise.any([Deno.readTextFile("/etc/hosts")]);'],
    ["Node's functions", 'const fs = await import("node:fs"); fs.readFileSync("/etc/hosts");'],
  ] satisfies [string, string][]
) {
  Deno.test(`a refusal is told wherever it surfaces: in ${what}`, async () => {
    await using project = await Project.make();
    const { failure } = await runPlugin(project, body);
    assert.equal(failure.message, 'The plugin reads "/etc/hosts", which it has not declared');
    assert.equal(failure.reachedAt?.path, project.path("plugins/mine.ts"));
    assert.equal(failure.reachedAt?.line, 7);
  });
}

const START_WORKER =
  `const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    await new Promise((done) => worker.onmessage = done);`;

Deno.test("a refusal in a worker ends the step and is told", async () => {
  await using project = await Project.make({
    "plugins/worker.ts": `${READ_HOSTS}; postMessage("done");\nexport type Part = 1;\n`,
  });
  const { failure } = await runPlugin(
    project,
    `type Part = import("./worker.ts").Part;\n${START_WORKER}`,
  );
  assert.equal(failure.message, 'The plugin reads "/etc/hosts", which it has not declared');
});

Deno.test("a worker whose code the plugin does not import is refused as code", async () => {
  await using project = await Project.make({ "plugins/worker.ts": 'postMessage("done");\n' });
  const { failure } = await runPlugin(project, START_WORKER);
  assert.equal(failure.message, 'The plugin reads "plugins/worker.ts", which it has not declared');
  assert.match(failure.hint ?? "", /^Import the module/);
});

Deno.test("a refusal that the plugin swallows gives it no bytes, so its result does not depend on the file", async () => {
  await using project = await Project.make({ "data/x.csv": "one\n" });
  const body = `const text = await Deno.readTextFile("${
    project.path("data/x.csv")
  }").catch(() => "nothing");
    await Deno.writeTextFile(outputs.out + "/text", text);`;
  const publish = { after: "publish:\n  out: mine.out\n" };
  assert.deepEqual((await runPlugin(project, body, publish)).steps, { mine: "ran" });
  await project.write("data/x.csv", "two\n");
  assert.deepEqual((await project.run()).steps, { mine: "reused" });
  assert.equal(await project.read("out/text"), "nothing");
});

Deno.test("a path that Deno's flags cannot name fails its step with words", async () => {
  await using project = await Project.make({ "data/1,2.csv": "1,2\n" });
  const { failure } = await runPlugin(project, "await Deno.readTextFile(config.file);", {
    config: 'file: path("file")',
    step: '    with: { file: "data/1,2.csv" }\n',
  });
  assert.match(failure.message, /cannot be told of a path with a comma: ".*\/data\/1,2\.csv"/);
  assert.deepEqual([failure.hint, failure.stack], ["Rename the file or folder", undefined]);
});
