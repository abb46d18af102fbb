// Asks a server, before anything runs, what would fail later: who we are, where artifacts go, which names
// are taken. What is found wrong is a message for a person; a server that is away is none.
import { z } from "../../../engine/plugin.ts";
import { type MlflowClient, MlflowError } from "./client.ts";
import { experimentId } from "./runs.ts";

/** What a server said. */
export interface ServerFacts {
  readonly experimentId: string;
}

/**
 * Makes sure that the experiment is there and that its artifacts can be written; throws MlflowError with the
 * remedy "wait" where only time helps.
 */
export async function probeServer(client: MlflowClient, experiment: string): Promise<ServerFacts> {
  const id = await experimentId(client, experiment);
  const { experiment: { artifact_location: location } } = await client.call(
    z.object({ experiment: z.object({ artifact_location: z.string().default("") }) }),
    ["GET", "mlflow/experiments/get"],
    { query: { experiment_id: id } },
  );
  if (location !== "" && !location.startsWith("mlflow-artifacts:")) {
    throw new MlflowError(
      `The MLflow experiment "${experiment}" keeps artifacts at "${location}", where only the ` +
        "server can write",
      "mend",
      {
        hint: "Start the server with --serve-artifacts and --artifacts-destination, and choose " +
          "an experiment made since",
      },
    );
  }
  await probeArtifacts(client);
  return { experimentId: id };
}

/** Asks for the artifacts that the server serves; throws where it serves none. */
export async function probeArtifacts(client: MlflowClient): Promise<void> {
  await client.call(z.looseObject({}), ["GET", "mlflow-artifacts/artifacts"], {
    query: { path: "" },
  });
}

/** Finds the name of an experiment by its id. */
export async function experimentName(client: MlflowClient, id: string): Promise<string> {
  const found = await client.attempt(
    z.object({ experiment: z.object({ name: z.string() }) }),
    ["GET", "mlflow/experiments/get"],
    { query: { experiment_id: id } },
  );
  if ("body" in found) return found.body.experiment.name;
  if (!/RESOURCE_DOES_NOT_EXIST|INVALID_PARAMETER_VALUE/.test(found.refusal.code)) {
    throw client.refused(found.refusal);
  }
  throw new MlflowError(`The MLflow server has no experiment with the id "${id}"`, "mend", {
    hint: "Correct MLFLOW_EXPERIMENT_ID, or name an experiment with MLFLOW_EXPERIMENT_NAME",
  });
}

/** Says whether a name belongs to a prompt, which cannot have versions of models. */
export async function isNameOfPrompt(client: MlflowClient, name: string): Promise<boolean> {
  const tags = z.array(z.object({ key: z.string(), value: z.string().default("") })).default([]);
  const found = await client.attempt(
    z.object({ registered_model: z.object({ tags }) }),
    ["GET", "mlflow/registered-models/get"],
    { query: { name } },
  );
  if ("refusal" in found) {
    if (found.refusal.code === "RESOURCE_DOES_NOT_EXIST") return false;
    throw client.refused(found.refusal);
  }
  return found.body.registered_model.tags.some(({ key, value }) =>
    key === "mlflow.prompt.is_prompt" && value === "true"
  );
}
