// Training in whole runs, killed after an epoch or asked for more of them: the model is, byte for byte, the one
// of a run that nothing interrupted.
import assert from "node:assert/strict";
import { digestBytes } from "../../../engine/cache/content/digest.ts";
import type { History } from "../../../plugins/nn/model_artifact.ts";
import type { Split } from "../../../plugins/tiles/manifest.ts";
import { commandStep, Project, resultOf } from "../../support/rig.ts";
import { makeTiles } from "./made_up_tiles.ts";

const SPLITS: readonly Split[] = [...new Array<Split>(6).fill("train"), "val", "val"];
const SMALL = { base: 4, depth: 2, batch: 4, augment: { flip: true, light: true } };

type Options = Readonly<Record<string, unknown>>;

/** What a training run has made. */
interface Made {
  /** Digests of the model's files, by name. */
  readonly model: Readonly<Record<string, string>>;
  /** The history without times. */
  readonly epochs: readonly Options[];
  /** Such as "resumed at 2". */
  readonly resumed: string | undefined;
}

async function trainingProject(): Promise<Project> {
  await using tiles = await makeTiles({ splits: SPLITS });
  const project = await Project.make();
  await new Deno.Command("cp", { args: ["-r", tiles.folder, project.path("tiles")] }).output();
  return project;
}

async function ask(project: Project, options: Options): Promise<void> {
  const tiles = commandStep("tiles", "cp -r tiles/. ${{ outputs.out }}", { files: ["tiles"] })
    .replace("{ out: text }", "{ out: tiles }");
  const model = "  model:\n    uses: train\n    inputs: { tiles: tiles.out }\n" +
    `    with: ${JSON.stringify({ ...SMALL, ...options })}\n`;
  await project.write(
    "workflow.yaml",
    `steps:\n${tiles}${model}publish:\n  out/model: model.model\n  out/history: model.history\n`,
  );
}

/** Trains to the end. */
async function train(project: Project, options: Options): Promise<Made> {
  await ask(project, options);
  const { code, out, error } = await project.spawnToEnd("run", "workflow.yaml");
  assert.equal(code, 0, out + error);
  const names = project.files("out/model").filter((name) => !name.startsWith(".cairn"));
  const digests = names.map((name) => {
    return [name, digestBytes(Deno.readFileSync(project.path(`out/model/${name}`)))] as const;
  });
  const history = JSON.parse(await project.read("out/history/history.json")) as History;
  return {
    model: Object.fromEntries(digests),
    epochs: history.epochs.map(({ seconds: _, imagesPerSecond: __, ...epoch }) => epoch),
    resumed: /resumed at \d+/.exec(out)?.[0],
  };
}

/** Trains until the checkpoint after an epoch is stored. */
async function trainKilled(project: Project, options: Options, epoch: number): Promise<void> {
  await ask(project, options);
  const env = { CAIRN_CRASH_AT: `checkpoint-kept:${epoch}` };
  const killed = await resultOf(project.spawnWith(env, "run", "workflow.yaml"));
  assert.equal(killed.code, 128 + 9, killed.out + killed.error);
}

async function trainAnew(options: Options): Promise<Made> {
  await using project = await trainingProject();
  return await train(project, options);
}

function assertSame(made: Made, expected: Made, resumed: string): void {
  assert.deepEqual(Object.keys(made.model), ["model.json", "model.onnx", "weights.safetensors"]);
  assert.deepEqual(made, { ...expected, resumed });
}

for (
  const options of [
    { epochs: 4, optimizer: "adamw" },
    { epochs: 4, optimizer: "sgd", schedule: "constant", warmup: 2 },
  ]
) {
  Deno.test(`a killed training with ${options.optimizer} ends as if nothing had happened`, async () => {
    await using project = await trainingProject();
    await trainKilled(project, options, 2);
    assertSame(await train(project, options), await trainAnew(options), "resumed at 2");
  });
}

Deno.test("more epochs at a constant learning rate go on where the fewer ended", async () => {
  await using project = await trainingProject();
  await train(project, { epochs: 2, schedule: "constant" });
  const more = await train(project, { epochs: 4, schedule: "constant" });
  assertSame(more, await trainAnew({ epochs: 4, schedule: "constant" }), "resumed at 2");
});

Deno.test("along a cosine another number of epochs trains anew", async () => {
  await using project = await trainingProject();
  await train(project, { epochs: 2 });
  const more = await train(project, { epochs: 3 });
  assert.deepEqual(more, await trainAnew({ epochs: 3 }));
  assert.equal(more.resumed, undefined);
});
