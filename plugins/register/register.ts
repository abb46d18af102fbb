// Registers a model: on the MLflow server first, which is what may fail, then in the local registry.
import { type Port, type StepContext, StepError } from "../../engine/plugin.ts";
import { readModelCard } from "../nn/model_artifact.ts";
import { readScores } from "../scores/scores.ts";
import { logVersion } from "./mlflow/log_version.ts";
import type { MlflowSettings } from "./mlflow/settings.ts";
import { digestFolder } from "./model_files.ts";
import type { RegisterOptions } from "./options.ts";
import { promote } from "./promote.ts";
import { publish, setAlias } from "./registry.ts";
import { type VersionFacts, versionFacts, writeVersionRecord } from "./version_record.ts";

type RegisterContext = Pick<
  StepContext<
    RegisterOptions,
    { model: Port; scores: Port & { readonly optional: true } },
    { version: Port }
  >,
  "config" | "inputs" | "outputs" | "shared" | "seed" | "signal" | "log" | "effect"
>;

/** Registers a model under `config.name`; a server that fails leaves the local registry as it was. */
export async function register(
  context: RegisterContext,
  server: MlflowSettings | undefined,
): Promise<void> {
  const { config, inputs, outputs, signal } = context;
  const card = await readModelCard(inputs.model.path);
  const scores = inputs.scores && {
    folder: inputs.scores.path,
    values: await readScores(inputs.scores.path),
  };
  if (config.promote !== undefined && scores === undefined) {
    throw new StepError("A promotion goes by scores, and none are connected", {
      hint: "Connect the input `scores` to the metrics output of a test step",
    });
  }
  const digest = await digestFolder(inputs.model.path);
  signal.throwIfAborted();
  if (server !== undefined) {
    const { name, alias, experiment = name } = config;
    const model = { folder: inputs.model.path, card };
    const { promote } = config;
    const entry = { name, alias, promote, experiment, digest, model, scores };
    const logged = await logVersion(server, entry, signal);
    await Deno.writeTextFile(`${outputs.version}/mlflow.json`, `${JSON.stringify(logged)}\n`);
    context.log(`MLflow version ${logged.version} of "${name}" is now "${alias}"`);
    if (logged.promotion !== undefined) context.log(`MLflow: ${logged.promotion.reason}`);
  }
  const facts = versionFacts(
    { name: config.name, digest, seed: context.seed },
    card,
    scores?.values,
  );
  await registerLocally(context, facts);
}

async function registerLocally(context: RegisterContext, facts: VersionFacts): Promise<void> {
  const { config, inputs, outputs, shared } = context;
  const registry = shared["registry"];
  if (registry === undefined) throw new Error("The engine gave no registry folder");
  const home = `${registry}/${config.name}`;
  const { record, path, isNew } = await publish(home, inputs.model.path, facts);
  context.effect(await setAlias(home, config.alias, record.version));
  context.effect(`${path}/version.json`);
  // Without the time of registration, equal models give equal outputs.
  const { created, ...lasting } = record;
  await writeVersionRecord(`${outputs.version}/version.json`, lasting);
  const known = isNew ? "" : `, known since ${created.slice(0, 10)}`;
  context.log(`Version ${record.version} of "${config.name}"${known} is now "${config.alias}"`);
  if (JSON.stringify(record.scores) !== JSON.stringify(facts.scores)) {
    context.log("The registry keeps the scores that this version was first registered with");
  }
  if (config.promote !== undefined && facts.scores !== null) {
    const candidate = { version: String(record.version), scores: facts.scores };
    const promotion = await promote(home, config.promote, candidate);
    context.log(promotion.reason);
    context.effect(`${home}/aliases/${promotion.alias}`);
    const text = `${JSON.stringify(promotion, null, 2)}\n`;
    await Deno.writeTextFile(`${outputs.version}/promotion.json`, text);
  }
}
