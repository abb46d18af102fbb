// Logged models on an MLflow server: a model's files, and the run that they came from.
import { z } from "../../../engine/plugin.ts";
import type { MlflowClient } from "./client.ts";
import { type MlflowRun, pairs } from "./runs.ts";

/** A model's files on the server. */
export interface LoggedModel {
  readonly modelId: string;
  readonly artifactUri: string;
}

const nothing = z.looseObject({});

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
