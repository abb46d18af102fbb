// What a run would do with each step, without running anything.
import type { ActionRecord } from "../../cache/action_record.ts";
import { furthestCheckpoint } from "../../cache/checkpoints.ts";
import type { Digest } from "../../cache/content/digest.ts";
import { type Difference, differences, sameFields } from "../../cache/recipe/fingerprint.ts";
import type { GraphStep } from "../../graph/graph.ts";
import { checkpointKey, startsAnew } from "../checkpoints/checkpoint_key.ts";
import { skipWords } from "../../events/skip_words.ts";
import { lastResult } from "../reuse/last_result.ts";
import { isMendable, type Prepared, prepareMaterial } from "../reuse/material.ts";
import { describeDifferences, lookUp, whyNotReused } from "../reuse/reuse.ts";
import { memoryOf } from "../need.ts";
import { knownPart } from "../conditions/known_part.ts";
import { partOf } from "../conditions/part_in_run.ts";
import { ConditionError } from "../conditions/read_value.ts";
import type { ReuseContext } from "../run_context.ts";

const MOST_NAMED = 3;

/** A step's expected fate and why, as the end of a sentence. */
export interface StepForecast {
  readonly step: string;
  /** "unsure": whether it runs depends on what a step before it will make. "fails": it or one before it. */
  readonly fate: "reused" | "runs" | "unsure" | "skipped" | "fails";
  readonly reason: string;
  /** What changed since its last result, as far as it is known now. */
  readonly differences: readonly Difference[];
  /** Fields that are as they were for its last result. */
  readonly same: readonly (readonly string[])[];
  /** Inputs that only the run itself will tell. */
  readonly pending: readonly string[];
  /** The run that made the last result; undefined where nothing is known of one. */
  readonly comparedWith: string | undefined;
  /** How long it took last time. */
  readonly lastDurationMs: number | undefined;
  /** How much it made last time. */
  readonly lastSizeBytes: number | undefined;
  /** The most memory that it was seen to take last time. */
  readonly lastPeakMemoryBytes: number | undefined;
  /** Memory that is kept for it, where that is known and the machine has so much. */
  readonly keptMemoryBytes: number | undefined;
}

/** Forecasts every step in topological order. */
export async function forecast(context: ReuseContext): Promise<readonly StepForecast[]> {
  const forecasts: StepForecast[] = [];
  const elsewhere = new Set<string>();
  const failing = new Set<string>();
  for (const step of context.graph.steps.values()) {
    const failed = step.dependsOn.find((name) => failing.has(name));
    const forecast = await forecastPart(context, step, elsewhere);
    const reason = `step "${failed}" will fail before it`;
    forecasts.push(failed === undefined ? forecast : { ...forecast, fate: "fails", reason });
    if (forecasts.at(-1)?.fate === "fails") failing.add(step.name);
  }
  return forecasts;
}

/**
 * Forecasts whether a step takes part, and then its fate. What steps have made that lies `elsewhere`, in a
 * remote store only, cannot be read yet.
 */
async function forecastPart(
  context: ReuseContext,
  step: GraphStep,
  elsewhere: Set<string>,
): Promise<StepForecast> {
  const reads = Object.values(step.condition?.reads ?? {});
  const part = reads.some(({ from }) => elsewhere.has(from))
    ? knownPart(context, step)
    : await partOf(context, step).catch(orProblem);
  if (part instanceof ConditionError) {
    return { ...await unlooked(context, step), fate: "fails", reason: part.message };
  }
  if ("skipped" in part) {
    context.skipped.set(step.name, part.skipped);
    return { ...await unlooked(context, step), fate: "skipped", reason: skipWords(part.skipped) };
  }
  const { undecided } = part;
  if (undecided === undefined) return await forecastStep(context, part.step, elsewhere);
  // What it would make is not there for those after it as long as it may be skipped.
  const aside = { ...context, outputs: new Map(context.outputs) };
  const forecast = await forecastStep(aside, part.step, elsewhere);
  if (forecast.fate === "fails") return forecast;
  return { ...forecast, fate: "unsure", reason: `it takes part only if ${undecided.text}` };
}

function orProblem(error: unknown): ConditionError {
  if (error instanceof ConditionError) return error;
  throw error;
}

/** What is told of a step that is not compared with its last result. */
async function unlooked(
  context: ReuseContext,
  step: GraphStep,
): Promise<Omit<StepForecast, "fate" | "reason">> {
  const cost = costOf(context, step, await lastResult(context, step.name));
  return { step: step.name, pending: [], ...NOTHING, ...cost, ...memoryFor(context, step) };
}

/** What the step took last time, and what is kept for it; undefined where it was short. */
function memoryFor(
  context: ReuseContext,
  step: GraphStep,
): Pick<StepForecast, "lastPeakMemoryBytes" | "keptMemoryBytes"> {
  const last = context.lastResults.recall(step.name);
  return last?.peakMemoryBytes === undefined
    ? { lastPeakMemoryBytes: undefined, keptMemoryBytes: undefined }
    : { lastPeakMemoryBytes: last.peakMemoryBytes, keptMemoryBytes: memoryOf(step, last) };
}

