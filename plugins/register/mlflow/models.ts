// Logged models, registered models, versions and aliases on an MLflow server.
import { z } from "../../../engine/plugin.ts";
import type { MlflowClient } from "./client.ts";
import { type MlflowRun, pairs } from "./runs.ts";

/** A model's files on the server. */
export interface LoggedModel {
  readonly modelId: string;
  readonly artifactUri: string;
}

const nothing = z.looseObject({});
/** On every version; finds the version that an equal model has. */
const digestTag = "cairn.digest";

/** Starts a logged model; its files follow. */
export async function startLoggedModel(
  client: MlflowClient,
  run: MlflowRun,
  { name, parameters }: { readonly name: string; readonly parameters: Record<string, string> },
): Promise<LoggedModel> {
  const reply = z.object({
    model: z.object({ info: z.object({ model_id: z.string(), artifact_uri: z.string() }) }),
  });
  const { model } = await client.call(reply, ["POST", "mlflow/logged-models"], {
    json: {
      experiment_id: run.experimentId,
      // Unlike registered models, logged ones may have no dot.
      name: name.replaceAll(".", "-"),
      model_type: "onnx",
      source_run_id: run.runId,
      params: pairs(parameters),
    },
  });
  return { modelId: model.info.model_id, artifactUri: model.info.artifact_uri };
}

/** Shows a logged model as an output of its run. */
export async function linkToRun(
  client: MlflowClient,
  run: MlflowRun,
  model: LoggedModel,
): Promise<void> {
  await client.call(nothing, ["POST", "mlflow/runs/outputs"], {
    json: { run_id: run.runId, models: [{ model_id: model.modelId, step: 0 }] },
  });
}

/** Says that all of a model's files are there, or that they never will be. */
export async function endLoggedModel(
  client: MlflowClient,
  { modelId }: LoggedModel,
  status: "LOGGED_MODEL_READY" | "LOGGED_MODEL_UPLOAD_FAILED",
): Promise<void> {
  // The server wants the id in the body as well as in the path.
  await client.call(nothing, ["PATCH", `mlflow/logged-models/${modelId}`], {
    json: { model_id: modelId, status },
  });
}

/** Finds the version of a registered model whose files have that digest. */
export async function findVersion(
  client: MlflowClient,
  name: string,
  digest: string,
): Promise<string | undefined> {
  const reply = z.object({
    model_versions: z.array(z.object({ version: z.coerce.string() })).default([]),
  });
  const { model_versions: [found] } = await client.call(
    reply,
    ["GET", "mlflow/model-versions/search"],
    { query: { filter: `name='${name}' AND tags.\`${digestTag}\`='${digest}'`, max_results: "1" } },
  );
  return found?.version;
}

/** Registers a logged model as the next version of a name, which is made where it is new. */
export async function createVersion(
  client: MlflowClient,
  { run, model }: { readonly run: MlflowRun; readonly model: LoggedModel },
  { name, digest }: { readonly name: string; readonly digest: string },
): Promise<string> {
  const made = await client.attempt(nothing, ["POST", "mlflow/registered-models/create"], {
    json: { name },
  });
  if ("refusal" in made && made.refusal.code !== "RESOURCE_ALREADY_EXISTS") {
    throw client.refused(made.refusal);
  }
  const reply = z.object({ model_version: z.object({ version: z.coerce.string() }) });
  const { model_version } = await client.call(reply, ["POST", "mlflow/model-versions/create"], {
    json: {
      name,
      source: `models:/${model.modelId}`,
      run_id: run.runId,
      model_id: model.modelId,
      tags: pairs({ [digestTag]: digest }),
    },
  });
  return model_version.version;
}

/** Points an alias at a version. */
export async function moveAlias(
  client: MlflowClient,
  name: string,
  { alias, version }: { readonly alias: string; readonly version: string },
): Promise<void> {
  await client.call(nothing, ["POST", "mlflow/registered-models/alias"], {
    json: { name, alias, version },
  });
}
