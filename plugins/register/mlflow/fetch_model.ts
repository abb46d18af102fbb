// Brings the files of a model from a server, and makes sure that they are what was registered.
import { StepError } from "../../../engine/plugin.ts";
import { digestFolder } from "../model_files.ts";
import { download, listArtifacts } from "./artifacts.ts";
import type { MlflowClient } from "./client.ts";
import { modelFileNames } from "./mlmodel.ts";
import type { FoundModel } from "./resolve.ts";

/** What MLflow's own side needs of a model; it says nothing of the model itself. */
const mlflowsOwn: ReadonlySet<string> = new Set([...modelFileNames, "registered_model_meta"]);

/** Fills a folder with a model's files; throws StepError where it is no model of ours, or was altered. */
export async function fetchModel(
  client: MlflowClient,
  { title, uri, digest }: FoundModel,
  folder: string,
): Promise<void> {
  const paths = (await listArtifacts(client, uri)).filter((path) => !mlflowsOwn.has(path));
  if (!paths.includes("model.json")) {
    throw new StepError(`On the MLflow server ${title} has no model.json`, {
      hint: "Only models that cairn registered can be inputs",
    });
  }
  for (const path of paths) await download(client, { uri, path }, `${folder}/${path}`);
  if (digest !== null && await digestFolder(folder) !== digest) {
    throw new StepError(`The files of ${title} on the MLflow server were altered`, {
      hint: "Register the model again, and move the alias to the new version",
    });
  }
}
