// Experiments and runs on an MLflow server: finding or making them, and logging into them.
import { z } from "../../../engine/plugin.ts";
import { type MlflowClient, MlflowError } from "./client.ts";
import type { MlflowSettings } from "./settings.ts";

/** A named number at a step. */
export interface Metric {
  readonly key: string;
  readonly value: number;
  readonly timestampMs: number;
  readonly step: number;
  /** A logged model that the number describes. */
  readonly modelId?: string;
  /** The data that it was measured on. */
  readonly dataset?: Pick<Dataset, "name" | "digest">;
}

/** Tiles that a run used. */
export interface Dataset {
  readonly name: string;
  /** At most 36 characters. */
  readonly digest: string;
  /** Numbers that MLflow's page shows. */
  readonly profile: Readonly<Record<string, number>>;
}

/** A run that is being written. */
export interface MlflowRun {
  readonly experimentId: string;
  readonly runId: string;
  readonly artifactUri: string;
}

const nothing = z.looseObject({});
const runInfo = z.object({ run_id: z.string(), artifact_uri: z.string() });
const sourceTags = { "mlflow.source.type": "LOCAL", "mlflow.source.name": "cairn" };
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
  throw new MlflowError(`The MLflow experiment "${name}" was deleted`, "mend", {
    hint: "Restore it on the server, or choose another one with the option `experiment`",
  });
}

/** A run to be found or started. */
export interface NewRun {
  /** Tags that no other run has, unlike its name: they find it again. */
  readonly marks: Readonly<Record<string, string>>;
  readonly name: string;
  readonly startedAtMs: number;
  readonly tags: Readonly<Record<string, string>>;
  /** Whether a run that ended as failed is left as it is, and another one started. */
  readonly isNewAfterFailure?: boolean;
}

/** Starts a run, or finds the one that an earlier attempt started: also where that attempt never heard of it. */
export async function findOrStartRun(
  client: MlflowClient,
  experiment: string,
  { marks, name, startedAtMs, tags, isNewAfterFailure }: NewRun,
): Promise<MlflowRun> {
  const other = isNewAfterFailure ? ["attributes.status != 'FAILED'"] : [];
  const found = await findRun(client, experiment, marks, other);
  if (found !== undefined) return found;
  const { run } = await client.call(
    z.object({ run: z.object({ info: runInfo }) }),
    ["POST", "mlflow/runs/create"],
    {
      json: {
        experiment_id: experiment,
        run_name: name,
        start_time: startedAtMs,
        tags: pairs({ ...sourceTags, ...tags, ...marks }),
      },
    },
  );
  return runOf(experiment, run.info);
}

/** Finds the run that has all of these tags, and that all other conditions hold for. */
export async function findRun(
  client: MlflowClient,
  experiment: string,
  tags: Readonly<Record<string, string>>,
  conditions: readonly string[] = [],
): Promise<MlflowRun | undefined> {
  const filter = [
    ...Object.entries(tags).map(([key, value]) => `tags.\`${key}\` = '${quotable(value)}'`),
    ...conditions,
  ].join(" AND ");
  const { runs: [found] } = await client.call(
    z.object({ runs: z.array(z.object({ info: runInfo })).default([]) }),
    ["POST", "mlflow/runs/search"],
    { json: { experiment_ids: [experiment], max_results: 1, filter } },
  );
  return found && runOf(experiment, found.info);
}

function runOf(experimentId: string, info: z.output<typeof runInfo>): MlflowRun {
  return { experimentId, runId: info.run_id, artifactUri: info.artifact_uri };
}

/** A value as a filter can hold it, and as a tag must be written to be found by it: no quotes. */
export function quotable(value: string): string {
  return value.replaceAll(/['"]/g, "_");
}

/** Sets tags of a run; they take the place of those of the same names. */
export async function setTags(
  client: MlflowClient,
  run: MlflowRun,
  tags: Readonly<Record<string, string>>,
): Promise<void> {
  if (Object.keys(tags).length === 0) return;
  await logBatch(client, run, {
    tags: pairs(tags).map(({ key, value }) => ({ key, value: clipped(value, longestTag) })),
  });
}

/** Address of a run's page. */
export function linkTo(
  { base }: MlflowSettings,
  { experimentId, runId }: Pick<MlflowRun, "experimentId" | "runId">,
): string {
  return `${base}/#/experiments/${experimentId}/runs/${runId}`;
}

/** How a run ended. */
export type RunStatus = "FINISHED" | "FAILED" | "KILLED";

/** Ends a run. */
export async function endRun(
  client: MlflowClient,
  run: MlflowRun,
  { status, endedAtMs }: { readonly status: RunStatus; readonly endedAtMs: number },
): Promise<void> {
  await client.call(nothing, ["POST", "mlflow/runs/update"], {
    json: { run_id: run.runId, status, end_time: endedAtMs },
  });
}

/** Logs parameters of a run; the server would cut long values without a word. */
export async function logParameters(
  client: MlflowClient,
  run: MlflowRun,
  parameters: Readonly<Record<string, string>>,
): Promise<void> {
  const params = pairs(parameters).map(({ key, value }) => ({ key, value: clipped(value) }));
  for (let at = 0; at < params.length; at += limit.params) {
    await logBatch(client, run, { params: params.slice(at, at + limit.params) });
  }
}

/** Logs metrics of a run in batches; equal points sent twice stay one. */
export async function logMetrics(
  client: MlflowClient,
  run: MlflowRun,
  metrics: readonly Metric[],
): Promise<void> {
  const rows = metrics.map(({ key, value, timestampMs, step, modelId, dataset }) => ({
    key,
    value,
    timestamp: timestampMs,
    step,
    ...(modelId === undefined ? {} : { model_id: modelId }),
    ...(dataset === undefined
      ? {}
      : { dataset_name: dataset.name, dataset_digest: dataset.digest }),
  }));
  for (let at = 0; at < rows.length; at += limit.metrics) {
    await logBatch(client, run, { metrics: rows.slice(at, at + limit.metrics) });
  }
}

/** Shows a dataset as an input of a run. */
export async function logDataset(
  client: MlflowClient,
  run: MlflowRun,
  { use, dataset }: { readonly use: string; readonly dataset: Dataset },
): Promise<void> {
  const { name, digest, profile } = dataset;
  const datasets = [{
    tags: pairs({ "mlflow.data.context": use }),
    dataset: {
      name,
      digest,
      source_type: "local",
      // Texts of JSON, as the protocol wants them; where the tiles lie on this machine is nobody's affair.
      source: JSON.stringify({ uri: name }),
      profile: JSON.stringify(profile),
    },
  }];
  await client.call(nothing, ["POST", "mlflow/runs/log-inputs"], {
    json: { run_id: run.runId, datasets },
  });
}

async function logBatch(client: MlflowClient, run: MlflowRun, batch: object): Promise<void> {
  await client.call(nothing, ["POST", "mlflow/runs/log-batch"], {
    json: { run_id: run.runId, ...batch },
  });
}

/** Longer values are cut by the server without a word. */
export const longestValue = 6000;
const longestTag = 8000;

function clipped(value: string, length = longestValue): string {
  return value.length <= length ? value : `${value.slice(0, length - 1)}…`;
}

/** Spells a record as the protocol does. */
export function pairs(record: Readonly<Record<string, string>>): { key: string; value: string }[] {
  return Object.entries(record).map(([key, value]) => ({ key, value }));
}
