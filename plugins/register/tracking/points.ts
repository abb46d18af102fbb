// Points of curves as batches for a server.
import type { Event } from "../../../engine/mod.ts";
import type { MlflowClient } from "../mlflow/client.ts";
import { mlflowName } from "../mlflow/names.ts";
import { logMetrics, type Metric, type MlflowRun } from "../mlflow/runs.ts";

/** The points at the head of a list of events, as many as go into one request. */
export interface Points {
  /** How many events they are. */
  readonly count: number;
  readonly byStep: ReadonlyMap<string, readonly Metric[]>;
}

const mostPoints = 900;

/** Takes the points at the head of a list; none where it begins with another event. */
export function leadingPoints(events: readonly Event[]): Points {
  const byStep = new Map<string, Metric[]>();
  let count = 0;
  for (const event of events) {
    if (event.type !== "step-metric" || count === mostPoints) break;
    count++;
    const { step, name, value, at, timeMs } = event;
    const point = { key: mlflowName(name), value, step: Math.trunc(at), timestampMs: timeMs };
    byStep.set(step, [...byStep.get(step) ?? [], point]);
  }
  return { count, byStep };
}

/** Tells points, each step's together. */
export async function tellPoints(
  client: MlflowClient,
  { byStep }: Points,
  runOf: (step: string) => MlflowRun | undefined,
): Promise<void> {
  for (const [step, points] of byStep) {
    const run = runOf(step);
    if (run !== undefined) await logMetrics(client, run, points);
  }
}
