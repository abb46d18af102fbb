// Registered models as inputs: what an address gives, and when what it gave is no longer right.
import assert from "node:assert/strict";
import { registeredPlugin } from "../../../plugins/register/registered_plugin.ts";
import { type PluginRun, runPlugin } from "../../support/run_plugin.ts";
import { changeModel, openWorkshop, registerIn, rejectsWith, type Workshop } from "./support.ts";

const give = (workshop: Workshop, model: string): Promise<PluginRun> =>
  runPlugin(registeredPlugin, { config: { model }, shared: workshop.shared });

async function weightsOf(run: PluginRun): Promise<string> {
  return await Deno.readTextFile(`${run.outputs["model"]}/weights.safetensors`);
}

/** Two versions: champion is the first, candidate the second. */
async function openRegistry(): Promise<Workshop> {
  const workshop = await openWorkshop();
  const config = { promote: { when: "accuracy" } };
  await changeModel(workshop, { weights: "good", predicted: [0, 0, 1, 1] });
  await using _first = await registerIn(workshop, { config });
  await changeModel(workshop, { weights: "bad", predicted: [1, 1, 1, 1] });
  await using _second = await registerIn(workshop, { config });
  return workshop;
}

Deno.test("an alias and a number give the files of their version, and nothing else", async () => {
  await using workshop = await openRegistry();
  await using champion = await give(workshop, "models:/landcover@champion");
  assert.equal(await weightsOf(champion), "good");
  await using second = await give(workshop, "models:/landcover/2");
  assert.equal(await weightsOf(second), "bad");
  const names = [...Deno.readDirSync(second.outputs["model"]!)].map(({ name }) => name).sort();
  assert.deepEqual(names, ["model.json", "model.onnx", "weights.safetensors"]);
});

Deno.test("what an alias gave is reused only until the alias moves", async () => {
  await using workshop = await openRegistry();
  const home = `${workshop.shared}/registry/landcover`;
  await using champion = await give(workshop, "models:/landcover@champion");
  assert.deepEqual(champion.effects, [
    `${home}/aliases/champion`,
    `${home}/versions/1/version.json`,
  ]);
  await using first = await give(workshop, "models:/landcover/1");
  assert.deepEqual(first.effects, [`${home}/versions/1/version.json`]);
});

Deno.test("an address of nothing names what there is", async () => {
  await using workshop = await openRegistry();
  await rejectsWith(
    give(workshop, "models:/landcover@best"),
    /no alias "best" of "landcover"/,
    /^There is @candidate, @champion, \/1, \/2$/,
  );
  await rejectsWith(give(workshop, "models:/landcover/7"), /no version 7/, /\/2$/);
  await rejectsWith(give(workshop, "models:/other@best"), /"other"/, /Register a model/);
});

Deno.test("a registered file that was altered is an error, not an input", async () => {
  await using workshop = await openRegistry();
  const path = `${workshop.shared}/registry/landcover/versions/1/weights.safetensors`;
  await Deno.writeTextFile(path, "evil");
  await rejectsWith(give(workshop, "models:/landcover/1"), /were altered/);
});

Deno.test("addresses that leave the registry, and MLflow's stages, are refused", () => {
  const accepts = (model: string): boolean => registeredPlugin.config.safeParse({ model }).success;
  assert.ok(accepts("models:/land.cover-2@champion"));
  for (
    const model of [
      "models:/../x@a",
      "models:/a/Production",
      "models:/a/latest",
      "models:/a@../b",
      "models:/a/0",
      "models:/a",
      "a@b",
    ]
  ) assert.ok(!accepts(model), model);
});
