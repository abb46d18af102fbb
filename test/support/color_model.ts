// A model small enough to reason about: each pixel gets the class whose colour is nearest to it.
import { Graph } from "../../plugins/nn/graph/graph.ts";
import { convolution1x1 } from "../../plugins/nn/layers/convolution.ts";
import { type ModelCard, writeModelCard } from "../../plugins/nn/model_artifact.ts";
import type { LandClass } from "../../plugins/tiles/manifest.ts";

/** Writes a model artifact for 3-band images; classes are told apart by colour alone. */
export async function writeColorModel(
  folder: string,
  classes: readonly LandClass[],
): Promise<ModelCard> {
  const colors = classes.map(({ color }) => rgb(color));
  const graph = new Graph();
  const image = graph.input("image", "float32", ["n", 3, "h", "w"]);
  // The nearest colour c of a pixel p is the one with the greatest p·c - |c|²/2.
  const values = new Map([
    ["nearest.weight", colors.flat()],
    ["nearest.bias", colors.map((color) => -color.reduce((sum, each) => sum + each ** 2, 0) / 2)],
  ]);
  const parameter = (name: string, shape: readonly number[]): ReturnType<Graph["weight"]> =>
    graph.weight(name, Float32Array.from(values.get(name) ?? []), shape);
  const network = { graph, parameter, statistic: () => image };
  const logits = convolution1x1(network, image, { name: "nearest", channels: classes.length });
  graph.output("logits", { ...logits, shape: ["n", classes.length, "h", "w"] });
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeFile(`${folder}/model.onnx`, graph.encode(17));
  const card = colorCard(classes);
  await writeModelCard(folder, card);
  return card;
}

/** Gives the red, green and blue of "#rrggbb". */
export function rgb(color: string): [number, number, number] {
  const value = Number.parseInt(color.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

function colorCard(classes: readonly LandClass[]): ModelCard {
  return {
    format: "cairn-model/1",
    architecture: { name: "unet", base: 4, depth: 1, bands: 3, classes: classes.length },
    classes: [...classes],
    tile: 32,
    normalisation: { mean: [0, 0, 0], deviation: [1, 1, 1] },
    training: {
      epochs: 12,
      bestEpoch: 9,
      seed: 7,
      device: "cpu",
      precision: "float32",
      parameters: 4 * classes.length,
      trainTiles: 40,
      valTiles: 8,
      meanIou: 0.81,
      loss: 0.21,
    },
  };
}
