// The engine is killed at every named point of storing a result, showing an input, publishing and writing
// the journal: the next run ends with the right bytes everywhere, without help from a person.
import assert from "node:assert/strict";
import { CRASH_POINTS } from "../../engine/cache/crash_points.ts";
import { commandStep, eventually, Project, resultOf, workflowOf } from "../support/rig.ts";

const PLUGIN = `import { definePlugin, z } from "cairn/plugin";
export const plugin = definePlugin({
  name: "join",
  kind: "other",
  description: "joins the files of its input",
  version: 1,
  config: z.strictObject({}),
  inputs: { in: { type: "text", description: "" } },
  outputs: { out: { type: "text", description: "" } },
  async run({ inputs, outputs }) {
    const names = [...Deno.readDirSync(inputs.in.path)].map((entry) => entry.name).sort();
    const texts = names.map((name) => Deno.readTextFileSync(inputs.in.path + "/" + name));
    await Deno.writeTextFile(outputs.out + "/all", texts.join(""));
    await Deno.writeTextFile(outputs.out + "/count", String(texts.length));
  },
});
`;

/** Makes two files, one named after a text, joins them, and publishes both results. */
function workflow(text: string): string {
  const a = commandStep(
    "a",
    `echo ${text} > \${{ outputs.out }}/1; echo 2 > \${{ outputs.out }}/${text}`,
  );
  const b = "  b:\n    uses: ./join.ts\n    inputs: { in: a.out }\n";
  return workflowOf([a, b], "publish:\n  out/a: a.out\n  out/b: b.out\n");
}

/** Every file that the workflow publishes for a text. */
function right(text: string): Readonly<Record<string, string>> {
  return { "a/1": `${text}\n`, [`a/${text}`]: "2\n", "b/all": `${text}\n2\n`, "b/count": "2" };
}

async function published(project: Project): Promise<Readonly<Record<string, string>>> {
  const names = project.files("out").filter((name) => !name.endsWith("/.cairn-published.json"));
  const entries = names.map(async (name) => [name, await project.read(`out/${name}`)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

function assertNothingStaged(folder: string): void {
  const names = [...Deno.readDirSync(folder)].map((entry) => entry.name);
  const hidden = names.filter((name) => name.startsWith("."));
  assert.deepEqual(hidden, [".cairn-published.json"]);
}

/** Later passings, between two pieces of the same work. */
const LATER = [
  "view-file-linked:2",
  "blob-stored:2",
  "record-saved:2",
  "result-told:2",
  "publication-copied:2",
  // Between what the journal says of one step and of the next, and of publication.
  "journal-line-torn:3",
  "journal-line-torn:5",
  "journal-line-torn:7",
];

Deno.test("a run that is killed at any named point is made good by the next one", async (test) => {
  await using project = await Project.make({
    "join.ts": PLUGIN,
    "workflow.yaml": workflow("past"),
  });
  assert.equal((await project.run()).code, 0);
  for (const moment of [...CRASH_POINTS, ...LATER]) {
    await test.step(moment, async () => {
      await project.write("workflow.yaml", workflow(moment));
      const killed = await resultOf(
        project.spawnWith({ CAIRN_CRASH_AT: moment }, "run", "workflow.yaml"),
      );
      assert.equal(killed.code, 128 + 9, `it was to be killed:\n${killed.out}${killed.error}`);
      const next = await project.run();
      assert.deepEqual([next.code, next.error], [0, ""]);
      assert.deepEqual(await published(project), right(moment));
      assert.deepEqual(project.files(".cairn/tmp"), []);
      for (const folder of ["out/a", "out/b"]) assertNothingStaged(project.path(folder));
      const verified = await project.cairn("verify");
      assert.deepEqual([verified.code, verified.error], [0, ""], verified.out);
    });
  }
  assert.deepEqual((await project.run()).steps, { a: "reused", b: "reused" });
  assert.equal((await project.cairn("runs")).code, 0);
});

Deno.test("what a killed run has published is cairn's own, and gives way to another result", async () => {
  await using project = await Project.make({
    "join.ts": PLUGIN,
    "workflow.yaml": workflow("past"),
  });
  const killed = await resultOf(
    project.spawnWith({ CAIRN_CRASH_AT: "publication-copied:2" }, "run", "workflow.yaml"),
  );
  assert.equal(killed.code, 128 + 9);
  await project.write("workflow.yaml", workflow("other"));
  assert.equal((await project.run()).code, 0);
  assert.deepEqual(await published(project), right("other"));
});

Deno.test("what a program that hides from the next run writes later reaches neither the store nor that run", async () => {
  await using project = await Project.make();
  const script = [
    `[ -e ${project.path("second")} ] && { echo right > \${{ outputs.out }}/x; exit 0; }`,
    `touch ${project.path("second")}`,
    `until [ -e ${project.path("late")} ]; do sleep 0.01; done`,
    "{ echo wrong > ${{ outputs.out }}/x; } 2> /dev/null || true",
    `echo tried > ${project.path("tried")}`,
  ].join("\n");
  const hidden = `env -u TMPDIR sh -e -c '${script}'`; // by that variable it would be found, and ended
  await project.write(
    "workflow.yaml",
    workflowOf([commandStep("a", hidden)], "publish:\n  out: a.out\n"),
  );
  const engine = project.spawn("run", "workflow.yaml");
  await eventually(
    "the step to start",
    () => Deno.stat(project.path("second")).catch(() => undefined),
  );
  engine.kill("SIGKILL");
  await resultOf(engine);
  assert.equal((await project.run()).code, 0);
  await project.write("late", "now");
  await project.appears("tried");
  assert.deepEqual((await project.run()).steps, { a: "reused" });
  assert.equal(await project.read("out/x"), "right\n");
  assert.deepEqual(project.files(".cairn/tmp"), []);
  assert.equal((await project.cairn("verify")).code, 0);
});
