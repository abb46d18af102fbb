// The life of a step: hash what it depends on → look up, here and in a remote store → lease → lock → run →
// check → store → tell. Every outcome is one function.
import type { ActionRecord } from "../cache/action_record.ts";
import { saveAction } from "../cache/actions.ts";
import { crashPoint } from "../cache/crash_points.ts";
import { withLock } from "../cache/disk/locks.ts";
import { ModuleGraphError } from "../cache/recipe/plugin_code.ts";
import { type Digest, hexOf } from "../cache/content/digest.ts";
import { UnfitForTreeError } from "../cache/content/tree.ts";
import { diskProblemOf } from "../diagnostics/disk_problem.ts";
import type { GraphStep } from "../graph/graph.ts";
import type { Ending } from "../schedule/plan.ts";
import type { Lease } from "../schedule/capacity.ts";
import type { Request } from "../schedule/resources.ts";
import { StopStarting } from "../schedule/scheduler.ts";
import { basisOf } from "./reuse/basis.ts";
import type { CodePlace } from "./process/denial.ts";
import { performWork, type Work } from "./work/perform_work.ts";
import { changedSince, type Prepared, prepareMaterial } from "./reuse/material.ts";
import { leaseInEvent, needOf } from "./need.ts";
import { lookAgain, lookUp, takeReused, type Verdict, whyNotReused } from "./reuse/reuse.ts";
import type { RunContext } from "./run_context.ts";
import { WorkFailure } from "./work/work_failure.ts";

/** Brings one step to its end, whatever that is; never rejects. `mayStart` aborts with StopStarting. */
export async function runStep(
  context: RunContext,
  step: GraphStep,
  mayStart: AbortSignal,
): Promise<Ending> {
  const startedAtMs = Date.now();
  try {
    const prepared = await prepareMaterial(context, step);
    const { fingerprint } = prepared;
    const verdict = await useIfFound(context, step, prepared, lookUp);
    if ("record" in verdict) return "succeeded";
    if (await reuseIfShared(context, step, { fingerprint, mayStart })) return "succeeded";
    return await make(context, step, { prepared, reason: verdict.reason, mayStart });
  } catch (error) {
    if (error instanceof StopStarting) return stopBeforeStart(context, step, error);
    if (error === context.signal.reason) return cancel(context, step);
    return fail(context, step, { error, durationMs: Date.now() - startedAtMs, lastLines: [] });
  }
}

/**
 * Makes a result while nobody else makes it. The lease comes first: of all the steps that wait for one, none
 * holds a lock, which is an open file. While another run makes the result, the lease is given back.
 */
async function make(
  context: RunContext,
  step: GraphStep,
  { prepared, reason, mayStart }: {
    readonly prepared: Prepared;
    readonly reason: string;
    readonly mayStart: AbortSignal;
  },
): Promise<Ending> {
  const { pool, store } = context;
  const lock = `${store.folder}/locks/${hexOf(prepared.fingerprint)}`;
  const request = requestOf(context, step);
  let lease: Lease | undefined = await pool.acquire(request, mayStart);
  const giveBack = (): void => {
    if (lease !== undefined) pool.release(lease);
    lease = undefined;
  };
  let ending: Ending = "failed";
  try {
    ending = await withLock(lock, { signal: mayStart, onWait: giveBack }, async () => {
      const found = await useIfFound(context, step, prepared, lookAgain);
      if (found !== undefined) return "succeeded";
      lease ??= await pool.acquire(request, mayStart);
      return await run(context, step, { prepared, reason, lease });
    });
    return ending;
  } finally {
    // Where nothing may start after a failure, nobody gets the lease before they hear of it.
    if (ending !== "failed" || context.keepGoing) giveBack();
  }
}

function requestOf(context: RunContext, step: GraphStep): Request {
  return {
    need: needOf(step, context.pool.capacity, context.lastResults.recall(step.name)),
    priority: context.priorities.get(step.name) ?? 0,
    expectedMs: context.expectedMs.get(step.name),
  };
}

/** Looks for a stored result and uses it before anything can be deleted from the store. */
async function useIfFound<T extends Verdict | undefined>(
  context: RunContext,
  step: GraphStep,
  prepared: Prepared,
  look: (context: RunContext, step: GraphStep, prepared: Prepared) => Promise<T>,
): Promise<T> {
  return await context.store.access.share(async () => {
    const found = await look(context, step, prepared);
    if (found !== undefined && "record" in found) {
      const basis = basisOf(context, step, prepared);
      context.emit(takeReused(context, step, { ...found, basis }));
    }
    return found;
  });
}

/** Brings a result from the remote store, if there is one, and uses it. */
async function reuseIfShared(
  context: RunContext,
  step: GraphStep,
  wanted: { readonly fingerprint: Digest; readonly mayStart: AbortSignal },
): Promise<boolean> {
  const { shared, store } = context;
  if (shared === undefined || whyNotReused(context, step) !== undefined) return false;
  return await store.access.share(async () => {
    const found = await shared.fetch(step.name, wanted.fingerprint, wanted.mayStart);
    if (found === undefined) return false;
    const { record, ...origin } = found;
    context.emit(takeReused(context, step, { record, origin }));
    return true;
  });
}

