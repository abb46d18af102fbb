// Tells an MLflow server of one registered version, from experiment to alias, in the order that keeps it
// loadable. Everything is looked for before it is made, so that a delivery that was cut off can be repeated.
import { type ModelCard, readModelCard } from "../../nn/model_artifact.ts";
import { readScores, type Scores } from "../../scores/scores.ts";
import type { Promotion } from "../promotion.ts";
import { recordedScores } from "../version_record.ts";
import { upload, uploadFolder } from "./artifacts.ts";
import { MlflowClient, MlflowError } from "./client.ts";
import type { Entry } from "./entry.ts";
import { descriptionOf, metricsOf, parametersOf } from "./facts.ts";
import { modelFiles } from "./mlmodel.ts";
import { endLoggedModel, findOrStartModel, linkToRun, type LoggedModel } from "./models.ts";
import { logNestedRuns, trainingTimes } from "./nested_runs.ts";
import {
  endRun,
  experimentId,
  findOrStartRun,
  findRun,
  linkTo,
  logDataset,
  logMetrics,
  logParameters,
  type MlflowRun,
} from "./runs.ts";
import { createVersion, findVersion, moveAlias, promoteOnServer } from "./versions.ts";

/** An entry with the folders that it speaks of. */
export interface Parcel {
  readonly entry: Entry;
  /** Holds `scores`, `history` and `figures`, each where there are any. */
  readonly folder: string;
  /** The model's files. */
  readonly model: string;
  /** Whether the server has still to hear of the run that the entry names. */
  readonly isRunAwaited: boolean;
}

/** Where a model is on a server. */
export interface MlflowVersion {
  readonly server: string;
  readonly name: string;
  readonly version: string;
  /** Absent where an equal model was registered already. */
  readonly runId?: string;
  readonly modelId?: string;
  /** Absent where no rule was given. */
  readonly promotion?: Promotion;
}

interface Content extends Parcel {
  readonly card: ModelCard;
  readonly scores: Scores | undefined;
}

/**
 * Registers a model on a server and moves its alias; an equal model keeps the version it has there.
 * Throws MlflowError where the server cannot be reached or refuses.
 */
export async function deliver(client: MlflowClient, parcel: Parcel): Promise<MlflowVersion> {
  const { entry, folder } = parcel;
  const { name, alias, promote: rule } = entry;
  const scores = await ifPresent(`${folder}/scores`, readScores);
  const known = await findVersion(client, name, entry.digest);
  const logged = known === undefined
    ? await logRuns(client, { ...parcel, card: await readModelCard(parcel.model), scores })
    : { version: known };
  const { version } = logged;
  if (alias !== null) await moveAlias(client, name, { alias, version });
  const rated = recordedScores(scores);
  const promotion = rule !== null && rated !== null
    ? await promoteOnServer(client, name, { rule, candidate: { version, scores: rated } })
    : undefined;
  return { server: client.settings.base, name, ...logged, ...promotion && { promotion } };
}

async function logRuns(
  client: MlflowClient,
  content: Content,
): Promise<{ readonly version: string; readonly runId: string; readonly modelId: string }> {
  const { entry, card, scores } = content;
  const experiment = await experimentId(client, entry.experiment);
  const tracked = await trackedRun(client, experiment, content);
  const isTracked = tracked !== undefined;
  const run = tracked ?? await startOwnRun(client, experiment, content);
  let model: LoggedModel | undefined;
  try {
    if (entry.dataset !== null) {
      await logDataset(client, run, { use: "training", dataset: entry.dataset });
    }
    if (!isTracked) await logOwnRun(client, run, content);
    model = await findOrStartModel(client, run, {
      name: entry.name,
      digest: entry.digest,
      parameters: parametersOf(card),
    });
    await fillModel(client, { run, model }, content);
    if (!isTracked) await endRun(client, run, { status: "FINISHED", endedAtMs: entry.queuedAtMs });
    const version = await createVersion(client, { run, model }, {
      name: entry.name,
      digest: entry.digest,
      description: `${descriptionOf(card, scores)}\n\n${linkBack(client, run, entry)}`,
      scores: recordedScores(scores),
      local: entry,
    });
    return { version, runId: run.runId, modelId: model.modelId };
  } catch (error) {
    // What can still succeed stays as it is, and is gone on with.
    if (error instanceof MlflowError && error.remedy === "none") {
      await markFailed(client, isTracked ? undefined : run, model);
    }
    throw error;
  }
}

