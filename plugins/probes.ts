// What `doctor` asks of the libraries and servers that plugins use.
import { MlflowClient } from "./register/mlflow/client.ts";
import { mlflowSettings } from "./register/mlflow/settings.ts";
import { experimentName, probeArtifacts } from "./register/mlflow/probe.ts";
import { serverVariables } from "./register/mlflow/variables.ts";
import { findVersion } from "./register/mlflow/versions.ts";

/** Something to look at; rejects where it does not work. */
export interface LibraryProbe {
  readonly name: string;
  readonly look: () => Promise<string>;
}

/** Probes of the native libraries and of the tracking server. */
export const libraryProbes: readonly LibraryProbe[] = [
  { name: "sharp", look: lookAtSharp },
  { name: "onnxruntime", look: lookAtOnnxRuntime },
  { name: "mlflow", look: lookAtMlflow },
];

async function lookAtSharp(): Promise<string> {
  const { default: sharp } = await import("sharp");
  return `${sharp.versions.sharp}, libvips ${sharp.versions.vips}`;
}

async function lookAtOnnxRuntime(): Promise<string> {
  const { listSupportedBackends } = await import("onnxruntime-node");
  const names = listSupportedBackends().map((backend) => backend.name);
  return `built for ${names.join(", ")}`;
}

async function lookAtMlflow(): Promise<string> {
  const variables = await serverVariables((name) => Deno.env.get(name), undefined);
  const settings = variables && mlflowSettings((name) => variables.sandboxed[name]);
  if (settings === undefined) {
    return "MLFLOW_TRACKING_URI is not set; models go to the registry in .cairn";
  }
  const client = new MlflowClient(settings, AbortSignal.timeout(5000));
  // Asks for rights, too: an address alone says nothing of credentials.
  await findVersion(client, "cairn", "none");
  await probeArtifacts(client);
  const id = Deno.env.get("MLFLOW_EXPERIMENT_ID") ?? "";
  if (id !== "") await experimentName(client, id);
  const version = await client.version();
  return `the server at ${settings.base} answers${version === undefined ? "" : `, ${version}`}`;
}
