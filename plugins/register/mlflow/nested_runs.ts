// The runs below a registration's run, one for each step that it knows something of: training with its
// curves, testing with its scores, and pictures.
import { type ModelCard, readHistory } from "../../nn/model_artifact.ts";
import type { Scores } from "../../scores/scores.ts";
import { uploadFolder } from "./artifacts.ts";
import type { MlflowClient } from "./client.ts";
import type { Attachment, Entry } from "./entry.ts";
import { curvesOf, parametersOf, scoreMetrics } from "./facts.ts";
import {
  endRun,
  findOrStartRun,
  logDataset,
  logMetrics,
  logParameters,
  type Metric,
  type MlflowRun,
} from "./runs.ts";

/** What is known of the steps before the registration. */
export interface KnownSteps {
  readonly entry: Entry;
  readonly folder: string;
  readonly card: ModelCard;
  readonly scores: Scores | undefined;
}

interface NestedRun {
  readonly part: string;
  /** Uploaded as the run's artifacts. */
  readonly files: Attachment;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly parameters: Readonly<Record<string, string>>;
  readonly metrics: readonly Metric[];
  readonly use?: "training" | "evaluation";
}

/** Reckons when training began from how long its epochs took; the same as its end where no curves are known. */
export async function trainingTimes(
  { entry, folder }: Pick<KnownSteps, "entry" | "folder">,
): Promise<{ readonly startedAtMs: number; readonly endedAtMs: number }> {
  const endedAtMs = entry.trainedAtMs;
  if (!await isPresent(`${folder}/history`)) return { startedAtMs: endedAtMs, endedAtMs };
  const { epochs } = await readHistory(`${folder}/history`);
  const seconds = epochs.reduce((total, epoch) => total + epoch.seconds, 0);
  return { startedAtMs: Math.round(endedAtMs - seconds * 1000), endedAtMs };
}

/** Logs a finished run for training, testing and pictures, each where something is known of it. */
export async function logNestedRuns(
  client: MlflowClient,
  parent: MlflowRun,
  known: KnownSteps,
): Promise<void> {
  const { entry, folder, card, scores } = known;
  const atOnce = { startedAtMs: entry.queuedAtMs, endedAtMs: entry.queuedAtMs };
  if (await isPresent(`${folder}/history`)) {
    const times = await trainingTimes(known);
    const metrics = curvesOf(await readHistory(`${folder}/history`), times.startedAtMs);
    const parameters = parametersOf(card);
    const run = { part: "train", files: "history", parameters, metrics, use: "training" } as const;
    await logNestedRun(client, parent, { entry, folder, run: { ...run, ...times } });
  }
  if (scores !== undefined) {
    const point = { timestampMs: entry.queuedAtMs, step: 0 };
    const metrics = scoreMetrics(scores).map((score) => ({ ...score, ...point }));
    const parameters = { split: scores.split, tiles: String(scores.tiles.length) };
    const run = { part: "test", files: "scores", parameters, metrics, use: "evaluation" } as const;
    await logNestedRun(client, parent, { entry, folder, run: { ...run, ...atOnce } });
  }
  if (await isPresent(`${folder}/figures`)) {
    const run = { part: "visualize", files: "figures", parameters: {}, metrics: [] } as const;
    await logNestedRun(client, parent, { entry, folder, run: { ...run, ...atOnce } });
  }
}

async function logNestedRun(
  client: MlflowClient,
  parent: MlflowRun,
  { entry, folder, run }: {
    readonly entry: Entry;
    readonly folder: string;
    readonly run: NestedRun;
  },
): Promise<void> {
  const { part, files, startedAtMs, endedAtMs, parameters, metrics, use } = run;
  const nested = await findOrStartRun(client, parent.experimentId, {
    marks: { "mlflow.parentRunId": parent.runId, "cairn.part": part },
    name: part,
    startedAtMs,
    tags: entry.tags,
    isNewAfterFailure: true,
  });
  await logParameters(client, nested, parameters);
  await logMetrics(client, nested, metrics);
  if (entry.dataset !== null && use !== undefined) {
    await logDataset(client, nested, { use, dataset: entry.dataset });
  }
  const uri = nested.artifactUri;
  await uploadFolder(client, { uri, under: "" }, { folder: `${folder}/${files}` });
  await endRun(client, nested, { status: "FINISHED", endedAtMs });
}

async function isPresent(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
