// A model with scores to register, and the register step with a chosen server instead of the environment's.
import { registerPlugin } from "../../../plugins/register/plugin.ts";
import { register } from "../../../plugins/register/register.ts";
import type { MlflowSettings } from "../../../plugins/register/mlflow/settings.ts";
import { writeScores } from "../../../plugins/scores/scores.ts";
import { Tally } from "../../../plugins/scores/tally.ts";
import { writeColorModel } from "../../support/color_model.ts";
import { threeClasses } from "../../support/color_tiles.ts";
import { type PluginRun, runPlugin } from "../../support/run_plugin.ts";

/** Folders that outlive a single registration. */
export interface Workshop extends AsyncDisposable {
  readonly model: string;
  readonly scores: string;
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
    readonly config?: Readonly<Record<string, unknown>>;
    readonly withScores?: boolean;
  } = {},
): Promise<PluginRun> {
  const { model, scores, shared } = workshop;
  const plugin = {
    ...registerPlugin,
    run: (context: Parameters<typeof register>[0]) => register(context, options.server),
  };
  return await runPlugin(plugin, {
    inputs: options.withScores === false ? { model } : { model, scores },
    config: { name: "landcover", ...options.config },
    seed: 3,
    shared,
  });
}
