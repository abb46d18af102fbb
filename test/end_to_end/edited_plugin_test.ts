// A plugin that is edited between being asked and being run.
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { commandStep, eventually, Project, workflowOf } from "../support/rig.ts";

/** A plugin that spawns a program which writes a word. */
function speaking(word: string): string {
  return `import { definePlugin, z } from "cairn/plugin";
export const plugin = definePlugin({
  name: "mine",
  kind: "other",
  description: "writes a word",
  version: 1,
  config: z.strictObject({}),
  inputs: { in: { type: "text", description: "" } },
  outputs: { out: { type: "text", description: "" } },
  command: () => ({ argv: ["sh", "-c", "echo ${word} > \${{ outputs.out }}/word"], env: {} }),
});
`;
}

async function speakingProject(first: string): Promise<Project> {
  const project = await Project.make({ "plugin.ts": speaking("old") });
  const step = "  b:\n    uses: ./plugin.ts\n    inputs: { in: a.out }\n";
  const steps = [
    commandStep("a", `${first.replaceAll("%", project.folder)}\necho > \${{ outputs.out }}/a`),
    step,
  ];
  await project.write("workflow.yaml", workflowOf(steps, "publish:\n  out: b.out\n"));
  return project;
}

Deno.test("what a plugin told to spawn before it was edited is not taken for what it tells now", async () => {
  await using project = await speakingProject(
    "echo 1 > %/started\nuntil [ -e %/go ]; do sleep 0.05; done\nsleep 0.3",
  );
  const running = project.run();
  // The pause after "go" is longer than the engine goes by what it has just read.
  await project.appears("started");
  await project.write("plugin.ts", speaking("new"));
  await project.write("go", "");
  assert.deepEqual((await running).steps, { a: "ran", b: "ran" });
  assert.equal(await project.read("out/word"), "old\n");
  const next = await project.run();
  assert.deepEqual(next.steps, { a: "reused", b: "ran" });
  assert.match(next.reason("b") ?? "", /the plugin's command\.argv changed from \["sh",/);
  assert.equal(await project.read("out/word"), "new\n");
});

Deno.test("a workflow is remembered only once its plugins can no longer change unnoticed", async () => {
  await using project = await speakingProject("true");
  const remembered = (): unknown => {
    const index = new DatabaseSync(project.path(".cairn/index.sqlite"), { readOnly: true });
    const row = index.prepare("SELECT count(*) AS count FROM known_graph").get();
    index.close();
    return row?.["count"];
  };
  await project.run();
  assert.equal(remembered(), 0);
  await eventually("the workflow to be remembered", async () => {
    await project.run();
    return remembered() === 1 ? true : undefined;
  });
});