/** Says where a version came from, as Markdown. */
function linkBack({ settings }: MlflowClient, run: MlflowRun, { run: id, version }: Entry): string {
  const title = id === null ? "this registration" : `run ${id}`;
  return `Version ${version} of the local registry, made by [${title}](${linkTo(settings, run)}).`;
}

/**
 * The run that a tracker tells the server of; it is there soon where it is not there yet. Undefined where there
 * is none, or none will ever come.
 */
async function trackedRun(
  client: MlflowClient,
  experiment: string,
  { entry: { run: id }, isRunAwaited }: Parcel,
): Promise<MlflowRun | undefined> {
  if (id === null) return undefined;
  const run = await findRun(client, experiment, { "cairn.run": id, "cairn.part": "run" });
  if (run !== undefined || !isRunAwaited) return run;
  throw new MlflowError(`The MLflow server does not know of run ${id} yet`, "wait", {
    hint: "Run `deno task mlflow sync`",
  });
}

async function startOwnRun(
  client: MlflowClient,
  experiment: string,
  content: Content,
): Promise<MlflowRun> {
  const { entry, card, scores } = content;
  const { startedAtMs } = await trainingTimes(content);
  return await findOrStartRun(client, experiment, {
    marks: { "cairn.digest": entry.digest, "cairn.model": entry.name, "cairn.part": "register" },
    name: entry.name,
    startedAtMs,
    tags: { "mlflow.note.content": descriptionOf(card, scores), ...entry.tags },
    isNewAfterFailure: true,
  });
}

/** Tells, on a run of the registration itself, what is known of the steps before it. */
async function logOwnRun(client: MlflowClient, run: MlflowRun, content: Content): Promise<void> {
  await logParameters(client, run, parametersOf(content.card));
  await logNestedRuns(client, run, content);
}

async function fillModel(
  client: MlflowClient,
  { run, model }: { readonly run: MlflowRun; readonly model: LoggedModel },
  { entry, card, scores, model: folder }: Content,
): Promise<void> {
  const uri = model.artifactUri;
  await uploadFolder(client, { uri, under: "" }, { folder, without: ["version.json"] });
  const serverVersion = await client.version();
  const identity = { ...model, runId: run.runId, serverVersion, createdAtMs: entry.queuedAtMs };
  for (const [path, text] of modelFiles(card, identity)) {
    await upload(client, { uri, path }, new TextEncoder().encode(text));
  }
  await linkToRun(client, run, model);
  const point = {
    timestampMs: entry.queuedAtMs,
    step: 0,
    modelId: model.modelId,
    ...entry.dataset && { dataset: entry.dataset },
  };
  await logMetrics(client, run, metricsOf(card, scores).map((score) => ({ ...score, ...point })));
  await endLoggedModel(client, model, "LOGGED_MODEL_READY");
}

const lastWordsMs = 5_000;

/** Tells the server of a failure; the failure itself matters more. */
async function markFailed(
  client: MlflowClient,
  run: MlflowRun | undefined,
  model: LoggedModel | undefined,
): Promise<void> {
  const brief = new MlflowClient(client.settings, AbortSignal.timeout(lastWordsMs));
  try {
    if (model !== undefined) await endLoggedModel(brief, model, "LOGGED_MODEL_UPLOAD_FAILED");
    if (run !== undefined) {
      await endRun(brief, run, { status: "FAILED", endedAtMs: Date.now() });
    }
  } catch {
    // The next attempt finds a run that never ended, and goes on with it.
  }
}

/** Reads a folder of an entry; undefined where the entry has none. */
async function ifPresent<Content>(
  folder: string,
  read: (folder: string) => Promise<Content>,
): Promise<Content | undefined> {
  try {
    await Deno.stat(folder);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  return await read(folder);
}
