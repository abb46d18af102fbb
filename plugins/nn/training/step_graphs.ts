// The two graphs of training: one step (forward, loss, gradients, optimiser) and one batch of validation.
// Both take all weights as two flat vectors, so that a step costs a handful of tensors to feed.
import { Graph, type Tensor } from "../graph/graph.ts";
import {
  add,
  cast,
  concatenate,
  divide,
  elementCount,
  multiply,
  reshape,
  split,
  sum,
} from "../graph/operators.ts";
import { Tape } from "../graph/tape.ts";
import { type Normalisation, normalised } from "../inference_graph.ts";
import type { Network } from "../layers/network.ts";
import { inHalfPrecision } from "../onnx/half_precision.ts";
import { type DataType, type Dimension, encodeModel } from "../onnx/model.ts";
import type { HalfOptions } from "../onnx/node_precision.ts";
import {
  type Architecture,
  type Design,
  type Layout,
  layoutOf,
  type WeightSpec,
} from "../design.ts";
import { lengthOf, totalLength } from "../weights.ts";
import { type LossName, lossOf, type LossOptions } from "./losses.ts";
import { createOptimiser, type OptimiserSettings } from "./optimisers.ts";

/** What a training or validation graph is made for. */
export interface GraphOptions {
  readonly design: Design;
  readonly architecture: Architecture;
  /** Images per batch; free where it is a name. */
  readonly batch: Dimension;
  /** Edge of the square images, pixels. */
  readonly size: number;
  readonly normalisation: Normalisation;
  /** Summands of the loss; cross-entropy by default. */
  readonly losses?: readonly LossName[];
  /** Weight of each class in the loss; 1 each by default. */
  readonly classWeights?: readonly number[];
  /** Element type of the images; bytes by default. */
  readonly pixels?: DataType;
  /** Computes in mixed precision; absent, all is float32. */
  readonly half?: HalfOptions | undefined;
}

/** What a training graph is made for besides. */
export interface TrainingGraphOptions extends GraphOptions {
  readonly batch: number;
  /** Adam by default. */
  readonly optimiser?: OptimiserSettings;
}

/** The optimiser where none is chosen. */
export const PLAIN_ADAM: OptimiserSettings = { name: "adam", weightDecay: 0, momentum: 0 };

/** Weight of the newest batch in the running statistics. */
export const MOMENTUM = 0.1;
/** The version of ONNX's operators that brought axes as inputs to every reduction. */
const TRAINING_OPSET = 18;

/**
 * Builds one training step. Inputs: "image" [batch, bands, size, size], "label" uint8 [batch, size, size],
 * "parameters", "statistics" and the optimiser's memory (flat float32), and the optimiser's scalars.
 * Outputs: "loss" and the vectors of the next step, named "next.parameters" and so on; "logits" and
 * "gradients" for those who ask. In mixed precision the input "lossScale" multiplies what goes backwards, so that
 * it does not vanish, and is taken out of the gradients again; "gradientSquares", their sum of squares, is no finite
 * number where one of them has overflowed.
 */
export function trainingGraph(options: TrainingGraphOptions): Uint8Array {
  const { design, architecture, optimiser = PLAIN_ADAM, half } = options;
  const graph = new Graph();
  const scale = half && graph.input("lossScale", "float32", []);
  const layout = layoutOf(design, architecture);
  const { image, label } = batchInputs(graph, options);
  const weights = weightInputs(graph, layout);
  const tape = new Tape();
  const learned = new Map<string, Tensor>();
  const observed: Tensor[] = [];
  const network: Network = {
    graph,
    parameter: (name) => {
      const parameter = weights.named.get(name)!;
      tape.watch(parameter);
      learned.set(name, parameter);
      return parameter;
    },
    statistic: (name) => weights.named.get(name)!,
    learning: { tape, observe: (statistic) => observed.push(statistic) },
  };
  const logits = design.build(network, image, architecture);
  const lossTape = new Tape();
  const loss = lossOf(logits, label, { ...lossOptions(options), tape: lossTape });
  const slope = lossTape.gradientOf(logits);
  tape.accumulate(logits, scale === undefined ? slope : multiply(slope, scale));
  tape.backward();
  const scaled = flat(layout.parameters.map(({ name }) => tape.gradientOf(learned.get(name)!)));
  const gradients = scale === undefined ? scaled : divide(scaled, scale);
  const running = add(
    multiply(weights.statistics, 1 - MOMENTUM),
    multiply(flat(observed), MOMENTUM),
  );
  const next = optimised(weights.parameters, gradients, optimiser);
  for (const [name, tensor] of Object.entries({ ...next, statistics: running })) {
    graph.output(`next.${name}`, tensor);
  }
  graph.output("loss", divide(loss.total, loss.weight));
  graph.output("logits", logits);
  graph.output("gradients", gradients);
  if (scale !== undefined) {
    graph.output("gradientSquares", sum(multiply(gradients, gradients), [0]));
  }
  return encoded(graph, options);
}

