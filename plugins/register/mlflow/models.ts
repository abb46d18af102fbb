// Logged models on an MLflow server: a model's files, and the run that they came from.
import { z } from "../../../engine/plugin.ts";
import type { MlflowClient } from "./client.ts";
import { type MlflowRun, pairs } from "./runs.ts";

/** A model's files on the server. */
export interface LoggedModel {
  readonly modelId: string;
  readonly artifactUri: string;
}

/** Tag that holds the digest of a model's files, of logged models and of versions. */
export const digestTag = "cairn.digest";

const nothing = z.looseObject({});

/** Starts a run's logged model, or finds the one that an earlier attempt started; its files follow. */
export async function findOrStartModel(
  client: MlflowClient,
  run: MlflowRun,
  { name, digest, parameters }: {
    readonly name: string;
    /** Digest of its files. */
    readonly digest: string;
    readonly parameters: Record<string, string>;
  },
): Promise<LoggedModel> {
  const info = z.object({ model_id: z.string(), artifact_uri: z.string() });
  const found = await client.call(
    z.object({ models: z.array(z.object({ info })).default([]) }),
    ["POST", "mlflow/logged-models/search"],
    {
      json: {
        experiment_ids: [run.experimentId],
        max_results: 1,
        filter: `source_run_id = '${run.runId}' AND tags.\`${digestTag}\` = '${digest}'`,
      },
    },
  );
  const model = found.models[0] ?? (await client.call(
    z.object({ model: z.object({ info }) }),
    ["POST", "mlflow/logged-models"],
    {
      json: {
        experiment_id: run.experimentId,
        // Unlike registered models, logged ones may have no dot.
        name: name.replaceAll(".", "-"),
        model_type: "onnx",
        source_run_id: run.runId,
        params: pairs(parameters),
        tags: pairs({ [digestTag]: digest }),
      },
    },
  )).model;
  const { model_id: modelId, artifact_uri: artifactUri } = model.info;
  return { modelId, artifactUri };
}

/** Shows a logged model as an output of its run. */
export async function linkToRun(
  client: MlflowClient,
  run: MlflowRun,
  { modelId }: LoggedModel,
): Promise<void> {
  const output = z.object({ model_id: z.string() });
  const outputs = z.object({ model_outputs: z.array(output).default([]) });
  const known = await client.call(
    z.object({ run: z.object({ outputs: outputs.optional() }) }),
    ["GET", "mlflow/runs/get"],
    { query: { run_id: run.runId } },
  );
  // A link that is there already is an error to the server.
  if (known.run.outputs?.model_outputs.some(({ model_id }) => model_id === modelId)) return;
  await client.call(nothing, ["POST", "mlflow/runs/outputs"], {
    json: { run_id: run.runId, models: [{ model_id: modelId, step: 0 }] },
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
