// Uploads files through an MLflow server that proxies its artifact store, which is the default.
import { z } from "../../../engine/plugin.ts";
import { listFiles } from "../model_files.ts";
import { type MlflowClient, MlflowError } from "./client.ts";

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

/** Uploads all files of a folder below an artifact address, each over what is there. */
export async function uploadFolder(
  client: MlflowClient,
  target: { readonly uri: string; readonly under: string },
  { folder, without = [] }: { readonly folder: string; readonly without?: readonly string[] },
): Promise<void> {
  for (const path of await listFiles(folder)) {
    if (without.includes(path)) continue;
    const bytes = await Deno.readFile(`${folder}/${path}`);
    await upload(client, { uri: target.uri, path: `${target.under}${path}` }, bytes);
  }
}

/** The path on the tracking server that an artifact address stands for. */
function proxiedPath(uri: string): string {
  const path = /^mlflow-artifacts:\/([^/].*)$/.exec(uri)?.[1];
  if (path !== undefined) return path;
  throw new MlflowError(
    `The MLflow server keeps artifacts at "${uri}", where only it can write`,
    "mend",
    {
      hint: "Start the server with --serve-artifacts and --artifacts-destination",
    },
  );
}
