// The weights that training starts from: drawn at random, read from a file, or those of a model.
import { StepError } from "../../engine/plugin.ts";
import { readWeights } from "../nn/checkpoints/checkpoint.ts";
import type { Normalisation } from "../nn/inference_graph.ts";
import { readModelCard } from "../nn/model_artifact.ts";
import { type Architecture, type Design, type Layout, layoutOf } from "../nn/design.ts";
import { initialWeights, type Weights } from "../nn/weights.ts";
import type { TrainContext } from "./options.ts";

/** Where training starts. */
export interface Start {
  readonly weights: Weights;
  /** What the weights were trained with, where that is known. */
  readonly normalisation?: Normalisation;
}

/** What decides where training starts. */
export type StartContext = Pick<TrainContext, "config" | "inputs" | "seed" | "log">;

/** Gives the first weights; throws StepError where those that are given do not fit the network. */
export async function startFor(
  { config: { weights: path }, inputs: { start: model }, seed, log }: StartContext,
  { design, architecture }: {
    readonly design: Design;
    readonly architecture: Architecture;
  },
): Promise<Start> {
  const layout = layoutOf(design, architecture);
  if (path !== undefined && model !== undefined) {
    throw new StepError('Option "weights" and input "start" both give weights to start from', {
      hint: "Leave one of them out",
    });
  }
  if (model !== undefined) {
    const start = await startFromModel(model.path, { architecture, layout });
    log("Starts from the weights and the normalisation of the model that is connected");
    return start;
  }
  if (path === undefined) return { weights: initialWeights(layout, seed) };
  const weights = await readWeights(path, layout);
  log(`Starts from the weights in "${path}"`);
  return { weights };
}

async function startFromModel(
  folder: string,
  { architecture, layout }: { readonly architecture: Architecture; readonly layout: Layout },
): Promise<Start> {
  const card = await readModelCard(folder);
  const differences = (["name", "base", "depth", "bands", "classes"] as const)
    .filter((key) => card.architecture[key] !== architecture[key])
    .map((key) => `${key} ${card.architecture[key]} instead of ${architecture[key]}`);
  if (differences.length > 0) {
    throw new StepError(
      `The model of the input "start" is another network: ${differences.join(", ")}`,
      {
        hint: 'Set "base" and "depth" as for that model, and prepare tiles with as many bands ' +
          "and classes",
      },
    );
  }
  const weights = await readWeights(`${folder}/weights.safetensors`, layout);
  return { weights, normalisation: card.normalisation };
}
