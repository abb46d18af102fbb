// How a step's end is told where it made nothing: it failed, was stopped, or will not start.
import { ModuleGraphError } from "../../cache/recipe/plugin_code.ts";
import { UnfitForTreeError } from "../../cache/content/tree.ts";
import { diskProblemOf } from "../../diagnostics/disk_problem.ts";
import type { SkipReason } from "../../events/event.ts";
import type { GraphStep } from "../../graph/graph.ts";
import type { Ending } from "../../schedule/plan.ts";
import type { StopStarting } from "../../schedule/scheduler.ts";
import type { CodePlace } from "../process/denial.ts";
import { ConditionError } from "../conditions/read_value.ts";
import type { RunContext } from "../run_context.ts";
import { WorkFailure } from "../work/work_failure.ts";

/** Tells that a step will not start. */
export function reportNotStarted(context: RunContext, step: string, reason: StopStarting): void {
  const { because } = reason;
  context.emit(
    because === undefined
      ? { type: "step-cancelled", step }
      : { type: "step-skipped", step, because },
  );
}

/** Tells that a step was stopped because the run was. */
export function cancel(context: RunContext, step: GraphStep): Ending {
  context.emit({ type: "step-cancelled", step: step.name });
  return "cancelled";
}

/** A step does not take part in the run; for those that wait for it that is a good end. */
export function skip(context: RunContext, step: string, reason: SkipReason): Ending {
  context.skipped.set(step, reason);
  context.emit({ type: "step-skipped", step, ...reason });
  return "succeeded";
}

/** A step's failure: of its last attempt where it had several. */
export interface Failure {
  readonly error: unknown;
  readonly durationMs: number;
  /** Which attempt it was, from 1 on. */
  readonly attempt: number;
}

/** Tells of a step's failure. */
export function fail(context: RunContext, step: GraphStep, failure: Failure): Ending {
  const { error, durationMs, attempt } = failure;
  const lastLines = error instanceof WorkFailure ? error.lastLines : [];
  const { message, hint, stack, reachedAt } = wordsOf(error);
  const { peakMemoryBytes } = error instanceof WorkFailure ? error : {};
  context.emit({
    type: "step-failed",
    step: step.name,
    plugin: step.plugin.name,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(stack === undefined ? {} : { stack }),
    durationMs,
    ...(peakMemoryBytes === undefined ? {} : { peakMemoryBytes }),
    ...(attempt > 1 ? { attempts: attempt } : {}),
    ...(error instanceof ConditionError ? { part: "if" } : {}),
    // A step that said nothing has no log.
    ...(lastLines.length > 0 ? { logPath: context.run.logPath(step.name) } : {}),
    lastLines,
    ...(reachedAt === undefined ? {} : { reachedAt }),
  });
  return "failed";
}

/** A failure in words for people. */
export function wordsOf(error: unknown): {
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
  if (error instanceof ConditionError) return { message: error.message, hint: error.hint };
  if (error instanceof ModuleGraphError) return { message: error.message };
  if (error instanceof Deno.errors.NotFound) return { message: error.message };
  if (!(error instanceof Error)) return { message: String(error) };
  return diskProblemOf(error) ?? { message: error.message, stack: error.stack };
}
