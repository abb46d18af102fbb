// Whether and when a step that failed is tried again: pure but for the wait.
import type { Retry } from "../../workflow/workflow.ts";
import { WorkFailure } from "../work/work_failure.ts";

/** Time before the attempt after this one; undefined where there is none. */
export function waitAfter(
  retry: Retry | undefined,
  error: unknown,
  attempt: number,
): number | undefined {
  if (retry === undefined || attempt > retry.times) return undefined;
  if (!(error instanceof WorkFailure) || error.kind === undefined) return undefined;
  const { kind, exitCode } = error;
  const isMeant = retry.on.includes(kind) || exitCode !== undefined && retry.on.includes(exitCode);
  return isMeant ? Math.round(retry.delayMs * retry.factor ** (attempt - 1)) : undefined;
}

/** Waits; rejects with the signal's reason as soon as that is aborted. */
export async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, durationMs);
  const stop = (): void => reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}
