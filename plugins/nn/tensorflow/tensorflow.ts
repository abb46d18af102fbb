// TensorFlow.js as a type: the library itself is large, and loaded only when it is asked for.
import type * as Core from "@tensorflow/tfjs";

/** The library's operators. */
export type TensorFlow = typeof Core;
