// The life of a step: take part? → hash what it depends on → lock → look up, here and in a remote store → lease → run →
// check → store → tell. Every outcome is one function.
import type { ActionRecord } from "../cache/action_record.ts";
import { saveAction } from "../cache/actions.ts";
import { crashPoint } from "../cache/crash_points.ts";
import { withLockOr } from "../cache/disk/locks.ts";
import { type Digest, hexOf } from "../cache/content/digest.ts";
import type { GraphStep } from "../graph/graph.ts";
import type { Ending } from "../schedule/plan.ts";
import { StopStarting } from "../schedule/scheduler.ts";
import { basisOf } from "./reuse/basis.ts";
import { cancel, fail, type Failure, reportNotStarted, skip, wordsOf } from "./endings.ts";
import { performWork, type Work } from "./work/perform_work.ts";
import { changedSince, type Prepared, prepareMaterial } from "./reuse/material.ts";
import { needOf } from "./need.ts";
import { partOf } from "./part_in_run.ts";
import { pause, waitAfter } from "./repetition.ts";
import { lookUp, takeReused, type Verdict, whyNotReused } from "./reuse/reuse.ts";
import type { RunContext } from "./run_context.ts";

/** Brings one step to its end, whatever that is; never rejects. `mayStart` aborts with StopStarting. */
export async function runStep(
  context: RunContext,
  step: GraphStep,
  mayStart: AbortSignal,
): Promise<Ending> {
  const startedAtMs = Date.now();
  try {
    const part = await partOf(context, step);
    if ("skipped" in part) return skip(context, step.name, part.skipped);
    return await reuseOrMake(context, part.step, mayStart);
  } catch (error) {
    if (error instanceof StopStarting) {
      reportNotStarted(context, step.name, error);
      return "cancelled";
    }
    if (error === context.signal.reason) return cancel(context, step);
    return fail(context, step, { error, durationMs: Date.now() - startedAtMs, attempt: 1 });
  }
}

/** Finds out what the step's result depends on, and waits where another run is making just that. */
async function reuseOrMake(
  context: RunContext,
  step: GraphStep,
  mayStart: AbortSignal,
): Promise<Ending> {
  const prepared = await prepareMaterial(context, step);
  return await withLockOr(`${context.store.folder}/locks/${hexOf(prepared.fingerprint)}`, {
    signal: mayStart,
    work: () => reuseOrRun(context, step, { prepared, mayStart }),
    // Another run makes it at this moment; an older result does as well.
    whenBusy: async () => {
      const verdict = await reuseIfStored(context, step, prepared);
      return "record" in verdict ? "succeeded" : undefined;
    },
  });
}

/** Takes a result that is there, or makes one; nobody else makes it meanwhile. */
async function reuseOrRun(
  context: RunContext,
  step: GraphStep,
  { prepared, mayStart }: { readonly prepared: Prepared; readonly mayStart: AbortSignal },
): Promise<Ending> {
  const verdict = await reuseIfStored(context, step, prepared);
  if ("record" in verdict) return "succeeded";
  const { fingerprint } = prepared;
  if (await reuseIfShared(context, step, { fingerprint, mayStart })) return "succeeded";
  return await runUntilDone(context, step, { prepared, reason: verdict.reason, mayStart });
}

/** Looks for a stored result and uses it before anything can be deleted from the store. */
async function reuseIfStored(
  context: RunContext,
  step: GraphStep,
  prepared: Prepared,
): Promise<Verdict> {
  return await context.store.access.share(async () => {
    const verdict = await lookUp(context, step, prepared);
    if ("record" in verdict) {
      const basis = basisOf(context, step, prepared);
      context.emit(takeReused(context, step, { ...verdict, basis }));
    }
    return verdict;
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

interface Task {
  readonly prepared: Prepared;
  readonly reason: string;
  readonly mayStart: AbortSignal;
}

/** The step does its work, again as often as its `retry` says; between attempts it holds no lease. */
async function runUntilDone(context: RunContext, step: GraphStep, task: Task): Promise<Ending> {
  let end = await run(context, step, { ...task, attempt: 1 });
  for (let attempt = 2; typeof end === "object"; attempt++) {
    const failure = end;
    const delayMs = waitAfter(step.retry, failure.error, attempt - 1);
    if (delayMs === undefined) return fail(context, step, failure);
    tellRetry(context, step, { failure, delayMs });
    try {
      await pause(delayMs, task.mayStart);
      const attempts = (step.retry?.times ?? 0) + 1;
      const reason = `attempt ${attempt} of ${attempts}`;
      end = await run(context, step, { ...task, reason, attempt });
    } catch (error) {
      // Another step failed, after which nothing starts any more: so it stays at this failure.
      const isOver = error instanceof StopStarting && error.because !== undefined;
      if (isOver) return fail(context, step, failure);
      throw error;
    }
  }
  return end;
}

function tellRetry(
  context: RunContext,
  step: GraphStep,
  { failure, delayMs }: { readonly failure: Failure; readonly delayMs: number },
): void {
  const { error, durationMs, attempt } = failure;
  context.emit({
    type: "step-retrying",
    step: step.name,
    message: wordsOf(error).message,
    durationMs,
    attempt: attempt + 1,
    attempts: (step.retry?.times ?? 0) + 1,
    delayMs,
  });
}

/** One attempt, on a lease of its own. */
async function run(
  context: RunContext,
  step: GraphStep,
  { prepared, reason, mayStart, attempt }: Task & { readonly attempt: number },
): Promise<Ending | Failure> {
  const priority = context.priorities.get(step.name) ?? 0;
  const need = needOf(step, context.pool.capacity);
  const lease = await context.pool.acquire(need, priority, mayStart);
  const { fingerprint } = prepared;
  const again = attempt > 1 ? { attempt } : {};
  context.emit({ type: "step-started", step: step.name, fingerprint, reason, ...lease, ...again });
  const startedAtMs = Date.now();
  try {
    const ending = await performWork(context, step, {
      prepared,
      lease,
      heading: attempt > 1 ? `--- ${reason} ---` : undefined,
      keep: (work) => keep(context, step, { prepared, work, durationMs: Date.now() - startedAtMs }),
    });
    return ending === "cancelled" ? cancel(context, step) : ending;
  } catch (error) {
    if (error === context.signal.reason) return cancel(context, step);
    return { error, durationMs: Date.now() - startedAtMs, attempt };
  } finally {
    context.pool.release(lease);
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
  const resumed = work.resumedFrom === undefined ? {} : { resumedFrom: work.resumedFrom };
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
      ...resumed,
    };
    saveAction(context.store, record);
    context.shared?.offer(record);
    context.lastResults.remember(step.name, { fingerprint, durationMs });
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
    ...resumed,
    ...(changed === undefined
      ? {}
      : { unreusable: `"${changed}" changed while the step was running` }),
  });
  crashPoint("result-told");
  return "succeeded";
}
