// What the contract test finds wrong with plugins, each in a plugin that has just that defect.
import assert from "node:assert/strict";
import { type PluginTest, testPlugin } from "../../engine/testing.ts";
import { Project } from "../support/rig.ts";

/** Writes a plugin with this body of its run function and tests it. */
async function testBody(
  project: Project,
  body: string,
  test: PluginTest = {},
): Promise<ReturnType<typeof testPlugin>> {
  await project.write(
    "mine.ts",
    `import { definePlugin, path, StepError, z } from "cairn/plugin";
export const plugin = definePlugin({
  name: "mine", kind: "other", description: "", version: 1,
  config: z.strictObject({ times: z.int().min(1).default(1), table: path("file").optional() }),
  inputs: {
    text: { type: "text", description: "", optional: true },
    texts: { type: "text", description: "", optional: true, many: true },
  },
  outputs: { out: { type: "text", description: "" } },
  permissions: { run: ["sh"] },
  async run({ config, inputs, outputs, seed, signal, log, warn, metric }) {
    ${body}
  },
});
`,
  );
  return await testPlugin(`file://${project.path("mine.ts")}`, test);
}

const WRITE = 'await Deno.writeTextFile(outputs.out + "/x", "x");';

Deno.test("a plugin that keeps the contract gives its outputs, and what it said", async () => {
  await using project = await Project.make();
  await using result = await testBody(
    project,
    `const files = [inputs.text, ...inputs.texts].map(({ path }) => path + "/a.txt");
    const parts = [...files, config.table].map((path) => Deno.readTextFileSync(path));
    await Deno.writeTextFile(outputs.out + "/x", [...parts, config.times, seed].join(","));
    log("done"); warn("careful"); metric("loss", 0.5, 2);`,
    {
      with: { times: 3, table: "data/t.csv" },
      inputs: { text: { "a.txt": "a" }, texts: [{ "a.txt": "b" }, { "a.txt": "c" }] },
      files: { "data/t.csv": "t" },
      seed: 7,
    },
  );
  assert.equal(await result.text("out", "x"), "a,b,c,t,3,7");
  assert.deepEqual([result.logs, result.warnings], [["done"], ["careful"]]);
  assert.deepEqual(result.metrics, [{ name: "loss", value: 0.5, at: 2 }]);
});

for (
  const [what, body, test, message] of [
    [
      "an output that is not made",
      "",
      {},
      /^Plugin "mine" fails: Ended without making its output "out"\n.*hint: A step must put/s,
    ],
    [
      "other bytes in a second run",
      'await Deno.writeTextFile(outputs.out + "/id", crypto.randomUUID());' + WRITE,
      {},
      /^Plugin "mine" makes other bytes when it runs again on the same inputs\n {2}out: id\n {2}hint: Use seed/,
    ],
    [
      "a file that is read without being declared",
      `await Deno.readTextFile("/etc/hosts");${WRITE}`,
      {},
      /^Plugin "mine" fails: The plugin reads "\/etc\/hosts", which it has not declared\n {2}at .*mine\.ts:12:16\n {2}hint: Give it to the option/,
    ],
    [
      "a result that cannot be reused, because it changes a file that it reads",
      `const append = 'echo more >> "$0"';
      await new Deno.Command("sh", { args: ["-c", append, config.table ?? ""] }).output(); ${WRITE}`,
      { with: { table: "t.csv" }, files: { "t.csv": "t" } },
      /^Plugin "mine" runs again although nothing has changed\n {2}".+t\.csv" changed while the step was running\n {2}hint: A plugin must not change its inputs/,
    ],
    [
      "going on when told to stop",
      `log("working"); await new Promise((resolve) => setTimeout(resolve, 200));
      if (signal.aborted) await new Promise(() => setInterval(() => {}, 1000)); ${WRITE}`,
      {},
      /^Plugin "mine" goes on for more than 3 s after it is told to stop\n {2}hint: Look at signal/,
    ],
    [
      "a failure that is the user's to mend",
      'throw new StepError("There is no text", { hint: "Write some" });',
      {},
      /^Plugin "mine" fails: There is no text\n {2}hint: Write some$/,
    ],
    [
      "an option that does not fit",
      WRITE,
      { with: { times: 0 } },
      /^error\[option-out-of-range\]: Option "times" must be at least 1, not 0\n/,
    ],
    [
      "an input that it does not have",
      WRITE,
      { inputs: { txt: { "a.txt": "a" } } },
      /Did you mean "text"/,
    ],
  ] as readonly (readonly [string, string, PluginTest, RegExp])[]
) {
  Deno.test(`the contract test says what is wrong: ${what}`, async () => {
    await using project = await Project.make();
    await assert.rejects(testBody(project, body, test), (error: Error) => {
      assert.equal(error.name, "PluginTestError");
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("a plugin that stops when it is told to keeps the contract however long its work is", async () => {
  await using project = await Project.make();
  await using result = await testBody(
    project,
    `log("working");
    for (let i = 0; i < 50 && !signal.aborted; i++) await new Promise((r) => setTimeout(r, 20));
    signal.throwIfAborted(); ${WRITE}`,
  );
  assert.equal(await result.text("out", "x"), "x");
});

Deno.test("what a plugin made in a test is removed with the result", async () => {
  await using project = await Project.make();
  const result = await testBody(project, WRITE);
  const folder = result.outputs["out"] ?? "";
  assert.ok(Deno.statSync(folder).isDirectory);
  await result[Symbol.asyncDispose]();
  assert.throws(() => Deno.statSync(folder), Deno.errors.NotFound);
});
