// What a plugin with a network of its own needs, imported as "cairn/nn": layers that know their gradients, and
// what to write a new one with.
export type { Architecture, Design } from "./design.ts";
export type { Graph, NodeOptions, Result, Tensor } from "./graph/graph.ts";
export type { Contribution, Entry, Tape } from "./graph/tape.ts";
export type { Attribute, DataType, Dimension, OnnxValue } from "./onnx/model.ts";
export type { Learning, Network } from "./layers/network.ts";
export { batchNormRelu } from "./layers/batch_norm.ts";
export { convolution1x1, convolution3x3 } from "./layers/convolution.ts";
export { addMaps, enlarge, joinChannels, maxPool } from "./layers/resolution.ts";
export { upConvolution } from "./layers/up_convolution.ts";
/** Operators on tensors, one for each of ONNX that the layers need; they record no gradients. */
export * as operators from "./graph/operators.ts";
