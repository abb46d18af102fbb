// The local registry: numbers, aliases, equal models, and registering at the same time.
import assert from "node:assert/strict";
import { StepError } from "../../../engine/plugin.ts";
import { registerPlugin } from "../../../plugins/register/plugin.ts";
import { publish } from "../../../plugins/register/registry.ts";
import { readVersionRecord } from "../../../plugins/register/version_record.ts";
import { openWorkshop, registerIn, type Workshop } from "./support.ts";

const home = (workshop: Workshop): string => `${workshop.shared}/registry/landcover`;
const alias = (workshop: Workshop, name = "candidate"): Promise<string> =>
  Deno.readTextFile(`${home(workshop)}/aliases/${name}`);

async function changeWeights(workshop: Workshop, text: string): Promise<void> {
  await Deno.writeTextFile(`${workshop.model}/weights.safetensors`, text);
}

async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) names.push(name);
  return names.sort();
}

Deno.test("the first model becomes version 1 with its files, record and alias", async () => {
  await using workshop = await openWorkshop();
  await using run = await registerIn(workshop);
  const path = `${home(workshop)}/versions/1`;
  assert.deepEqual(await namesIn(path), ["model.json", "model.onnx", "version.json"]);
  const record = await readVersionRecord(`${path}/version.json`);
  assert.equal(record.version, 1);
  assert.equal(record.seed, 3);
  assert.equal(record.scores?.accuracy, 0.75);
  assert.equal(record.model.architecture, "unet base 4 depth 1");
  assert.equal(await alias(workshop), "1\n");
  assert.deepEqual(run.effects, [`${home(workshop)}/aliases/candidate`, `${path}/version.json`]);
  assert.deepEqual(await namesIn(`${home(workshop)}/staging`), []);
});

Deno.test("an equal model keeps its version and output, and the alias moves back to it", async () => {
  await using workshop = await openWorkshop();
  await using first = await registerIn(workshop);
  await changeWeights(workshop, "other");
  await using second = await registerIn(workshop);
  assert.equal(await alias(workshop), "2\n");
  await Deno.remove(`${workshop.model}/weights.safetensors`);
  await using third = await registerIn(workshop);
  assert.equal(await alias(workshop), "1\n");
  assert.deepEqual(await namesIn(`${home(workshop)}/versions`), ["1", "2"]);
  const outputs = await Promise.all(
    [first, second, third].map((run) =>
      Deno.readTextFile(`${run.outputs["version"]}/version.json`)
    ),
  );
  assert.equal(outputs[0], outputs[2]);
  assert.notEqual(outputs[0], outputs[1]);
  assert.ok(!outputs[0]?.includes("created"));
});

Deno.test("a model registers without scores", async () => {
  await using workshop = await openWorkshop();
  await using run = await registerIn(workshop, { withScores: false });
  const output = JSON.parse(await Deno.readTextFile(`${run.outputs["version"]}/version.json`));
  assert.equal(output.scores, null);
});

Deno.test("models registered at once get different numbers, equal ones the same", async () => {
  await using workshop = await openWorkshop();
  const target = home(workshop);
  await using run = await registerIn(workshop);
  const facts = JSON.parse(await Deno.readTextFile(`${run.outputs["version"]}/version.json`));
  delete facts.version;
  const digests = ["a", "b", "c", "a", "b", "c", "d"];
  const published = await Promise.all(
    digests.map((digest) => publish(target, workshop.model, { ...facts, digest })),
  );
  const numbers = published.map(({ record }) => record.version);
  assert.deepEqual(numbers.slice(0, 3), numbers.slice(3, 6));
  assert.deepEqual([...new Set(numbers)].sort(), [2, 3, 4, 5]);
  assert.deepEqual(await namesIn(`${target}/versions`), ["1", "2", "3", "4", "5"]);
  assert.deepEqual(await namesIn(`${target}/staging`), []);
});

Deno.test("what a killed registration left is never seen, and removed after a day", async () => {
  await using workshop = await openWorkshop();
  const old = `${home(workshop)}/staging/old`;
  const fresh = `${home(workshop)}/staging/fresh`;
  await Deno.mkdir(old, { recursive: true });
  await Deno.mkdir(fresh);
  await Deno.utime(old, 0, 0);
  await using _run = await registerIn(workshop);
  assert.deepEqual(await namesIn(`${home(workshop)}/staging`), ["fresh"]);
  assert.deepEqual(await namesIn(`${home(workshop)}/versions`), ["1"]);
});

Deno.test("a damaged record is an error that names the file", async () => {
  await using workshop = await openWorkshop();
  await using _run = await registerIn(workshop);
  await Deno.writeTextFile(`${home(workshop)}/versions/1/version.json`, "{");
  await assert.rejects(
    registerIn(workshop),
    (error) => error instanceof StepError && error.message.includes("versions/1/version.json"),
  );
});

Deno.test("names that are no safe file names and reserved aliases are refused", () => {
  const accepts = (config: Record<string, string>): boolean =>
    registerPlugin.config.safeParse(config).success;
  assert.ok(accepts({ name: "landcover.v2-small", alias: "champion" }));
  for (const name of ["", ".", "..", ".hidden", "a/b", "a b", "a\0"]) assert.ok(!accepts({ name }));
  for (const alias of ["latest", "Latest", "v3", "V12", "../x"]) {
    assert.ok(!accepts({ name: "landcover", alias }), alias);
  }
});
