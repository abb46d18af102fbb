// How much memory training takes: says before the start when the lease is smaller.
import type { Architecture } from "../nn/design.ts";

/** What decides how much memory a training step takes. */
export interface StepSize {
  readonly architecture: Architecture;
  /** Edge of a tile, pixels. */
  readonly size: number;
  readonly batch: number;
  /** Number of learned weights. */
  readonly parameters: number;
}

/** Deno, ONNX Runtime and libvips with nothing to do. */
const RUNTIME_BYTES = 160 * 2 ** 20;
/** Weights, Adam's moments (all twice), and gradients, 4 bytes each. */
const BYTES_PER_PARAMETER = 32;
/** Feature maps of the first width that live at once, 4 bytes per value; 20 to 30 were measured. */
const BYTES_PER_FEATURE = 30 * 4;

/** Estimates the peak of a training process, bytes; measured ones were up to a tenth below. */
function trainingBytes({ architecture, size, batch, parameters }: StepSize): number {
  return RUNTIME_BYTES + parameters * BYTES_PER_PARAMETER +
    batch * architecture.base * size ** 2 * BYTES_PER_FEATURE;
}

/** Gives a warning where the estimate exceeds what the step was granted. */
export function memoryWarning(step: StepSize, grantedBytes: number): string | undefined {
  const needed = trainingBytes(step);
  if (needed <= grantedBytes) return undefined;
  const fitting = Array.from({ length: step.batch }, (_, less) => step.batch - less)
    .find((batch) => trainingBytes({ ...step, batch }) <= grantedBytes);
  const way = fitting === undefined ? "prepare smaller tiles" : `set "batch" to ${fitting}`;
  return `Training may take ${gibibytes(needed)}, the step was granted ${
    gibibytes(grantedBytes)
  }: ` +
    `raise "memory" in its resources or ${way}`;
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
