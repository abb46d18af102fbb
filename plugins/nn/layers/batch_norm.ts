// Batch normalisation followed by ReLU, with gradients; epsilon, momentum and variances as in PyTorch.
import type { Tensor } from "../graph/graph.ts";
import {
  add,
  elementCount,
  isGreater,
  lengths,
  masked,
  maximum,
  mean,
  multiply,
  productWithTransposed,
  reciprocal,
  reshape,
  squareRoot,
  subtract,
  sum,
} from "../graph/operators.ts";
import type { Network } from "./network.ts";

const EPSILON = 1e-5;
const ALL_BUT_CHANNELS = [0, 2, 3];

/** Mean and variance per channel, [channels]. */
interface Moments {
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/** Normalises each channel of [n, c, h, w], scales and shifts it, and cuts off below zero. */
export function batchNormRelu(network: Network, x: Tensor, name: string): Tensor {
  const channels = Number(x.shape[1]);
  const scale = network.parameter(`${name}.weight`, [channels]);
  const shift = network.parameter(`${name}.bias`, [channels]);
  const running = {
    mean: network.statistic(`${name}.running_mean`, channels),
    variance: network.statistic(`${name}.running_var`, channels),
  };
  const { learning } = network;
  const moments = learning === undefined ? running : batchMoments(x);
  const y = affine(x, { scale, shift, ...moments, epsilon: EPSILON });
  const output = x.graph.node("Relu", [y], { shape: x.shape });
  if (learning === undefined) return output;

  const count = elementCount(x) / channels;
  learning.observe(moments.mean);
  learning.observe(multiply(moments.variance, count / (count - 1)));
  learning.tape.record(output, (gradient) => {
    const dy = masked(gradient, isGreater(output, 0));
    const way = wayBack({ x, dy, scale, moments });
    return [[x, way.input], [scale, () => way.scale], [shift, () => way.shift]];
  });
  return output;
}

function batchMoments(x: Tensor): Moments {
  const count = elementCount(x) / Number(x.shape[1]);
  const average = mean(x, ALL_BUT_CHANNELS);
  const square = multiply(sumOfProducts(x, x), 1 / count);
  // E[x²] - E[x]² needs one pass less than E[(x - E[x])²]; rounding may bring it below zero.
  const variance = maximum(subtract(square, multiply(average, average)), 0);
  return { mean: average, variance };
}

/**
 * With x̂ = (x - mean) / deviation: the gradient of scale is Σ dy·x̂, that of shift Σ dy, and that of x
 * is scale / deviation · (dy - mean(dy) - x̂ · mean(dy·x̂)), computed as dy·a + x·b + c per channel.
 */
function wayBack(
  forward: {
    readonly x: Tensor;
    readonly dy: Tensor;
    readonly scale: Tensor;
    readonly moments: Moments;
  },
): { readonly input: () => Tensor; readonly scale: Tensor; readonly shift: Tensor } {
  const { x, dy, scale, moments } = forward;
  const channels = Number(x.shape[1]);
  const count = elementCount(x) / channels;
  const inverse = reciprocal(squareRoot(add(moments.variance, EPSILON)));
  const shiftGradient = sum(dy, ALL_BUT_CHANNELS);
  const centred = subtract(
    sumOfProducts(dy, x),
    multiply(moments.mean, shiftGradient),
  );
  const scaleGradient = multiply(inverse, centred);
  const input = (): Tensor => {
    const a = multiply(scale, inverse);
    const b = multiply(multiply(multiply(a, inverse), scaleGradient), -1 / count);
    const c = multiply(multiply(a, shiftGradient), -1 / count);
    const line = affine(x, {
      scale: b,
      shift: c,
      mean: moments.mean,
      ...unitVariance(x, channels),
    });
    return add(multiply(dy, reshape(a, [1, channels, 1, 1])), line);
  };
  return { input, scale: scaleGradient, shift: shiftGradient };
}

function unitVariance(
  x: Tensor,
  channels: number,
): { readonly variance: Tensor; readonly epsilon: number } {
  return { variance: x.graph.floats(new Array<number>(channels).fill(1)), epsilon: 0 };
}

/** Σ a·b per channel, [channels]; a matrix product does it without an array of all products. */
function sumOfProducts(a: Tensor, b: Tensor): Tensor {
  const [count, channels, height, width] = lengths(a) as [number, number, number, number];
  const rows = [count * channels, 1, height * width];
  const products = productWithTransposed(reshape(a, rows), reshape(b, rows));
  return sum(reshape(products, [count, channels]), [0]);
}

/** Computes (x - mean) / √(variance + epsilon) · scale + shift per channel. */
function affine(
  x: Tensor,
  options: Moments & { readonly scale: Tensor; readonly shift: Tensor; readonly epsilon: number },
): Tensor {
  const { scale, shift, mean, variance, epsilon } = options;
  return x.graph.node("BatchNormalization", [x, scale, shift, mean, variance], {
    shape: x.shape,
    attributes: { epsilon: { float: epsilon } },
  });
}
