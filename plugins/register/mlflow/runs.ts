// Experiments and runs on an MLflow server: finding or making them, and logging into them.
import { StepError, z } from "../../../engine/plugin.ts";
import type { MlflowClient } from "./client.ts";

/** A named number; `/` in the name groups charts in MLflow's pages. */
export interface Metric {
  readonly key: string;
  readonly value: number;
}

/** A run that is being written. */
export interface MlflowRun {
  readonly experimentId: string;
  readonly runId: string;
  readonly artifactUri: string;
}

const nothing = z.looseObject({});
const limit = { metrics: 900, params: 100 };

/** Finds the experiment of a name, or makes it; safe when several do so at once. */
export async function experimentId(client: MlflowClient, name: string): Promise<string> {
  const tags = pairs({ "mlflow.experimentKind": "custom_model_development" });
  const created = await client.attempt(
    z.object({ experiment_id: z.string() }),
    ["POST", "mlflow/experiments/create"],
    { json: { name, tags } },
  );
  if ("body" in created) return created.body.experiment_id;
  if (created.refusal.code !== "RESOURCE_ALREADY_EXISTS") throw client.refused(created.refusal);
  const { experiment } = await client.call(
    z.object({
      experiment: z.object({ experiment_id: z.string(), lifecycle_stage: z.string().optional() }),
    }),
    ["GET", "mlflow/experiments/get-by-name"],
    { query: { experiment_name: name } },
  );
  if (experiment.lifecycle_stage !== "deleted") return experiment.experiment_id;
  throw new StepError(`The MLflow experiment "${name}" was deleted`, {
    hint: "Restore it on the server, or choose another one with the option `experiment`",
  });
}

/** Starts a run. */
export async function startRun(
  client: MlflowClient,
  experiment: string,
  { name, tags }: { readonly name: string; readonly tags: Readonly<Record<string, string>> },
): Promise<MlflowRun> {
  const reply = z.object({
    run: z.object({ info: z.object({ run_id: z.string(), artifact_uri: z.string() }) }),
  });
  const { run } = await client.call(reply, ["POST", "mlflow/runs/create"], {
    json: {
      experiment_id: experiment,
      run_name: name,
      start_time: Date.now(),
      tags: pairs({
        "mlflow.source.type": "LOCAL",
        "mlflow.source.name": "cairn register",
        ...tags,
      }),
    },
  });
  const { run_id: runId, artifact_uri: artifactUri } = run.info;
  return { experimentId: experiment, runId, artifactUri };
}

/** Ends a run. */
export async function endRun(
  client: MlflowClient,
  run: MlflowRun,
  status: "FINISHED" | "FAILED",
): Promise<void> {
  await client.call(nothing, ["POST", "mlflow/runs/update"], {
    json: { run_id: run.runId, status, end_time: Date.now() },
  });
}

/** Logs parameters of a run. */
export async function logParameters(
  client: MlflowClient,
  run: MlflowRun,
  parameters: Readonly<Record<string, string>>,
): Promise<void> {
  const params = pairs(parameters);
  for (let at = 0; at < params.length; at += limit.params) {
    await logBatch(client, run, { params: params.slice(at, at + limit.params) });
  }
}

/** Logs metrics of a run that describe one of its models. */
export async function logMetrics(
  client: MlflowClient,
  run: MlflowRun,
  { modelId, metrics }: { readonly modelId: string; readonly metrics: readonly Metric[] },
): Promise<void> {
  const timestamp = Date.now();
  const rows = metrics.map((metric) => ({ ...metric, timestamp, step: 0, model_id: modelId }));
  for (let at = 0; at < rows.length; at += limit.metrics) {
    await logBatch(client, run, { metrics: rows.slice(at, at + limit.metrics) });
  }
}

async function logBatch(client: MlflowClient, run: MlflowRun, batch: object): Promise<void> {
  await client.call(nothing, ["POST", "mlflow/runs/log-batch"], {
    json: { run_id: run.runId, ...batch },
  });
}

/** Spells a record as the protocol does. */
export function pairs(record: Readonly<Record<string, string>>): { key: string; value: string }[] {
  return Object.entries(record).map(([key, value]) => ({ key, value }));
}
