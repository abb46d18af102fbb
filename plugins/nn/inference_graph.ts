// The graph that others run: pixels 0-255 in, logits out, weights and normalisation inside.
import { Graph, type Tensor } from "./graph/graph.ts";
import { divide, subtract } from "./graph/operators.ts";
import type { ModelCard } from "./model_artifact.ts";
import { type Architecture, type Design, layoutOf } from "./design.ts";
import { namedTensors, type Weights } from "./weights.ts";

/** Mean and deviation of each band, in pixel values. */
export type Normalisation = ModelCard["normalisation"];

/** The oldest version of ONNX's operators that the inference graph needs no newer one than. */
const INFERENCE_OPSET = 17;

/**
 * Builds `model.onnx`: "image" float32 [n, bands, h, w] of pixels 0-255 to "logits" float32
 * [n, classes, h, w]. n, h and w are free; h and w must be multiples of 2^depth.
 */
export function inferenceGraph(
  { design, architecture, normalisation, weights }: {
    readonly design: Design;
    readonly architecture: Architecture;
    readonly normalisation: Normalisation;
    readonly weights: Weights;
  },
): Uint8Array {
  const graph = new Graph();
  const named = namedTensors(layoutOf(design, architecture), weights);
  const weight = (name: string): Tensor => {
    const { data, shape } = named.get(name)!;
    return graph.weight(name, data, shape);
  };
  const network = { graph, parameter: weight, statistic: weight };
  const image = graph.input("image", "float32", ["n", architecture.bands, "h", "w"]);
  const logits = design.build(network, normalised(image, normalisation), architecture);
  graph.output("logits", { ...logits, shape: ["n", architecture.classes, "h", "w"] });
  return graph.encode(INFERENCE_OPSET);
}

/** Turns float pixels 0-255 of [n, bands, h, w] into (pixel - mean) / deviation. */
export function normalised(image: Tensor, { mean, deviation }: Normalisation): Tensor {
  const perBand = [1, mean.length, 1, 1];
  const centred = subtract(image, image.graph.floats(mean, perBand));
  return divide(centred, image.graph.floats(deviation, perBand));
}
