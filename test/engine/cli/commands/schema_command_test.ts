// What an editor makes of the schema that `cairn schema` writes, asked of the YAML language server that
// editors use.
import assert from "node:assert/strict";
import { LanguageServer } from "../../../support/language_server.ts";
import { Project } from "../../../support/rig.ts";

const OWN_PLUGIN = `import { definePlugin, z } from "cairn/plugin";
export const plugin = definePlugin({
  name: "areas", kind: "other", description: "Adds up areas", version: 1,
  config: z.strictObject({ unit: z.enum(["m2", "ha"]).describe("unit of the areas") }),
  inputs: { images: { type: "images", description: "photographs" } },
  outputs: { table: { type: "table", description: "" } },
  run(): void {},
});
`;

const SITE = `# yaml-language-server: $schema=../.cairn/schema.json
description: Cuts the photographs of one site
imports: [more.yaml]
params:
  site: { type: string, description: name of the site }
  tile: { default: 256, min: 16, choices: [128, 256], description: pixels per side }
inputs: { photos: photographs of the site }
steps: { areas: { uses: ./plugins/areas.ts, inputs: { images: inputs.photos }, with: { unit: ha } } }
outputs: { table: areas.table }
`;

const WORKFLOW = `# yaml-language-server: $schema=../.cairn/schema.json
imports: [common.yaml]
params:
  rate: { type: number }
steps:
  model:
    uses: train
    inputs: { tiles: tiles.tiles, start: old.model }
    with:
      epochs: 3
      optimizer: adam
      learning-rate: "\${{ params.rate }}"
${"      "}
  areas:
    uses: ./plugins/areas.ts
    inputs: { images: photos.images }
    with: { unit: ha }
  site:
    uses: ./site.yaml
    matrix: { site: [lakes] }
    inputs: { photos: photos.images }
    with: { site: lakes, tile: 128 }
outputs: { table: site.table }
publish: { "out/\${{ matrix.site }}": site.table }
`;

/** A project with a plugin of its own, and its schema. */
async function projectWithSchema(): Promise<Project> {
  const project = await Project.make({
    "workflows/plugins/areas.ts": OWN_PLUGIN,
    "workflows/use.yaml": WORKFLOW,
    "workflows/site.yaml": SITE,
  });
  const { code, out, error } = await project.spawnToEnd("schema");
  assert.deepEqual([code, error], [0, ""]);
  assert.match(out, /^wrote \.cairn\/schema\.json: \d+ plugins of cairn, 2 of this project$/m);
  return project;
}

/** Where a text stands in the workflow: its line, and the character behind it. */
function behind(text: string): { line: number; character: number } {
  const lines = WORKFLOW.slice(0, WORKFLOW.indexOf(text) + text.length).split("\n");
  return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
}

