// The life of a step: take part? → hash what it depends on → look up, here and in a remote store → lease →
// lock → run → check → store → tell. Every outcome is one function.
import type { ActionRecord } from "../../cache/action_record.ts";
import { saveAction } from "../../cache/actions.ts";
import { crashPoint } from "../../cache/crash_points.ts";
import { withLock } from "../../cache/disk/locks.ts";
import { type Digest, hexOf } from "../../cache/content/digest.ts";
import type { GraphStep } from "../../graph/graph.ts";
import type { Lease } from "../../schedule/capacity.ts";
import type { Ending } from "../../schedule/plan.ts";
import type { Request } from "../../schedule/resources.ts";
import { StopStarting } from "../../schedule/scheduler.ts";
import { basisOf } from "../reuse/basis.ts";
import { cancel, fail, type Failure, reportNotStarted, skip, wordsOf } from "./endings.ts";
import { performWork, type Work } from "../work/perform_work.ts";
import { changedSince, type Prepared, prepareMaterial } from "../reuse/material.ts";
import { leaseInEvent, needOf } from "../need.ts";
import { partOf } from "../conditions/part_in_run.ts";
import { pause, waitAfter } from "./repetition.ts";
import { lookAgain, lookUp, takeReused, type Verdict, whyNotReused } from "../reuse/reuse.ts";
import type { RunContext } from "../run_context.ts";

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

/** Finds out what the step's result depends on, and takes one that is there or makes it. */
async function reuseOrMake(
  context: RunContext,
  step: GraphStep,
  mayStart: AbortSignal,
): Promise<Ending> {
  const prepared = await prepareMaterial(context, step);
  const { fingerprint } = prepared;
  const verdict = await useIfFound(context, step, prepared, lookUp);
  if ("record" in verdict) return "succeeded";
  if (await reuseIfShared(context, step, { fingerprint, mayStart })) return "succeeded";
  return await make(context, step, { prepared, reason: verdict.reason, mayStart });
}

interface Task {
  readonly prepared: Prepared;
  readonly reason: string;
  readonly mayStart: AbortSignal;
}

/**
 * Makes a result while nobody else makes it. The lease comes first: of all the steps that wait for one, none
 * holds a lock, which is an open file. While another run makes the result, the lease is given back.
 */
async function make(context: RunContext, step: GraphStep, task: Task): Promise<Ending> {
  const { pool, store } = context;
  const lock = `${store.folder}/locks/${hexOf(task.prepared.fingerprint)}`;
  const request = requestOf(context, step);
  let lease: Lease | undefined;
  const lend = async (): Promise<Lease> => lease ??= await pool.acquire(request, task.mayStart);
  const giveBack = (): void => {
    if (lease !== undefined) pool.release(lease);
    lease = undefined;
  };
  let ending: Ending = "failed";
  try {
    await lend();
    ending = await withLock(lock, { signal: task.mayStart, onWait: giveBack }, async () => {
      const found = await useIfFound(context, step, task.prepared, lookAgain);
      if (found !== undefined) return "succeeded";
      return await runUntilDone(context, step, { ...task, lend, giveBack });
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

/** A task whose lease can be given back and asked for again. */
interface LentTask extends Task {
  readonly lend: () => Promise<Lease>;
  readonly giveBack: () => void;
}

/** The step does its work, again as often as its `retry` says; between attempts it holds no lease. */
async function runUntilDone(
  context: RunContext,
  step: GraphStep,
  task: LentTask,
): Promise<Ending> {
  let end = await run(context, step, { ...task, attempt: 1 });
  for (let attempt = 2; typeof end === "object"; attempt++) {
    const failure = end;
    const delayMs = waitAfter(step.retry, failure.error, attempt - 1);
    if (delayMs === undefined || isOver(task.mayStart.reason)) return fail(context, step, failure);
    task.giveBack();
    tellRetry(context, step, { failure, delayMs });
    try {
      await pause(delayMs, task.mayStart);
      const attempts = (step.retry?.times ?? 0) + 1;
      const reason = `attempt ${attempt} of ${attempts}`;
      end = await run(context, step, { ...task, reason, attempt });
    } catch (error) {
      if (isOver(error)) return fail(context, step, failure);
      throw error;
    }
  }
  return end;
}

/** Another step failed, after which nothing starts any more: so a step stays at its own failure. */
function isOver(reason: unknown): boolean {
  return reason instanceof StopStarting && reason.because !== undefined;
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

/** One attempt. */
async function run(
  context: RunContext,
  step: GraphStep,
  { prepared, reason, attempt, lend }: LentTask & { readonly attempt: number },
): Promise<Ending | Failure> {
  const lease = await lend();
  const { fingerprint } = prepared;
  context.emit({
    type: "step-started",
    step: step.name,
    fingerprint,
    reason,
    ...leaseInEvent(lease),
    ...(attempt > 1 ? { attempt } : {}),
  });
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
