// Logs a model to an MLflow server, from experiment to alias, in the order that keeps it loadable.
import type { ModelCard } from "../../nn/model_artifact.ts";
import type { Scores } from "../../scores/scores.ts";
import { listFiles } from "../model_files.ts";
import type { Promotion, PromotionRule } from "../promotion.ts";
import { recordedScores } from "../version_record.ts";
import { upload } from "./artifacts.ts";
import { MlflowClient } from "./client.ts";
import { descriptionOf, metricsOf, parametersOf } from "./facts.ts";
import { modelFiles } from "./mlmodel.ts";
import { endLoggedModel, linkToRun, type LoggedModel, startLoggedModel } from "./models.ts";
import {
  endRun,
  experimentId,
  logMetrics,
  logParameters,
  type MlflowRun,
  startRun,
} from "./runs.ts";
import type { MlflowSettings } from "./settings.ts";
import { createVersion, findVersion, moveAlias, promoteOnServer } from "./versions.ts";

/** A model to be logged. */
export interface Entry {
  readonly name: string;
  readonly alias: string;
  readonly promote: PromotionRule | undefined;
  readonly experiment: string;
  readonly digest: string;
  readonly model: { readonly folder: string; readonly card: ModelCard };
  readonly scores: { readonly folder: string; readonly values: Scores } | undefined;
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

/**
 * Registers a model on a server and moves its alias; an equal model keeps the version it has there.
 * Throws StepError where the server cannot be reached or refuses.
 */
export async function logVersion(
  settings: MlflowSettings,
  entry: Entry,
  signal: AbortSignal,
): Promise<MlflowVersion> {
  const client = new MlflowClient(settings, signal);
  const { name, alias } = entry;
  const serverVersion = await client.version();
  const known = await findVersion(client, name, entry.digest);
  const logged = known === undefined
    ? await logRun(client, entry, serverVersion)
    : { version: known };
  const { version } = logged;
  await moveAlias(client, name, { alias, version });
  const scores = recordedScores(entry.scores?.values);
  const promotion = entry.promote && scores !== null
    ? await promoteOnServer(client, name, { rule: entry.promote, candidate: { version, scores } })
    : undefined;
  return { server: settings.base, name, ...logged, ...promotion && { promotion } };
}

async function logRun(
  client: MlflowClient,
  entry: Entry,
  serverVersion: string | undefined,
): Promise<Omit<MlflowVersion, "server" | "name">> {
  const experiment = await experimentId(client, entry.experiment);
  const run = await startRun(client, experiment, {
    name: entry.name,
    tags: { "cairn.digest": entry.digest },
  });
  try {
    await logParameters(client, run, parametersOf(entry.model.card));
    if (entry.scores !== undefined) {
      await uploadFolder(client, { uri: run.artifactUri, under: "scores/" }, entry.scores.folder);
    }
    const model = await logModel(client, run, { entry, serverVersion });
    const version = await createVersion(client, { run, model }, {
      name: entry.name,
      digest: entry.digest,
      description: descriptionOf(entry.model.card, entry.scores?.values),
      scores: recordedScores(entry.scores?.values),
    });
    await endRun(client, run, "FINISHED");
    return { version, runId: run.runId, modelId: model.modelId };
  } catch (error) {
    await lastWords(client, (brief) => endRun(brief, run, "FAILED"));
    throw error;
  }
}

async function logModel(
  client: MlflowClient,
  run: MlflowRun,
  { entry, serverVersion }: { readonly entry: Entry; readonly serverVersion: string | undefined },
): Promise<LoggedModel> {
  const { card, folder } = entry.model;
  const parameters = parametersOf(card);
  const model = await startLoggedModel(client, run, { name: entry.name, parameters });
  try {
    await uploadFolder(client, { uri: model.artifactUri, under: "" }, folder);
    const identity = { ...model, runId: run.runId, serverVersion };
    for (const [path, text] of modelFiles(card, identity)) {
      await upload(client, { uri: model.artifactUri, path }, new TextEncoder().encode(text));
    }
    await linkToRun(client, run, model);
    const metrics = metricsOf(card, entry.scores?.values);
    await logMetrics(client, run, { modelId: model.modelId, metrics });
    await endLoggedModel(client, model, "LOGGED_MODEL_READY");
    return model;
  } catch (error) {
    await lastWords(client, (brief) => endLoggedModel(brief, model, "LOGGED_MODEL_UPLOAD_FAILED"));
    throw error;
  }
}

async function uploadFolder(
  client: MlflowClient,
  target: { readonly uri: string; readonly under: string },
  folder: string,
): Promise<void> {
  for (const path of await listFiles(folder)) {
    const bytes = await Deno.readFile(`${folder}/${path}`);
    await upload(client, { uri: target.uri, path: `${target.under}${path}` }, bytes);
  }
}

const lastWordsMs = 5_000;

/** Tells the server of a failure, also after a cancellation; the failure itself matters more. */
async function lastWords(
  client: MlflowClient,
  say: (brief: MlflowClient) => Promise<void>,
): Promise<void> {
  const brief = new MlflowClient(client.settings, AbortSignal.timeout(lastWordsMs));
  await say(brief).catch(() => {});
}
