// What a run would do with each step, without running anything.
import { findAction } from "../cache/actions.ts";
import { furthestCheckpoint } from "../cache/checkpoints.ts";
import type { Difference } from "../cache/fingerprint.ts";
import type { GraphStep } from "../graph/graph.ts";
import { checkpointKey, startsAnew } from "./checkpoint_key.ts";
import { isMendable, type Prepared, prepareMaterial } from "./material.ts";
import { lookUp } from "./reuse.ts";
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
  if ("reason" in verdict) {
    const reason = verdict.reason + describeCheckpoint(context, step, prepared);
    return { ...verdict, fate: "runs", reason };
  }
  context.outputs.set(step.name, verdict.record.outputs);
  return {
    fate: "reused",
    reason: `nothing that it depends on changed since run ${verdict.record.run}`,
    differences: [],
    cost: verdict.record,
  };
}

/** What the step finds to go on from, as the end of a sentence; empty where there is nothing. */
function describeCheckpoint(
  context: ReuseContext,
  step: GraphStep,
  prepared: Prepared,
): string {
  if (startsAnew(context, step)) return "";
  const found = furthestCheckpoint(context.store, checkpointKey(step, prepared));
  return found === undefined ? "" : `; run ${found.run} left a checkpoint at ${found.at}`;
}
