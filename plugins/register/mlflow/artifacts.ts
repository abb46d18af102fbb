// Uploads files through an MLflow server that proxies its artifact store, which is the default.
import { z } from "../../../engine/plugin.ts";
import { listFiles, sinkFor } from "../model_files.ts";
import { type MlflowClient, MlflowError } from "./client.ts";

/** Uploads one file below an artifact address such as `mlflow-artifacts:/1/RUN/artifacts`. */
export async function upload(
  client: MlflowClient,
  target: { readonly uri: string; readonly path: string },
  bytes: Uint8Array<ArrayBuffer>,
): Promise<void> {
  // Some characters are refused by the server even when they are escaped.
  const safe = target.path.replaceAll(/[#?%\\]/g, "_");
  const path = escaped(`${proxiedPath(target.uri)}/${safe}`);
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

/** Lists the files below an artifact address, also in folders, as relative paths; none where there is nothing. */
export async function listArtifacts(client: MlflowClient, uri: string): Promise<string[]> {
  const file = z.object({ path: z.string(), is_dir: z.boolean().default(false) });
  const { files } = await client.call(
    z.object({ files: z.array(file).default([]) }),
    ["GET", "mlflow-artifacts/artifacts"],
    { query: { path: proxiedPath(uri) } },
  );
  const found: string[] = [];
  for (const { path, is_dir: isFolder } of files) {
    // Only the last part of a path is told.
    const name = path.split("/").at(-1)!;
    if (!isFolder) found.push(name);
    else {for (const below of await listArtifacts(client, `${uri}/${name}`)) {
        found.push(`${name}/${below}`);
      }}
  }
  return found.sort();
}

/** Writes one file below an artifact address to a path, whose folder is made. */
export async function download(
  client: MlflowClient,
  source: { readonly uri: string; readonly path: string },
  target: string,
): Promise<void> {
  const path = escaped(`${proxiedPath(source.uri)}/${source.path}`);
  const bytes = await client.download(`mlflow-artifacts/artifacts/${path}`);
  await bytes.pipeTo(await sinkFor(target));
}

function escaped(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
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
