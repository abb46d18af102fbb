// How the learning rate changes while training goes on.
import type { TrainOptions } from "./options.ts";

/** What decides the learning rate. */
export type ScheduleOptions = Pick<
  TrainOptions,
  "learning-rate" | "schedule" | "warmup" | "epochs"
>;

/** Gives the learning rate of a step, counted from 0 over all epochs. */
export function learningRateAt(
  step: number,
  stepsPerEpoch: number,
  options: ScheduleOptions,
): number {
  const full = options["learning-rate"];
  const rising = Math.round(options.warmup * stepsPerEpoch);
  if (step < rising) return full * (step + 1) / (rising + 1);
  if (options.schedule === "constant") return full;
  const fraction = (step - rising) / (options.epochs * stepsPerEpoch - rising);
  return full * (1 + Math.cos(Math.PI * fraction)) / 2;
}
