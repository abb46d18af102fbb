// Registers a model: its files in the local registry first, then on the MLflow server, aliases last.
import { type Port, type StepContext, StepError } from "../../engine/plugin.ts";
import { readModelCard } from "../nn/model_artifact.ts";
import { readScores } from "../scores/scores.ts";
import { sendVersion, type Tracked } from "./mlflow/send.ts";
import type { MlflowSettings } from "./mlflow/settings.ts";
import { digestFolder } from "./model_files.ts";
import type { RegisterOptions } from "./options.ts";
import { promote } from "./promote.ts";
import { publish, type Published, setAlias } from "./registry.ts";
import { type VersionFacts, versionFacts, writeVersionRecord } from "./version_record.ts";

type Optional = Port & { readonly optional: true };

type RegisterContext = Pick<
  StepContext<
    RegisterOptions,
    { model: Port; scores: Optional; history: Optional; figures: Optional; tiles: Optional },
    { version: Port }
  >,
  "config" | "inputs" | "outputs" | "shared" | "seed" | "signal" | "log" | "warn" | "effect"
>;

/** A server to tell of the version. */
export interface Server {
  readonly settings: MlflowSettings;
  /** Absent where nothing tells the server of the run itself. */
  readonly tracked?: Tracked | undefined;
  /** How long to wait before each further attempt. */
  readonly pausesMs?: readonly number[];
}

/** Registers a model under `config.name`; a server that refuses leaves the aliases as they were. */
export async function register(
  context: RegisterContext,
  server: Server | undefined,
): Promise<void> {
  const { config, inputs, signal } = context;
  const card = await readModelCard(inputs.model.path);
  const scores = inputs.scores && await readScores(inputs.scores.path);
  if (config.promote !== undefined && scores === undefined) {
    throw new StepError("A promotion goes by scores, and none are connected", {
      hint: "Connect the input `scores` to the metrics output of a test step",
    });
  }
  const digest = await digestFolder(inputs.model.path);
  signal.throwIfAborted();
  const facts = versionFacts({ name: config.name, digest, seed: context.seed }, card, scores);
  const home = `${sharedFolder(context, "registry")}/${config.name}`;
  const published = await publish(home, inputs.model.path, facts);
  if (server !== undefined) await tellServer(context, { server, published, digest });
  await announce(context, published, { home, facts });
  if (config.promote !== undefined) await promoteLocally(context, published, { home, facts });
}

async function tellServer(
  context: RegisterContext,
  { server, published, digest }: {
    readonly server: Server;
    readonly published: Published;
    readonly digest: string;
  },
): Promise<void> {
  const { name, alias } = context.config;
  const sent = await sendVersion(context, {
    ...server,
    home: sharedFolder(context, "mlflow"),
    registry: sharedFolder(context, "registry"),
    digest,
    version: published.record.version,
  });
  const text = `${JSON.stringify(sent)}\n`;
  await Deno.writeTextFile(`${context.outputs.version}/mlflow.json`, text);
  if ("isWaiting" in sent) return;
  context.log(`MLflow version ${sent.version} of "${name}" is now "${alias}"`);
  if (sent.promotion !== undefined) context.log(`MLflow: ${sent.promotion.reason}`);
}

interface Local {
  /** The registry's folder of the name. */
  readonly home: string;
  readonly facts: VersionFacts;
}

async function announce(
  context: RegisterContext,
  { record, path, isNew }: Published,
  { home, facts }: Local,
): Promise<void> {
  const { config, outputs } = context;
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
}

async function promoteLocally(
  context: RegisterContext,
  { record }: Published,
  { home, facts: { scores } }: Local,
): Promise<void> {
  const { config, outputs } = context;
  if (config.promote === undefined || scores === null) return;
  const candidate = { version: String(record.version), scores };
  const promotion = await promote(home, config.promote, candidate);
  context.log(promotion.reason);
  context.effect(`${home}/aliases/${promotion.alias}`);
  const text = `${JSON.stringify(promotion, null, 2)}\n`;
  await Deno.writeTextFile(`${outputs.version}/promotion.json`, text);
}

function sharedFolder({ shared }: RegisterContext, name: string): string {
  const folder = shared[name];
  if (folder === undefined) throw new Error(`The engine gave no folder "${name}"`);
  return folder;
}
