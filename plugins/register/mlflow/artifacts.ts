// Uploads files through an MLflow server that proxies its artifact store, which is the default.
import { StepError, z } from "../../../engine/plugin.ts";
import type { MlflowClient } from "./client.ts";

/** Uploads one file below an artifact address such as `mlflow-artifacts:/1/RUN/artifacts`. */
export async function upload(
  client: MlflowClient,
  target: { readonly uri: string; readonly path: string },
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  const root = proxiedPath(target.uri);
  // Some characters are refused by the server even when they are escaped.
  const safe = target.path.replaceAll(/[#?%\\]/g, "_");
  const path = `${root}/${safe}`.split("/").map(encodeURIComponent).join("/");
  await client.call(z.looseObject({}), ["PUT", `mlflow-artifacts/artifacts/${path}`], { bytes });
}

/** The path on the tracking server that an artifact address stands for. */
function proxiedPath(uri: string): string {
  const path = /^mlflow-artifacts:\/([^/].*)$/.exec(uri)?.[1];
  if (path !== undefined) return path;
  throw new StepError(`The MLflow server keeps artifacts at "${uri}", where only it can write`, {
    hint: "Start the server with --serve-artifacts and --artifacts-destination",
  });
}
