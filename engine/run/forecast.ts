// What a run would do with each step, without running anything.
import type { ActionRecord } from "../cache/action_record.ts";
import { findAction } from "../cache/actions.ts";
import type { Difference } from "../cache/fingerprint.ts";
import type { GraphStep } from "../graph/graph.ts";
import { isMendable, type Prepared, prepareMaterial } from "./material.ts";
import { lookUp, whyNotReused } from "./reuse.ts";
import type { ReuseContext } from "./run_context.ts";

/** A step's expected fate and why, as the end of a sentence. */
export interface StepForecast {
  readonly step: string;
  /** "unsure": whether it runs depends on what a step before it will make. */
  readonly fate: "reused" | "runs" | "unsure" | "fails";
  readonly reason: string;
  /** What changed since its last result; empty where that is not the reason. */
  readonly differences: readonly Difference[];
  /** How long it took last time. */
  readonly lastDurationMs: number | undefined;
  /** How much it made last time. */
  readonly lastSizeBytes: number | undefined;
}

/** Forecasts every step in topological order. */
export async function forecast(context: ReuseContext): Promise<readonly StepForecast[]> {
  const forecasts: StepForecast[] = [];
  for (const step of context.graph.steps.values()) {
    const { cost, ...expectation } = await forecastStep(context, step);
    const { durationMs, sizeBytes } = cost ?? await lastCost(context, step);
    forecasts.push({
      step: step.name,
      ...expectation,
      lastDurationMs: durationMs,
      lastSizeBytes: sizeBytes,
    });
  }
  return forecasts;
}

interface Cost {
  readonly durationMs: number | undefined;
  readonly sizeBytes: number | undefined;
}

/** What the step's last result took, as far as it is still known. */
async function lastCost({ lastResults, store }: ReuseContext, step: GraphStep): Promise<Cost> {
  const last = lastResults.recall(step.name);
  const record = last === undefined ? undefined : await findAction(store, last.fingerprint);
  return { durationMs: last?.durationMs, sizeBytes: record?.sizeBytes };
}

type Expectation = Pick<StepForecast, "fate" | "reason" | "differences">;

async function forecastStep(
  context: ReuseContext,
  step: GraphStep,
): Promise<Expectation & { readonly cost?: Cost }> {
  const pending = [...new Set(step.inputs.map(({ from }) => from))].filter((from) =>
    !context.outputs.has(from)
  );
  if (pending.length > 0) {
    const names = pending.map((name) => `"${name}"`).join(" and ");
    return { fate: "unsure", reason: `it needs what ${names} will make`, differences: [] };
  }
  let prepared: Prepared;
  try {
    prepared = await prepareMaterial(context, step);
  } catch (error) {
    if (isMendable(error)) return { fate: "fails", reason: error.message, differences: [] };
    throw error;
  }
  const verdict = await lookUp(context, step, prepared);
  if ("record" in verdict) {
    return reused(context, step, {
      reason: `nothing that it depends on changed since run ${verdict.record.run}`,
      record: verdict.record,
    });
  }
  const canBeShared = whyNotReused(context, step) === undefined;
  const record = canBeShared
    ? await context.shared?.find(step.name, prepared.fingerprint)
    : undefined;
  if (record === undefined) return { fate: "runs", ...verdict };
  return reused(context, step, { reason: "the remote store has its result", record });
}

function reused(
  context: ReuseContext,
  step: GraphStep,
  { reason, record }: { readonly reason: string; readonly record: ActionRecord },
): Expectation & { readonly cost: Cost } {
  context.outputs.set(step.name, record.outputs);
  return { fate: "reused", reason, differences: [], cost: record };
}