async function forecastStep(
  context: ReuseContext,
  step: GraphStep,
  elsewhere: Set<string>,
): Promise<StepForecast> {
  const pending = step.inputs.filter(({ from }) => !context.outputs.has(from));
  const known = {
    step: step.name,
    pending: pending.map(({ port }) => port),
    ...memoryFor(context, step),
  };
  let prepared: Prepared;
  try {
    prepared = await prepareMaterial(withPlaceholders(context, step, pending), step);
  } catch (error) {
    if (!isMendable(error)) throw error;
    const cost = costOf(context, step, await lastResult(context, step.name));
    return { ...known, ...NOTHING, ...cost, fate: "fails", reason: error.message };
  }
  const compared = await compare(context, step, { prepared, pending: known.pending });
  if (pending.length > 0) {
    const makers = namesOf(pending.map(({ from }) => from));
    const changes = describeDifferences(compared.differences);
    const reason = `it needs what ${makers} will make${changes === "" ? "" : `; ${changes}`}`;
    return { ...known, ...compared, fate: "unsure", reason };
  }
  const verdict = await lookUp(context, step, prepared);
  const shared = "record" in verdict ? undefined : await findShared(context, step, prepared);
  if ("reason" in verdict && shared === undefined) {
    const reason = verdict.reason + describeCheckpoint(context, step, prepared);
    return { ...known, ...compared, fate: "runs", reason };
  }
  const record = "record" in verdict ? verdict.record : shared!;
  if (shared !== undefined) elsewhere.add(step.name);
  context.outputs.set(step.name, record.outputs);
  const unchanged = `nothing that it depends on changed since run ${record.run}`;
  return {
    ...known,
    ...compared,
    fate: "reused",
    reason: shared === undefined ? unchanged : "the remote store has its result",
    lastDurationMs: record.durationMs,
    lastSizeBytes: record.sizeBytes,
  };
}

/** The record that the remote store has of a step, where one may take its place. */
async function findShared(
  context: ReuseContext,
  step: GraphStep,
  { fingerprint }: Prepared,
): Promise<ActionRecord | undefined> {
  return whyNotReused(context, step) === undefined
    ? await context.shared?.find(step.name, fingerprint)
    : undefined;
}

const NOTHING = { differences: [], same: [], comparedWith: undefined } as const;
type Compared = Omit<
  StepForecast,
  "step" | "fate" | "reason" | "pending" | "lastPeakMemoryBytes" | "keptMemoryBytes"
>;

/** Compares a step with its last result in all fields but the pending inputs. */
async function compare(
  context: ReuseContext,
  step: GraphStep,
  now: { readonly prepared: Prepared; readonly pending: readonly string[] },
): Promise<Compared> {
  const last = await lastResult(context, step.name);
  const cost = costOf(context, step, last);
  if (typeof last === "string") return { ...NOTHING, ...cost };
  const { material } = now.prepared;
  const isKnown = ([part, port = ""]: readonly string[]): boolean =>
    part !== "inputs" || !now.pending.includes(port);
  return {
    differences: differences(last.material, material).filter(({ field }) => isKnown(field)),
    same: sameFields(last.material, material).filter(isKnown),
    comparedWith: last.record.run,
    ...cost,
  };
}

/** What the step's last result took, as far as it is still known. */
function costOf(
  { lastResults }: ReuseContext,
  step: GraphStep,
  last: Awaited<ReturnType<typeof lastResult>>,
): Pick<StepForecast, "lastDurationMs" | "lastSizeBytes"> {
  return {
    lastDurationMs: lastResults.recall(step.name)?.durationMs,
    lastSizeBytes: typeof last === "string" ? undefined : last.record.sizeBytes,
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

/** Such as `"a" and "b" and 7 more`. */
function namesOf(steps: readonly string[]): string {
  const names = [...new Set(steps)].map((name) => `"${name}"`);
  const shown = names.slice(0, MOST_NAMED);
  if (names.length > shown.length) shown.push(`${names.length - shown.length} more`);
  return shown.join(" and ");
}

/** A context in which outputs that do not exist yet have a digest that nothing has. */
function withPlaceholders(
  context: ReuseContext,
  step: GraphStep,
  pending: GraphStep["inputs"],
): ReuseContext {
  if (pending.length === 0) return context;
  const outputs = new Map(
    step.inputs.map(({ from }) => [from, context.outputs.get(from) ?? {}] as const),
  );
  for (const { from, output } of pending) {
    outputs.set(from, { ...outputs.get(from), [output]: PLACEHOLDER });
  }
  return { ...context, outputs };
}

const PLACEHOLDER = `sha256:${"0".repeat(64)}` as Digest; // of the right shape
