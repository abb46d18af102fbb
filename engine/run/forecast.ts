// What a run would do with each step, without running anything.
import type { GraphStep } from "../graph/graph.ts";
import { isMendable, type Prepared, prepareMaterial } from "./material.ts";
import { lookUp } from "./reuse.ts";
import type { ReuseContext } from "./run_context.ts";

/** A step's expected fate and why, as the end of a sentence. */
export interface StepForecast {
  readonly step: string;
  /** "unsure": whether it runs depends on what a step before it will make. */
  readonly fate: "reused" | "runs" | "unsure" | "fails";
  readonly reason: string;
  /** How long it took last time. */
  readonly lastDurationMs: number | undefined;
}

/** Forecasts every step in topological order. */
export async function forecast(context: ReuseContext): Promise<readonly StepForecast[]> {
  const forecasts: StepForecast[] = [];
  for (const step of context.graph.steps.values()) {
    const lastDurationMs = context.lastResults.recall(step.name)?.durationMs;
    forecasts.push({ step: step.name, lastDurationMs, ...await forecastStep(context, step) });
  }
  return forecasts;
}

async function forecastStep(
  context: ReuseContext,
  step: GraphStep,
): Promise<Pick<StepForecast, "fate" | "reason">> {
  const pending = [...new Set(step.inputs.map(({ from }) => from))].filter((from) =>
    !context.outputs.has(from)
  );
  if (pending.length > 0) {
    const names = pending.map((name) => `"${name}"`).join(" and ");
    return { fate: "unsure", reason: `it needs what ${names} will make` };
  }
  let prepared: Prepared;
  try {
    prepared = await prepareMaterial(context, step);
  } catch (error) {
    if (isMendable(error)) return { fate: "fails", reason: error.message };
    throw error;
  }
  const verdict = await lookUp(context, step, prepared);
  if ("reason" in verdict) return { fate: "runs", reason: verdict.reason };
  context.outputs.set(step.name, verdict.record.outputs);
  return {
    fate: "reused",
    reason: `nothing that it depends on changed since run ${verdict.record.run}`,
  };
}
