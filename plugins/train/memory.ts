// How much memory training takes: what cannot fit is refused before the start, with a batch that does.
import { StepError } from "../../engine/plugin.ts";
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
const RUNTIME_BYTES = 180 * 2 ** 20;
/** Weights, Adam's moments (all twice), and gradients, 4 bytes each. */
const BYTES_PER_PARAMETER = 32;
/** Feature maps of the first width that live at once, 4 bytes per value; 28 to 36 were measured. */
const BYTES_PER_FEATURE = 36 * 4;

/** Estimates the peak of a training process, bytes; measured ones were up to a sixth below, 1 % above. */
function trainingBytes({ architecture, size, batch, parameters }: StepSize): number {
  return RUNTIME_BYTES + parameters * BYTES_PER_PARAMETER +
    batch * architecture.base * size ** 2 * BYTES_PER_FEATURE;
}

/**
 * Compares the estimate with the memory that there is. Throws StepError, with a batch that fits, where it exceeds what
 * the machine has; gives a warning where it exceeds what the step was granted.
 */
export function checkMemory(
  step: StepSize,
  memory: { readonly grantedBytes: number; readonly machineBytes: number },
): string | undefined {
  const { grantedBytes, machineBytes } = memory;
  const needed = trainingBytes(step);
  if (needed > machineBytes) {
    throw new StepError(
      `Training would take ${gibibytes(needed)}, this machine has ${gibibytes(machineBytes)}`,
      { hint: capitalised(wayToFit(step, machineBytes)) },
    );
  }
  if (needed <= grantedBytes) return undefined;
  return `Training may take ${gibibytes(needed)}, the step was granted ${
    gibibytes(grantedBytes)
  }: raise "memory" in its resources or ${wayToFit(step, grantedBytes)}`;
}

function wayToFit(step: StepSize, bytes: number): string {
  const fitting = Array.from({ length: step.batch }, (_, less) => step.batch - less)
    .find((batch) => trainingBytes({ ...step, batch }) <= bytes);
  return fitting === undefined
    ? 'lower "base" or prepare smaller tiles'
    : `set "batch" to ${fitting}`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
