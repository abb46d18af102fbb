// What an address of a model means on a server at this moment: where its files are, and what they must be.
import { z } from "../../../engine/plugin.ts";
import { type Address, isVersion, type VersionAddress } from "../address.ts";
import { listArtifacts } from "./artifacts.ts";
import { type MlflowClient, MlflowError, type Refusal } from "./client.ts";
import { digestTag } from "./models.ts";

/** Checks what an address was found to mean. */
export const foundModel = z.strictObject({
  /** Such as "version 3 of landcover". */
  title: z.string(),
  /** Artifact address of the folder that holds its files. */
  uri: z.string(),
  /** Digest of its files; null where nobody noted it. */
  digest: z.string().nullable(),
});

/** A model on a server. */
export type FoundModel = z.output<typeof foundModel>;

const tagList = z.array(z.object({ key: z.string(), value: z.string().default("") })).default([]);
const versionReply = z.object({
  model_version: z.object({ version: z.coerce.string(), tags: tagList }),
});

/** Finds a model by its address; throws MlflowError where there is none. */
export async function resolveAddress(client: MlflowClient, address: Address): Promise<FoundModel> {
  if (isVersion(address)) return await findVersionAt(client, address);
  if ("modelId" in address) return await findLogged(client, address.modelId);
  return await findInRun(client, address);
}

async function findVersionAt(client: MlflowClient, address: VersionAddress): Promise<FoundModel> {
  const { name } = address;
  const reply = "alias" in address
    ? await client.attempt(versionReply, ["GET", "mlflow/registered-models/alias"], {
      query: { name, alias: address.alias },
    })
    : await client.attempt(versionReply, ["GET", "mlflow/model-versions/get"], {
      query: { name, version: String(address.version) },
    });
  if ("refusal" in reply) throw await missing(client, address, reply.refusal);
  const { version, tags } = reply.body.model_version;
  const { artifact_uri: uri } = await client.call(
    z.object({ artifact_uri: z.string() }),
    ["GET", "mlflow/model-versions/get-download-uri"],
    { query: { name, version } },
  );
  const modelId = /^models:\/(m-[^/]+)$/.exec(uri)?.[1];
  return {
    title: `version ${version} of "${name}"`,
    uri: modelId === undefined ? uri : (await findLogged(client, modelId)).uri,
    digest: digestIn(tags),
  };
}

/** Says what there is instead. */
async function missing(
  client: MlflowClient,
  address: VersionAddress,
  refusal: Refusal,
): Promise<MlflowError> {
  if (!isUnknown(refusal)) return client.refused(refusal);
  const { name } = address;
  const found = await client.attempt(
    z.object({
      registered_model: z.object({
        aliases: z.array(z.object({ alias: z.string(), version: z.coerce.string() })).default([]),
        latest_versions: z.array(z.object({ version: z.coerce.string() })).default([]),
      }),
    }),
    ["GET", "mlflow/registered-models/get"],
    { query: { name } },
  );
  const model = "body" in found ? found.body.registered_model : undefined;
  const newest = model?.latest_versions.map(({ version }) => Number(version)) ?? [];
  const known = [
    ...model?.aliases.map(({ alias }) => `@${alias}`) ?? [],
    ...(newest.length === 0 ? [] : [`versions up to /${Math.max(...newest)}`]),
  ].join(", ");
  const wanted = "alias" in address ? `alias "${address.alias}"` : `version ${address.version}`;
  return new MlflowError(`The MLflow server has no ${wanted} of "${name}"`, "none", {
    hint: known === "" ? "Register a model under that name first" : `There is ${known}`,
  });
}

async function findLogged(client: MlflowClient, modelId: string): Promise<FoundModel> {
  const reply = await client.attempt(
    z.object({
      model: z.object({ info: z.object({ artifact_uri: z.string(), tags: tagList }) }),
    }),
    ["GET", `mlflow/logged-models/${modelId}`],
  );
  if ("refusal" in reply) {
    if (!isUnknown(reply.refusal)) throw client.refused(reply.refusal);
    throw new MlflowError(`The MLflow server has no logged model "${modelId}"`, "none", {
      hint: "Look for its id on the server's page of models",
    });
  }
  const { artifact_uri: uri, tags } = reply.body.model.info;
  return { title: `logged model ${modelId}`, uri, digest: digestIn(tags) };
}

/** A path in a run is a folder of its artifacts, or the name of a model that it logged. */
async function findInRun(
  client: MlflowClient,
  { runId, path }: { readonly runId: string; readonly path: string },
): Promise<FoundModel> {
  const info = z.object({ artifact_uri: z.string(), experiment_id: z.coerce.string() });
  const reply = await client.attempt(
    z.object({ run: z.object({ info }) }),
    ["GET", "mlflow/runs/get"],
    { query: { run_id: runId } },
  );
  if ("refusal" in reply) {
    if (!isUnknown(reply.refusal)) throw client.refused(reply.refusal);
    throw new MlflowError(`The MLflow server has no run "${runId}"`, "none", {
      hint: "Copy the id from the run's page",
    });
  }
  const { artifact_uri: root, experiment_id: experiment } = reply.body.run.info;
  const uri = `${root}/${path}`;
  if ((await listArtifacts(client, uri)).length > 0) {
    return { title: `"${path}" of run ${runId}`, uri, digest: null };
  }
  const models = await client.call(
    z.object({
      models: z.array(z.object({
        info: z.object({ model_id: z.string(), name: z.string().default("") }),
      })).default([]),
    }),
    ["POST", "mlflow/logged-models/search"],
    { json: { experiment_ids: [experiment], filter: `source_run_id = '${runId}'` } },
  );
  const names = models.models.map(({ info: { name } }) => name);
  const found = models.models.find(({ info: { name } }) => name === path);
  if (found !== undefined) return await findLogged(client, found.info.model_id);
  throw new MlflowError(`The MLflow run ${runId} has no model "${path}"`, "none", {
    hint: names.length === 0 ? "That run logged no model" : `It logged ${names.join(", ")}`,
  });
}

function digestIn(tags: z.output<typeof tagList>): string | null {
  return tags.find(({ key }) => key === digestTag)?.value ?? null;
}

function isUnknown({ code }: Refusal): boolean {
  return code === "RESOURCE_DOES_NOT_EXIST" || code === "INVALID_PARAMETER_VALUE";
}
