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

  const count = valuesPerChannel(x);
  learning.observe(moments.mean);
  learning.observe(multiply(moments.variance, count / (count - 1)));
  learning.tape.record(output, (gradient) => {
    const dy = masked(gradient, isGreater(output, 0));
    const inverse = reciprocal(squareRoot(add(moments.variance, EPSILON)));
    const shiftGradient = sum(dy, ALL_BUT_CHANNELS);
    const centred = subtract(sumOfProducts(dy, x), multiply(moments.mean, shiftGradient));
    const scaleGradient = multiply(inverse, centred);
    return [
      [
        x,
        () =>
          inputGradient({
            x,
            dy,
            scale,
            mean: moments.mean,
            inverse,
            shiftGradient,
            scaleGradient,
          }),
      ],
      [scale, () => scaleGradient],
      [shift, () => shiftGradient],
    ];
  });
  return output;
}

function batchMoments(x: Tensor): Moments {
  const average = mean(x, ALL_BUT_CHANNELS);
  const square = multiply(sumOfProducts(x, x), 1 / valuesPerChannel(x));
  // E[x²] - E[x]² needs one pass less than E[(x - E[x])²]; rounding may bring it below zero.
  const variance = maximum(subtract(square, multiply(average, average)), 0);
  return { mean: average, variance };
}

/**
 * With x̂ = (x - mean) · inverse, the gradient of scale is Σ dy·x̂ and that of shift Σ dy; that of x is
 * scale · inverse · (dy - mean(dy) - x̂ · mean(dy·x̂)), computed per channel as a·dy + b·(x - mean) + c.
 */
function inputGradient(
  known: {
    readonly x: Tensor;
    readonly dy: Tensor;
    /** All others are [channels]. */
    readonly scale: Tensor;
    readonly mean: Tensor;
    readonly inverse: Tensor;
    readonly scaleGradient: Tensor;
    readonly shiftGradient: Tensor;
  },
): Tensor {
  const { x, dy, inverse } = known;
  const channels = Number(x.shape[1]);
  const share = -1 / valuesPerChannel(x);
  const a = multiply(known.scale, inverse);
  const b = multiply(multiply(multiply(a, inverse), known.scaleGradient), share);
  const c = multiply(multiply(a, known.shiftGradient), share);
  const variance = x.graph.floats(new Array<number>(channels).fill(1));
  const line = affine(x, { scale: b, shift: c, mean: known.mean, variance, epsilon: 0 });
  return add(multiply(dy, reshape(a, [1, channels, 1, 1])), line);
}

function valuesPerChannel(x: Tensor): number {
  return elementCount(x) / Number(x.shape[1]);
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
