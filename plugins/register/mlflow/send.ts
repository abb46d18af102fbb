// The part of a registration that concerns an MLflow server: queues what it is to be told, then sends
// whatever waits. A server that is away costs nothing but a warning.
import { createHash } from "node:crypto";
import type { InputArtifact, StepContext } from "../../../engine/plugin.ts";
import { readManifest } from "../../tiles/manifest.ts";
import type { RegisterOptions } from "../options.ts";
import { drain, type Drained } from "./drain.ts";
import type { MlflowVersion } from "./deliver.ts";
import type { Attachment, Entry } from "./entry.ts";
import { datasetOf } from "./facts.ts";
import { openOutbox } from "./outbox.ts";
import type { Dataset } from "./runs.ts";
import type { MlflowSettings } from "./settings.ts";

/** What sending needs of a step. */
export interface SendContext
  extends Pick<StepContext<RegisterOptions, never, never>, "config" | "signal" | "log" | "warn"> {
  readonly inputs:
    & Readonly<Record<"model", InputArtifact>>
    & {
      readonly [Name in Attachment | "tiles"]: InputArtifact | undefined;
    };
  readonly effect: (path: string) => void;
}

/** What a tracker tells a server of. */
export interface Tracked {
  readonly run: string;
  /** Name of the experiment. */
  readonly experiment: string;
}

/** A version that a server is to be told of. */
export interface SendRequest {
  readonly settings: MlflowSettings;
  /** The plugin's folder for what waits. */
  readonly home: string;
  readonly registry: string;
  readonly digest: string;
  /** Number in the local registry. */
  readonly version: number;
  /** The run and experiment that a tracker tells the server of; absent where none does. */
  readonly tracked?: Tracked | undefined;
  readonly pausesMs?: readonly number[];
}

/** Where a version is on a server, or that it waits to get there. */
export type Sent = MlflowVersion | {
  readonly server: string;
  readonly name: string;
  readonly isWaiting: true;
};

/** Sends a version after all that waits already; throws StepError where a person must mend something. */
export async function sendVersion(context: SendContext, request: SendRequest): Promise<Sent> {
  const { inputs, signal, config } = context;
  const { settings, home, registry, pausesMs } = request;
  using outbox = await openOutbox(home);
  const { scores, history, figures } = inputs;
  const own = await outbox.add(await entryOf(context, request), {
    ...scores && { scores: scores.path },
    ...history && { history: history.path },
    ...figures && { figures: figures.path },
  });
  const drained = await drain(outbox, { settings, registry, signal, ...pausesMs && { pausesMs } });
  tellRefusals(context, drained, own.id);
  const sent = drained.delivered.get(own.id);
  if (sent !== undefined) return sent;
  const { stopped } = drained;
  if (stopped?.remedy === "mend") throw stopped;
  context.warn(
    `${stopped?.message ?? "Not sent yet"}. The version waits in .cairn/mlflow and is sent after ` +
      "the next run, or by `deno task mlflow sync`",
  );
  // Once it is sent this file is gone, so that the next run takes up what the server made of it.
  context.effect(`${own.folder}/entry.json`);
  return { server: settings.base, name: config.name, isWaiting: true };
}

/** Throws the refusal of the own entry; warns of those of others. */
function tellRefusals(context: SendContext, { refused }: Drained, own: string): void {
  for (const { id, folder, error } of refused) {
    if (id === own) throw error;
    const place = folder.split("/").slice(-2).join("/");
    context.warn(`An earlier version was set aside as .cairn/mlflow/${place}: ${error.message}`);
  }
}

async function entryOf(context: SendContext, request: SendRequest): Promise<Entry> {
  const { config, inputs } = context;
  const { name, alias, experiment = name, promote = null, tags } = config;
  const { mtime } = await Deno.stat(`${inputs.model.path}/model.json`);
  return {
    format: "cairn-mlflow/1",
    server: request.settings.base,
    name,
    alias,
    promote,
    experiment: request.tracked?.experiment ?? experiment,
    run: request.tracked?.run ?? null,
    tags,
    digest: request.digest,
    version: request.version,
    queuedAtMs: Date.now(),
    trainedAtMs: mtime?.getTime() ?? Date.now(),
    dataset: inputs.tiles === undefined ? null : await readDataset(inputs.tiles.path),
  };
}

/** Says which tiles a folder holds. */
export async function readDataset(folder: string): Promise<Dataset> {
  const bytes = await Deno.readFile(`${folder}/tiles.json`);
  return datasetOf(await readManifest(folder), createHash("sha256").update(bytes).digest("hex"));
}
