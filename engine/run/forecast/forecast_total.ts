// What a forecast comes to over all steps.
import type { StepForecast } from "./forecast.ts";

/** Time and size of what some steps made last. */
export interface ForecastCost {
  readonly steps: number;
  readonly durationMs: number;
  readonly sizeBytes: number;
  /** Steps of which time or size is not known, so that the numbers are too low. */
  readonly unknown: number;
}

/** Costs by fate: those that are reused are what is saved. */
export type ForecastTotal = Readonly<Record<StepForecast["fate"], ForecastCost>>;

/** Adds up what steps took last. */
export function totalOf(forecasts: readonly StepForecast[]): ForecastTotal {
  const cost = (fate: StepForecast["fate"]): ForecastCost =>
    costOf(forecasts.filter((forecast) => forecast.fate === fate));
  return {
    reused: cost("reused"),
    runs: cost("runs"),
    unsure: cost("unsure"),
    skipped: cost("skipped"),
    fails: cost("fails"),
  };
}

function costOf(forecasts: readonly StepForecast[]): ForecastCost {
  let [durationMs, sizeBytes, unknown] = [0, 0, 0];
  for (const { lastDurationMs, lastSizeBytes } of forecasts) {
    durationMs += lastDurationMs ?? 0;
    sizeBytes += lastSizeBytes ?? 0;
    if (lastDurationMs === undefined || lastSizeBytes === undefined) unknown++;
  }
  return { steps: forecasts.length, durationMs, sizeBytes, unknown };
}
