// Copies a registered version to an output, and makes the result last only as long as its address means it.
import { type Port, type StepContext, StepError } from "../../engine/plugin.ts";
import { type Address, parseAddress } from "./address.ts";
import { copyFiles, digestFolder } from "./model_files.ts";
import { readAlias } from "./registry.ts";
import { readVersionRecord } from "./version_record.ts";

type GiveContext = Pick<
  StepContext<{ model: string }, Record<never, Port>, { model: Port }>,
  "config" | "outputs" | "shared" | "log" | "effect"
>;

/** Gives a version's files; throws StepError where there is none, or where its files were altered. */
export async function giveRegistered(context: GiveContext): Promise<void> {
  const { config, outputs, shared, log, effect } = context;
  const address = parseAddress(config.model);
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

async function resolve(home: string, address: Address): Promise<number> {
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