/**
 * Builds the validation of one batch. Inputs: "image", "label", "parameters", "statistics" as in
 * training. Outputs: "lossTotal" and "lossWeight", whose quotient over all batches is the loss,
 * "predicted" uint8 [batch, size, size], and "logits".
 */
export function validationGraph(options: GraphOptions): Uint8Array {
  const { design, architecture, batch, size } = options;
  const graph = new Graph();
  const { image, label } = batchInputs(graph, options);
  const weights = weightInputs(graph, layoutOf(design, architecture));
  const named = (name: string): Tensor => weights.named.get(name)!;
  const network = { graph, parameter: named, statistic: named };
  const logits = design.build(network, image, architecture);
  const loss = lossOf(logits, label, lossOptions(options));
  const greatest = graph.node("ArgMax", [logits], {
    shape: [batch, size, size],
    type: "int64",
    attributes: { axis: 1, keepdims: 0 },
  });
  graph.output("lossTotal", loss.total);
  graph.output("lossWeight", loss.weight);
  graph.output("predicted", cast(greatest, "uint8"));
  graph.output("logits", logits);
  return encoded(graph, options);
}

function encoded(graph: Graph, { half }: GraphOptions): Uint8Array {
  const model = graph.model(TRAINING_OPSET);
  return encodeModel(half === undefined ? model : inHalfPrecision(model, half));
}

function batchInputs(
  graph: Graph,
  options: GraphOptions,
): { readonly image: Tensor; readonly label: Tensor } {
  const { architecture, batch, size, normalisation, pixels = "uint8" } = options;
  const image = graph.input("image", pixels, [batch, architecture.bands, size, size]);
  const label = graph.input("label", "uint8", [batch, size, size]);
  return { image: normalised(cast(image, "float32"), normalisation), label };
}

interface WeightInputs {
  readonly parameters: Tensor;
  readonly statistics: Tensor;
  readonly named: ReadonlyMap<string, Tensor>;
}

/** Declares the flat vectors and cuts them into the weights that they hold. */
function weightInputs(graph: Graph, layout: Layout): WeightInputs {
  const declare = (name: string, specs: readonly WeightSpec[]): Tensor =>
    graph.input(name, "float32", [totalLength(specs)]);
  const parameters = declare("parameters", layout.parameters);
  const statistics = declare("statistics", layout.statistics);
  const cut = (vector: Tensor, specs: readonly WeightSpec[]): [string, Tensor][] => {
    const parts = split(vector, 0, specs.map(lengthOf));
    return specs.map(({ name, shape }, index) => [name, reshape(parts[index]!, shape)]);
  };
  const named = new Map([
    ...cut(parameters, layout.parameters),
    ...cut(statistics, layout.statistics),
  ]);
  return { parameters, statistics, named };
}

/** Declares the optimiser's inputs and adds its step; gives the next parameters and memory. */
function optimised(
  parameters: Tensor,
  gradients: Tensor,
  settings: OptimiserSettings,
): Readonly<Record<string, Tensor>> {
  const { graph, shape } = parameters;
  const { memory, scalars, update } = createOptimiser(settings);
  const declare = (names: readonly string[], shape: readonly Dimension[]): Record<string, Tensor> =>
    Object.fromEntries(names.map((name) => [name, graph.input(name, "float32", shape)]));
  return update({
    state: { parameters, ...declare(memory, shape) },
    gradients,
    scalars: declare(Object.keys(scalars(0, 1)), []),
  });
}

function flat(tensors: readonly Tensor[]): Tensor {
  return concatenate(tensors.map((tensor) => reshape(tensor, [elementCount(tensor)])), 0);
}

function lossOptions({ architecture, losses, classWeights }: GraphOptions): LossOptions {
  return {
    losses: losses ?? ["cross-entropy"],
    classWeights: classWeights ?? new Array<number>(architecture.classes).fill(1),
  };
}
