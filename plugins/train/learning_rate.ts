// How the learning rate changes while training goes on.
import type { TrainOptions } from "./options.ts";

/** Gives the learning rate after a fraction, in [0, 1], of all steps. */
export function learningRateAt(
  fraction: number,
  options: Pick<TrainOptions, "learning-rate" | "schedule">,
): number {
  const full = options["learning-rate"];
  return options.schedule === "constant" ? full : full * (1 + Math.cos(Math.PI * fraction)) / 2;
}