Deno.test("an editor completes and explains plugins, options and inputs, one's own plugins' as well", async () => {
  await using project = await projectWithSchema();
  await using server = await LanguageServer.start(project.folder);
  const path = project.path("workflows/use.yaml");
  assert.deepEqual(await server.open(path, WORKFLOW), []);
  assert.deepEqual(await server.open(project.path("workflows/site.yaml"), SITE), []);
  const keys = await server.complete(path, { line: WORKFLOW.split("\n").length - 1, character: 0 });
  assert.deepEqual(
    [...keys.keys()].sort(),
    ["description", "inputs", "name", "secrets", "seed", "tokens", "trust"],
  );

  const options = await server.complete(path, {
    line: behind("params.rate }}").line + 1,
    character: 6,
  });
  assert.ok(!options.has("epochs"), "what is there already is not offered");
  assert.equal(
    options.get("base"),
    "channels of the first block; each level down doubles them\n\n" +
      "Takes: whole number, 1 to 128\n\nDefault: 16",
  );
  const plugins = await server.complete(path, behind("uses: "));
  assert.ok(plugins.has("prepare") && plugins.has("./plugins/areas.ts"), [...plugins].join());

  for (
    const [place, words] of [
      ["epoc", /passes over the training tiles\s+Takes: whole number, 1 to 10000\s+Default: 20/],
      ["uses: tra", /Trains a U-Net.*\s+Inputs:\s+- tiles: tiles with masks/],
      ["{ til", /tiles with masks, split into train and val; of type tiles/],
      ["areas.t", /Adds up areas/],
      ["{ uni", /unit of the areas\s+Takes: m2, ha/],
      ["{ image", /photographs; of type images/],
      ["./site", /Cuts the photographs of one site\s+Inputs:\s+- photos: photographs of the site/],
      ["with: { sit", /name of the site\s+Takes: text/],
      ["lakes, til", /pixels per side\s+Takes: 128, 256\s+Default: 256/],
      ["impo", /Files whose params and steps count as this file's own/],
      ["outp", /What this file gives where it is a step of another/],
      ["publ", /Outputs to copy to where people look/],
    ] as const
  ) {
    assert.match(await server.hover(path, behind(place)), words, place);
  }
});

const MISTAKES = [
  ["an option that the plugin does not have", "epochs: 3", "epohcs: 3", /epohcs is not allowed/],
  ["a value out of range", "epochs: 3", "epochs: 0", /below the minimum of 1/],
  ["a value that is no choice", "optimizer: adam", "optimizer: adma", /"adam", "adamw", "sgd"/],
  ["an option of one's own plugin", "unit: ha", "unit: mm", /"m2", "ha"/],
  ["an input that the plugin does not have", "start: old", "begin: old", /begin is not allowed/],
  ["an input that is missing", "    inputs: { images: photos.images }\n", "", /"inputs"/],
  ["a parameter that the used file does not have", "tile: 128", "tiel: 128", /tiel is not allowed/],
  ["a parameter that is no choice", "tile: 128", "tile: 127", /128, 256/],
  [
    "an input that the used file does not have",
    "{ photos: photos",
    "{ foto: photos",
    /foto is not/,
  ],
  ["a key that steps do not have", "uses: train", "uses: train\n    wiht: {}", /wiht is not/],
  [
    "a matrix without values",
    "uses: train",
    "uses: train\n    matrix: { lr: 3 }",
    /Expected "array"/,
  ],
  ["a plugin that does not exist", "uses: train", "uses: trian", /Value must be "synthesize"/],
] as const;

Deno.test("an editor marks mistakes", async (t) => {
  await using project = await projectWithSchema();
  await using server = await LanguageServer.start(project.folder);
  for (const [index, [what, written, wrong, message]] of MISTAKES.entries()) {
    await t.step(what, async () => {
      const text = WORKFLOW.replace(written, wrong);
      const marks = await server.open(project.path(`workflows/wrong_${index}.yaml`), text);
      assert.ok(marks.some((mark) => message.test(mark.message)), JSON.stringify(marks));
    });
  }
});

Deno.test("an editor finds no mistake in the workflows that come with cairn", async () => {
  await using project = await Project.make();
  const namesIn = (folder: string): readonly string[] =>
    [...Deno.readDirSync(`workflows/${folder}`)].map(({ name }) => `${folder}${name}`)
      .filter((name) => name.endsWith(".yaml")).sort();
  const names = [...namesIn(""), ...namesIn("parts/")];
  await project.write(
    "workflows/plugins/class_areas.ts",
    await Deno.readTextFile("workflows/plugins/class_areas.ts"),
  );
  for (const name of names) {
    await project.write(`workflows/${name}`, await Deno.readTextFile(`workflows/${name}`));
  }
  assert.equal((await project.spawnToEnd("schema")).code, 0);
  await using server = await LanguageServer.start(project.folder);
  for (const name of names) {
    const text = await project.read(`workflows/${name}`);
    assert.match(
      text,
      /^# yaml-language-server: \$schema=(\.\.\/)+\.cairn\/schema\.json\n(?!# yaml-language)/,
      name,
    );
    assert.deepEqual(await server.open(project.path(`workflows/${name}`), text), [], name);
  }
});

Deno.test("plugins of one name in several folders are all right where that name is used", async () => {
  const other = OWN_PLUGIN.replace("unit:", "factor:");
  const uses = "steps:\n  a:\n    uses: ./areas.ts\n";
  await using project = await Project.make({
    "one/areas.ts": OWN_PLUGIN,
    "one/use.yaml": uses,
    "two/areas.ts": other,
    "two/use.yaml": uses,
  });
  const { out } = await project.cairn("schema");
  assert.match(out, /, 2 of this project$/m);
  await using server = await LanguageServer.start(project.folder);
  for (const [folder, option] of [["one", "unit"], ["two", "factor"]] as const) {
    const text = `# yaml-language-server: $schema=../.cairn/schema.json\n${uses}` +
      `    inputs: { images: a.b }\n    with: { ${option}: ha }\n`;
    assert.deepEqual(await server.open(project.path(`${folder}/use.yaml`), text), []);
  }
});

Deno.test("a plugin that cannot be loaded is left out and said", async () => {
  await using project = await Project.make({
    "workflow.yaml": "steps:\n  a:\n    uses: ./gone.ts\n",
  });
  const { code, out, error } = await project.cairn("schema");
  assert.equal(code, 0);
  assert.equal(error, 'left out "./gone.ts" of workflow.yaml: does not exist\n');
  assert.match(out, /1 plugin of cairn, 0 of this project/);
});
