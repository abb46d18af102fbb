// What decides whether a TypeScript step is reused: its code, options, files, environment and seed.
import assert from "node:assert/strict";
import { Project } from "../support/rig.ts";

const PLUGIN = `import { definePlugin, path, runtimeOnly, z } from "cairn/plugin";
import type { Unused } from "./types.ts";
export const plugin = definePlugin({
  name: "mine",
  kind: "other",
  description: "lists a folder",
  version: 1,
  config: z.strictObject({
    data: path("folder").optional().describe("a folder"),
    rate: z.number().default(0.1).describe("a number"),
    workers: runtimeOnly(z.int().default(1)).describe("how many at once"),
  }),
  inputs: {},
  outputs: { out: { type: "text", description: "" } },
  permissions: { env: ["CAIRN_TEST_LABEL"] },
  async run({ config, outputs, seed }) {
    const { label } = await import("./helper.ts");
    const names = [...Deno.readDirSync(config.data ?? outputs.out)].map((entry) => entry.name).sort();
    const unused: Unused = Deno.env.get("CAIRN_TEST_LABEL");
    await Deno.writeTextFile(outputs.out + "/list", [label, seed, unused, ...names].join());
  },
});
`;

interface Fields {
  readonly uses?: string;
  readonly options?: string;
  readonly more?: string;
}

async function setWorkflow(project: Project, fields: Fields = {}): Promise<void> {
  const { uses = "./plugins/plugin.ts", options = "", more = "" } = fields;
  await project.write(
    "workflow.yaml",
    `steps:\n  a:\n    uses: ${uses}\n    with: { ${options} }\n${more}`,
  );
}

const DATA: Fields = { options: "data: data" };

async function plugged(fields: Fields = {}): Promise<Project> {
  const project = await Project.make({
    "plugins/plugin.ts": PLUGIN,
    "plugins/helper.ts": 'export const label = "one";\n',
    "plugins/types.ts": "export type Unused = string | undefined;\n",
    "data/x": "x",
  });
  await setWorkflow(project, fields);
  assert.deepEqual((await project.run()).steps, { a: "ran" });
  return project;
}

for (
  const [what, change, reason, before = {}] of [
    [
      "the code of a module that it imports while it runs",
      (project) => project.write("plugins/helper.ts", 'export const label = "two";\n'),
      /^plugin code "helper\.ts" changed$/,
    ],
    [
      "an option",
      (project) => setWorkflow(project, { options: "rate: 0.2" }),
      /^option "rate" changed from 0\.1 to 0\.2$/,
    ],
    [
      "a file in a folder that an option names",
      (project) => project.write("data/sub/y", "y"),
      /^the content of option "data" changed$/,
      DATA,
    ],
    [
      "the name of such a file",
      (project) => Deno.rename(project.path("data/x"), project.path("data/z")),
      /^the content of option "data" changed$/,
      DATA,
    ],
    [
      "a variable that the plugin declares",
      (project) => Promise.resolve(project.environment.set("CAIRN_TEST_LABEL", "x")),
      /^environment variable "CAIRN_TEST_LABEL" changed$/,
    ],
    [
      "the seed",
      (project) => setWorkflow(project, { more: "    seed: 7\n" }),
      /^the seed changed from 0 to 7$/,
    ],
  ] satisfies [string, (project: Project) => Promise<unknown>, RegExp, Fields?][]
) {
  Deno.test(`a step runs again, and says why, after a change of ${what}`, async () => {
    await using project = await plugged(before);
    await change(project);
    const again = await project.run();
    assert.deepEqual(again.steps, { a: "ran" });
    assert.match(again.reason("a") ?? "", reason);
    assert.deepEqual((await project.run()).steps, { a: "reused" });
  });
}

for (
  const [what, change] of [
    [
      "an option that only steers how it runs",
      (project) => setWorkflow(project, { options: "workers: 4" }),
    ],
    [
      "an option that is written out with its default",
      (project) => setWorkflow(project, { options: "rate: 0.1" }),
    ],
    [
      "resources and timeout",
      (project) => setWorkflow(project, { more: "    resources: { cpus: 2 }\n    timeout: 5m\n" }),
    ],
    [
      "a variable that it does not declare",
      (project) => Promise.resolve(project.environment.set("CAIRN_TEST_OTHER", "x")),
    ],
  ] satisfies [string, (project: Project) => Promise<unknown>][]
) {
  Deno.test(`a step is reused after a change of ${what}`, async () => {
    await using project = await plugged();
    await change(project);
    const again = await project.run();
    assert.deepEqual(again.steps, { a: "reused" }, again.error + again.reason("a"));
  });
}

Deno.test("a project that moved to another place keeps its results, links included", async () => {
  await using project = await plugged(DATA);
  await using other = await Project.make();
  for (const name of ["plugins", "data", ".cairn", "workflow.yaml"]) {
    await Deno.remove(other.path(name), { recursive: true }).catch(() => {});
    await Deno.rename(project.path(name), other.path(name));
  }
  await Deno.rename(other.path("data"), other.path("moved"));
  await Deno.symlink("moved", other.path("data"));
  const run = await other.run();
  assert.deepEqual(run.steps, { a: "reused" }, run.reason("a")!);
});
