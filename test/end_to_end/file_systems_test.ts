// Data, store and published folder may each lie on a file system of their own: nothing relies on links or
// renames between them.
import assert from "node:assert/strict";
import { commandStep, Project, workflowOf } from "../support/rig.ts";
import { SmallDisk, testThatNeeds } from "../support/small_disk.ts";

const JOIN = `import { definePlugin, path, z } from "cairn/plugin";
export const plugin = definePlugin({
  name: "join", kind: "other", description: "puts a file behind its input", version: 1,
  config: z.strictObject({ file: path("file") }),
  inputs: { in: { type: "text", description: "" } },
  outputs: { out: { type: "text", description: "" } },
  async run({ config, inputs, outputs }) {
    const texts = [inputs.in.path + "/a", config.file].map((path) => Deno.readTextFileSync(path));
    await Deno.writeTextFile(outputs.out + "/b", texts.join(""));
  },
});
`;

/** A copies a file, B puts it behind A's output; B's output is published. */
function workflow(file: string): string {
  return workflowOf([
    commandStep("a", `cat ${file} > \${{ outputs.out }}/a`, { files: [file] }),
    `  b:\n    uses: ./join.ts\n    inputs: { in: a.out }\n    with: { file: "${file}" }\n`,
  ], "publish:\n  out/b: b.out\n");
}

/** Runs twice, alters what is published, and edits the data: all as on one file system. */
async function assertAllWell(
  project: Project,
  file: string,
  ...flags: readonly string[]
): Promise<void> {
  const shows = async (text: string): Promise<void> =>
    assert.equal(await project.read("out/b/b"), text);
  const ends = async (steps: Readonly<Record<string, string>>): Promise<void> => {
    const run = await project.run(...flags);
    assert.deepEqual([run.code, run.steps, run.error], [0, steps, ""]);
  };
  await ends({ a: "ran", b: "ran" });
  await shows("one\none\n");
  await Deno.writeTextFile(project.path("out/b/b"), "evil");
  await ends({ a: "reused", b: "reused" });
  await shows("one\none\n");
  await Deno.writeTextFile(file, "two\n");
  await ends({ a: "ran", b: "ran" });
  await shows("two\ntwo\n");
  const verified = await project.cairn("verify", ...flags);
  assert.deepEqual([verified.code, verified.error], [0, ""], verified.out);
  assert.match((await project.cairn("gc", "--keep-runs", "1", ...flags)).out, /Keeps 2 results/);
  await ends({ a: "reused", b: "reused" });
}

for (
  const [what, at] of [
    ["the data", "data"],
    ["the store", "store"],
    ["the published folder", "out"],
  ] as const
) {
  testThatNeeds("to mount", `all is well with ${what} on another file system`, async () => {
    await using project = await Project.make({ "join.ts": JOIN });
    await using _disk = await SmallDisk.mount(8192, project.path(at));
    const name = at === "data" ? "data/in.txt" : "in.txt";
    await project.write(name, "one\n");
    await project.write("workflow.yaml", workflow(name));
    const flags = at === "store" ? ["--store", project.path("store")] : [];
    await assertAllWell(project, project.path(name), ...flags);
  });
}

Deno.test("a published folder that a link leads out of the project is refused up front", async () => {
  await using project = await Project.make({ "join.ts": JOIN, "in.txt": "one\n" });
  await using elsewhere = await Project.make();
  await Deno.symlink(elsewhere.folder, project.path("out"));
  await project.write("workflow.yaml", workflow("in.txt"));
  const { code, error } = await project.cairn("run", "workflow.yaml");
  assert.equal(code, 2);
  assert.match(error, /error\[target-outside\]: "out\/b" leaves the project/);
  assert.deepEqual(project.files(".cairn"), []);
});
