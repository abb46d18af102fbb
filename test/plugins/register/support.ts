// A model with scores to register, and the register step with a chosen server instead of the environment's.
import assert from "node:assert/strict";
import { StepError } from "../../../engine/plugin.ts";
import { writeHistory } from "../../../plugins/nn/model_artifact.ts";
import { registerPlugin } from "../../../plugins/register/plugin.ts";
import { register } from "../../../plugins/register/register.ts";
import type { Tracked } from "../../../plugins/register/mlflow/send.ts";
import type { MlflowSettings } from "../../../plugins/register/mlflow/settings.ts";
import { writeScores } from "../../../plugins/scores/scores.ts";
import { Tally } from "../../../plugins/scores/tally.ts";
import { writeManifest } from "../../../plugins/tiles/manifest.ts";
import { writeColorModel } from "../../support/color_model.ts";
import { threeClasses } from "../../support/color_tiles.ts";
import { type PluginRun, runPlugin } from "../../support/run_plugin.ts";

/** Folders that outlive a single registration. */
export interface Workshop extends AsyncDisposable {
  readonly model: string;
  readonly scores: string;
  /** Folders of the inputs that only MLflow is told of. */
  readonly others: Readonly<Record<string, string>>;
  readonly shared: string;
}

/** Makes a model, its scores and an empty registry. */
export async function openWorkshop(): Promise<Workshop> {
  const folder = await Deno.makeTempDir({ prefix: "cairn_register_" });
  await writeColorModel(`${folder}/model`, threeClasses);
  await Deno.mkdir(`${folder}/scores`);
  const tally = new Tally(threeClasses);
  tally.add("a", Uint8Array.of(0, 0, 1, 1), Uint8Array.of(0, 1, 1, 1));
  await writeScores(`${folder}/scores`, tally.scores("test")!);
  return {
    model: `${folder}/model`,
    scores: `${folder}/scores`,
    others: await writeOtherInputs(folder),
    shared: `${folder}/shared`,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** Makes it a model with other weights and, on two pixels, other scores. */
export async function changeModel(
  workshop: Workshop,
  { weights, predicted, split = "test" }: {
    readonly weights: string;
    readonly predicted: readonly number[];
    readonly split?: "val" | "test";
  },
): Promise<void> {
  await Deno.writeTextFile(`${workshop.model}/weights.safetensors`, weights);
  const tally = new Tally(threeClasses);
  tally.add("a", Uint8Array.of(0, 0, 1, 1), Uint8Array.from(predicted));
  await writeScores(workshop.scores, tally.scores(split)!);
}

/** Registers the workshop's model. */
export async function registerIn(
  workshop: Workshop,
  options: {
    readonly server?: MlflowSettings;
    /** The run that a tracker tells the server of. */
    readonly tracked?: Tracked;
    readonly pausesMs?: readonly number[];
    readonly config?: Readonly<Record<string, unknown>>;
    readonly withScores?: boolean;
    /** Connects curves, pictures and tiles, too. */
    readonly withAll?: boolean;
  } = {},
): Promise<PluginRun> {
  const { model, scores, shared } = workshop;
  const plugin = {
    ...registerPlugin,
    run: (context: Parameters<typeof register>[0]) =>
      register(
        context,
        options.server && {
          settings: options.server,
          tracked: options.tracked,
          pausesMs: options.pausesMs ?? [],
        },
      ),
  };
  return await runPlugin(plugin, {
    inputs: {
      model,
      ...options.withScores !== false && { scores },
      ...options.withAll && workshop.others,
    },
    config: { name: "landcover", ...options.config },
    seed: 3,
    shared,
  });
}

/** Expects a failure that a person can mend, in these words. */
export async function rejectsWith(
  doing: Promise<unknown>,
  message: RegExp,
  hint?: RegExp,
): Promise<void> {
  await assert.rejects(doing, (error) => {
    assert.ok(error instanceof StepError, String(error));
    assert.match(error.message, message);
    if (hint !== undefined) assert.match(error.hint ?? "", hint);
    return true;
  });
}

const epoch = { valLoss: 0.6, valMeanIou: 0.7, valIou: [0.7, null, 0.7], learningRate: 0.01 };

/** Writes curves, pictures and a list of tiles, as the steps before a registration make them. */
async function writeOtherInputs(folder: string): Promise<Record<string, string>> {
  const inputs = {
    history: `${folder}/history`,
    figures: `${folder}/figures`,
    tiles: `${folder}/tiles`,
  };
  for (const path of [...Object.values(inputs), `${inputs.figures}/panels`]) await Deno.mkdir(path);
  await writeHistory(inputs.history, {
    format: "cairn-history/1",
    classes: threeClasses.map(({ name }) => name),
    epochs: [
      { ...epoch, epoch: 1, trainLoss: 0.9, seconds: 3, imagesPerSecond: 10 },
      { ...epoch, epoch: 2, trainLoss: 0.5, seconds: 2, imagesPerSecond: 15 },
    ],
  });
  await Deno.writeTextFile(`${inputs.figures}/report.html`, "<!doctype html>");
  await Deno.writeTextFile(`${inputs.figures}/panels/worst.png`, "png");
  await writeManifest(inputs.tiles, {
    format: "cairn-tiles/1",
    tile: 32,
    bands: 3,
    image: "png",
    classes: [...threeClasses],
    sources: [],
    tiles: [],
  });
  return inputs;
}
