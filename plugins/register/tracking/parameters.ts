// Options as parameters of an MLflow run.
import { isSecret } from "../../../engine/mod.ts";
import { upload } from "../mlflow/artifacts.ts";
import type { MlflowClient } from "../mlflow/client.ts";
import { mlflowName } from "../mlflow/names.ts";
import { logParameters, longestValue, type MlflowRun } from "../mlflow/runs.ts";

/** Tells options as parameters; those that are too long for one are whole in a file. */
export async function tellParameters(
  client: MlflowClient,
  run: MlflowRun,
  options: unknown,
): Promise<void> {
  const parameters = parametersOf(options);
  await logParameters(client, run, parameters);
  if (!Object.values(parameters).some((value) => value.length > longestValue)) return;
  const bytes = new TextEncoder().encode(JSON.stringify(parameters, null, 2));
  await upload(client, { uri: run.artifactUri, path: "parameters.json" }, bytes);
}

/** Options as parameters: nested ones by `a.b`, lists as JSON; what may be a secret is left out. */
export function parametersOf(options: unknown, prefix = ""): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const [name, value] of Object.entries(Object(options))) {
    const key = `${prefix}${name}`;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      Object.assign(parameters, parametersOf(value, `${key}.`));
      continue;
    }
    const text = typeof value === "string" ? value : JSON.stringify(value);
    if (!isSecret(name, text)) parameters[mlflowName(key)] = text;
  }
  return parameters;
}