interface Attempt {
  readonly prepared: Prepared;
  readonly reason: string;
  readonly lease: Lease;
}

/** The step does its work. */
async function run(context: RunContext, step: GraphStep, attempt: Attempt): Promise<Ending> {
  const { prepared, reason, lease } = attempt;
  const { fingerprint } = prepared;
  context.emit({
    type: "step-started",
    step: step.name,
    fingerprint,
    reason,
    ...leaseInEvent(lease),
  });
  const startedAtMs = Date.now();
  try {
    const ending = await performWork(context, step, {
      prepared,
      lease,
      keep: (work) => keep(context, step, { prepared, work, durationMs: Date.now() - startedAtMs }),
    });
    return ending === "cancelled" ? cancel(context, step) : ending;
  } catch (error) {
    if (error === context.signal.reason) return cancel(context, step);
    const lastLines = error instanceof WorkFailure ? error.lastLines : [];
    return fail(context, step, { error, durationMs: Date.now() - startedAtMs, lastLines });
  }
}

/** The step's outputs are stored; they may be reused only if nothing moved under the step. */
async function keep(
  context: RunContext,
  step: GraphStep,
  done: { readonly prepared: Prepared; readonly work: Work; readonly durationMs: number },
): Promise<Ending> {
  const { prepared, work, durationMs } = done;
  const { fingerprint } = prepared;
  const { resumedFrom, peakMemoryBytes } = work;
  const resumed = resumedFrom === undefined ? {} : { resumedFrom };
  const peak = peakMemoryBytes === undefined ? {} : { peakMemoryBytes };
  const changed = work.changedInput ?? await changedSince(context, prepared);
  if (changed === undefined) {
    const material = await context.store.putBlob(JSON.stringify(prepared.material));
    const record: ActionRecord = {
      fingerprint,
      material,
      outputs: work.outputs,
      effects: work.effects,
      run: context.run.id,
      step: step.name,
      finishedAtMs: Date.now(),
      durationMs,
      sizeBytes: work.sizeBytes,
      ...peak,
      ...resumed,
    };
    saveAction(context.store, record);
    context.shared?.offer(record);
    context.lastResults.remember(step.name, { fingerprint, durationMs, ...peak });
    crashPoint("result-remembered");
  } else {
    context.tainted.set(step.name, changed);
  }
  context.outputs.set(step.name, work.outputs);
  context.emit({
    type: "step-finished",
    step: step.name,
    fingerprint,
    durationMs,
    outputs: work.outputs,
    sizeBytes: work.sizeBytes,
    ...peak,
    ...resumed,
    ...(changed === undefined
      ? {}
      : { unreusable: `"${changed}" changed while the step was running` }),
  });
  crashPoint("result-told");
  return "succeeded";
}

function stopBeforeStart(context: RunContext, step: GraphStep, reason: StopStarting): Ending {
  reportNotStarted(context, step.name, reason);
  return "cancelled";
}

/** Tells that a step will not start. */
export function reportNotStarted(context: RunContext, step: string, reason: StopStarting): void {
  const { because } = reason;
  context.emit(
    because === undefined
      ? { type: "step-cancelled", step }
      : { type: "step-skipped", step, because },
  );
}

function cancel(context: RunContext, step: GraphStep): Ending {
  context.emit({ type: "step-cancelled", step: step.name });
  return "cancelled";
}

function fail(
  context: RunContext,
  step: GraphStep,
  failure: {
    readonly error: unknown;
    readonly durationMs: number;
    readonly lastLines: readonly string[];
  },
): Ending {
  const { message, hint, stack, reachedAt } = wordsOf(failure.error);
  const { peakMemoryBytes } = failure.error instanceof WorkFailure ? failure.error : {};
  context.emit({
    type: "step-failed",
    step: step.name,
    plugin: step.plugin.name,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(stack === undefined ? {} : { stack }),
    durationMs: failure.durationMs,
    ...(peakMemoryBytes === undefined ? {} : { peakMemoryBytes }),
    // A step that said nothing has no log.
    ...(failure.lastLines.length > 0 ? { logPath: context.run.logPath(step.name) } : {}),
    lastLines: failure.lastLines,
    ...(reachedAt === undefined ? {} : { reachedAt }),
  });
  return "failed";
}

function wordsOf(error: unknown): {
  readonly message: string;
  readonly hint?: string | undefined;
  readonly stack?: string | undefined;
  readonly reachedAt?: CodePlace | undefined;
} {
  if (error instanceof WorkFailure) {
    const { message, hint, pluginStack: stack, reachedAt } = error;
    return { message, hint, stack, reachedAt };
  }
  if (error instanceof UnfitForTreeError) {
    const hint = "Inputs and outputs are made of ordinary files and folders";
    return { message: error.message, hint };
  }
  if (error instanceof ModuleGraphError) return { message: error.message };
  if (error instanceof Deno.errors.NotFound) return { message: error.message };
  if (!(error instanceof Error)) return { message: String(error) };
  return diskProblemOf(error) ?? { message: error.message, stack: error.stack };
}
