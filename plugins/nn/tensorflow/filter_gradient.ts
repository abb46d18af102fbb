// The kernel that TensorFlow.js lacks on WebAssembly, without which no convolution learns there.
import type { Conv2DBackpropFilterInputs, Tensor, Tensor4D } from "@tensorflow/tfjs";
import type { TensorFlow } from "./tensorflow.ts";

/** What the kernel is told of the convolution. */
interface Attributes {
  readonly strides: number | readonly [number, number];
  readonly pad: "same" | "valid" | number;
  readonly filterShape: readonly [number, number, number, number];
}

const KERNEL = "Conv2DBackpropFilter";

/** Registers the gradient of a convolution to its filter for WebAssembly; twice does no harm. */
export function registerFilterGradient(tf: TensorFlow): void {
  if (tf.getKernel(KERNEL, "wasm") !== undefined) return;
  tf.registerKernel({
    kernelName: KERNEL,
    backendName: "wasm",
    kernelFunc: ({ inputs, attrs }) => {
      const { x, dy } = inputs as unknown as Conv2DBackpropFilterInputs;
      return filterGradient(tf, [x as Tensor4D, dy as Tensor4D], attrs as unknown as Attributes);
    },
  });
}

/**
 * For x [n, h, w, in] and dy [n, h', w', out] the gradient of the filter [rows, columns, in, out]: tap (i, j) is the
 * product of x, moved by (i, j), with dy over all pixels.
 */
function filterGradient(
  tf: TensorFlow,
  [x, dy]: readonly [Tensor4D, Tensor4D],
  { strides, pad, filterShape }: Attributes,
): Tensor {
  const [rows, columns, into, out] = filterShape;
  const [down, along] = typeof strides === "number" ? [strides, strides] : strides;
  const [count, height, width] = dy.shape;
  return tf.tidy(() => {
    // As many zeros as make all taps fall inside, half of them before, as convolutions place them.
    const missing = (
      edge: number,
      length: number,
      step: number,
      taps: number,
    ): [number, number] => {
      const zeros = pad === "same" ? Math.max(0, (edge - 1) * step + taps - length) : 0;
      return [Math.floor(zeros / 2), zeros - Math.floor(zeros / 2)];
    };
    const padded = tf.pad(x, [
      [0, 0],
      missing(height, x.shape[1], down, rows),
      missing(width, x.shape[2], along, columns),
      [0, 0],
    ]);
    const pixels = count * height * width;
    const slopes = tf.reshape(dy, [pixels, out]);
    const taps: Tensor[] = [];
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const start: [number, number, number, number] = [0, row, column, 0];
        // Without steps a slice does the same, many times faster.
        const moved = down === 1 && along === 1
          ? tf.slice(padded, start, [count, height, width, into])
          : tf.stridedSlice(padded, start, [
            count,
            row + (height - 1) * down + 1,
            column + (width - 1) * along + 1,
            into,
          ], [1, down, along, 1]);
        taps.push(tf.matMul(tf.reshape(moved, [pixels, into]), slopes, true));
      }
    }
    return tf.reshape(tf.stack(taps), [rows, columns, into, out]);
  });
}
