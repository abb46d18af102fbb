// Gives a registered version's files: of the local registry, where the result lasts only as long as its address
// means it, or of a server, where the options say what the address means.
import { type Port, type StepContext, StepError } from "../../engine/plugin.ts";
import { isVersion, parseAddress, type VersionAddress } from "./address.ts";
import { MlflowClient } from "./mlflow/client.ts";
import { fetchModel } from "./mlflow/fetch_model.ts";
import type { MlflowSettings } from "./mlflow/settings.ts";
import { copyFiles, digestFolder } from "./model_files.ts";
import { readAlias } from "./registry.ts";
import type { RegisteredOptions } from "./registered_options.ts";
import { readVersionRecord } from "./version_record.ts";

type GiveContext = Pick<
  StepContext<RegisteredOptions, Record<never, Port>, { model: Port }>,
  "config" | "outputs" | "shared" | "signal" | "log" | "effect"
>;

/** Gives a version's files; throws StepError where there is none, or where its files were altered. */
export async function giveRegistered(
  context: GiveContext,
  server: MlflowSettings | undefined,
): Promise<void> {
  const { config } = context;
  const address = parseAddress(config.model);
  if (server !== undefined && config.from !== "local") return await giveFromServer(context, server);
  if (config.from !== "server" && address !== undefined && isVersion(address)) {
    return await giveFromRegistry(context, address);
  }
  throw new StepError(`"${config.model}" is on an MLflow server, and none is set`, {
    hint: "Set MLFLOW_TRACKING_URI to the address of the server",
  });
}

async function giveFromServer(
  { config: { model, resolved }, outputs, signal, log }: GiveContext,
  settings: MlflowSettings,
): Promise<void> {
  if (resolved === undefined) {
    throw new StepError(`Nobody knows yet what "${model}" means on the MLflow server`, {
      hint: "It is asked for before a run: run again as soon as the server answers",
    });
  }
  await fetchModel(new MlflowClient(settings, signal), resolved, outputs.model);
  log(`"${model}" is ${resolved.title} on ${settings.base}`);
}

async function giveFromRegistry(
  { config, outputs, shared, log, effect }: GiveContext,
  address: VersionAddress,
): Promise<void> {
  const home = `${shared["registry"]}/${address.name}`;
  const version = await resolve(home, address);
  const folder = `${home}/versions/${version}`;
  if ("alias" in address) effect(`${home}/aliases/${address.alias}`);
  effect(`${folder}/version.json`);
  const record = await readVersionRecord(`${folder}/version.json`);
  await copyFiles(folder, outputs.model);
  await Deno.remove(`${outputs.model}/version.json`);
  if (await digestFolder(outputs.model) !== record.digest) {
    throw new StepError(`The files of version ${version} of "${address.name}" were altered`, {
      hint: "Delete the version's folder from the registry, and register the model again",
    });
  }
  log(`"${config.model}" is version ${version}`);
}

async function resolve(home: string, address: VersionAddress): Promise<number> {
  const version = "alias" in address ? await readAlias(home, address.alias) : address.version;
  if (version !== undefined && (await namesIn(`${home}/versions`)).includes(String(version))) {
    return version;
  }
  const aliases = (await namesIn(`${home}/aliases`)).map((alias) => `@${alias}`);
  const versions = (await namesIn(`${home}/versions`)).map((number) => `/${number}`);
  const known = [...aliases, ...versions].slice(0, 20).join(", ");
  const wanted = "alias" in address ? `alias "${address.alias}"` : `version ${version}`;
  throw new StepError(`The registry has no ${wanted} of "${address.name}"`, {
    hint: known === "" ? "Register a model under that name first" : `There is ${known}`,
  });
}

async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) names.push(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names.sort();
}
