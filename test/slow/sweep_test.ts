// The sweep as a person runs it, on small pictures: once, again, with one more learning rate, on given data.
import assert from "node:assert/strict";
import { synthesizePlugin } from "../../plugins/synthesize/plugin.ts";
import { Project } from "../support/rig.ts";
import { runPlugin } from "../support/run_plugin.ts";

const SMALL = ["images=4", "size=128", "tile=64", "epochs=1", "widths=[2,3]"].flatMap((setting) => [
  "--set",
  setting,
]);

/** What ran, by the names of the steps. */
async function ran(project: Project, ...words: readonly string[]): Promise<readonly string[]> {
  const { code, out, error } = await project.spawnToEnd(
    "run",
    "workflows/sweep.yaml",
    ...SMALL,
    ...words,
  );
  assert.equal(code, 0, out + error);
  return [...out.matchAll(/^ran +(\S+)/gm)].map(([, name]) => name ?? "").sort();
}

Deno.test("a sweep compares, registers the best, and trains only what is new", async () => {
  await using project = await Project.make({
    "workflows/sweep.yaml": await Deno.readTextFile("workflows/sweep.yaml"),
  });
  const first = await ran(project);
  assert.equal(first.length, 17);
  assert.equal(first.filter((name) => name.startsWith("model[")).length, 6);
  const comparison = JSON.parse(await project.read("out/sweep/comparison/comparison.json"));
  assert.equal(comparison.split, "val");
  assert.equal(comparison.models[0].model, comparison.best);
  const best = comparison.models[0].meanIou;
  assert.ok(comparison.models.every(({ meanIou }: { meanIou: number }) => meanIou <= best));
  const version = JSON.parse(await project.read(".cairn/registry/sweep/versions/1/version.json"));
  assert.equal(version.scores.split, "test");
  const png = await Deno.readFile(project.path("out/sweep/comparison/comparison.png"));
  assert.deepEqual([...png.subarray(1, 4)], [...new TextEncoder().encode("PNG")]);

  assert.deepEqual(await ran(project), []);

  const added = await ran(project, "--set", "rates=[0.01,0.003,0.001,0.02]");
  const trainings = added.filter((name) => /^(model|choice|tiles|photos)/.test(name));
  assert.deepEqual(trainings, [
    "choice[rate=0.02,width=2]",
    "choice[rate=0.02,width=3]",
    "model[rate=0.02,width=2]",
    "model[rate=0.02,width=3]",
  ]);
});

Deno.test("a sweep takes the images and masks of a folder instead of inventing them", async () => {
  await using photos = await runPlugin(synthesizePlugin, { config: { images: 4, size: 128 } });
  await using project = await Project.make({
    "workflows/sweep.yaml": await Deno.readTextFile("workflows/sweep.yaml"),
  });
  const data = ["--set", `data=${photos.outputs["images"]}`];
  assert.deepEqual(await ran(project, ...data, "--only", "model[rate=0.01,width=2]"), [
    "model[rate=0.01,width=2]",
    "tiles",
  ]);
});
