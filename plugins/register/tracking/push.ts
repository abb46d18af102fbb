// Brings models of the local registry to a server later: every version with what is still known of how it was
// made, then the aliases. What is there already is left alone, so that doing it twice does nothing twice.
import {
  type Digest,
  JournalReader,
  listActions,
  parseDigest,
  type ProjectState,
  readRecipe,
  type RunFolder,
  runFolder,
} from "../../../engine/mod.ts";
import { StepError, z } from "../../../engine/plugin.ts";
import type { MlflowClient } from "../mlflow/client.ts";
import { attachments, type Entry } from "../mlflow/entry.ts";
import { openOutbox, type Outbox } from "../mlflow/outbox.ts";
import { readDataset } from "../mlflow/send.ts";
import { aliasHolder, findVersion, moveAlias, notePromotion } from "../mlflow/versions.ts";
import { listAliases, readVersions } from "../registry.ts";
import type { VersionRecord } from "../version_record.ts";
import { readPosition, startOf, writePosition } from "./position.ts";
import { waitingFolder } from "./waiting.ts";

/** How a version came to be, as far as the store knows. */
interface Origin {
  readonly run: RunFolder;
  readonly step: string;
  /** Trees that were registered, by port. */
  readonly inputs: Readonly<Record<string, Digest>>;
}

/**
 * Queues the versions of one model, or of all, that the server does not have, and the runs that made them.
 * Gives the models' names; throws StepError for a name that the registry does not know.
 */
export async function queueVersions(
  client: MlflowClient,
  state: ProjectState,
  model: string | undefined,
): Promise<readonly string[]> {
  const registry = `${state.folder}/registry`;
  const names = await foldersIn(registry);
  if (model !== undefined && !names.includes(model)) {
    throw new StepError(`The registry has no model "${model}"`, {
      hint: names.length === 0 ? "Register one first" : `There is ${names.join(", ")}`,
    });
  }
  const chosen = model === undefined ? names : [model];
  const origins = findOrigins(state);
  using outbox = await openOutbox(waitingFolder(state));
  for (const name of chosen) {
    const records = [...await readVersions(`${registry}/${name}`)];
    for (const record of records.sort((a, b) => a.version - b.version)) {
      if (await findVersion(client, name, record.digest) !== undefined) continue;
      const origin = origins.get(`registry/${name}/versions/${record.version}/version.json`);
      await queueVersion(client, { state, outbox }, { record, origin });
    }
  }
  return chosen;
}

/** Points the server's aliases where the local ones point, and notes decisions; gives a line for each change. */
export async function pushAliases(
  client: MlflowClient,
  state: ProjectState,
  names: readonly string[],
): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const name of names) {
    const home = `${state.folder}/registry/${name}`;
    const records = await readVersions(home);
    for (const [alias, number] of await listAliases(home)) {
      const record = records.find(({ version }) => version === number);
      const version = record && await findVersion(client, name, record.digest);
      if (version === undefined) continue;
      const holder = await aliasHolder(client, name, alias);
      if (holder?.version === version) continue;
      if (holder !== undefined && !records.some(({ digest }) => digest === holder.digest)) {
        lines.push(
          `left "${alias}" of "${name}" on version ${holder.version}, which is not from here`,
        );
        continue;
      }
      await moveAlias(client, name, { alias, version });
      lines.push(`"${alias}" of "${name}" is now version ${version}`);
    }
    for (const [number, reason] of await readPromotions(home)) {
      const record = records.find(({ version }) => version === number);
      const version = record && await findVersion(client, name, record.digest);
      if (version !== undefined) await notePromotion(client, name, { version, reason });
    }
  }
  return lines;
}

/** The oldest result that stands for each version's file. */
function findOrigins(state: ProjectState): ReadonlyMap<string, Origin> {
  const records = listActions(state.store).flatMap(({ record }) => record ?? []);
  const origins = new Map<string, Origin>();
  for (const record of records.sort((a, b) => b.finishedAtMs - a.finishedAtMs)) {
    for (const { path } of record.effects) {
      if (!path.startsWith("registry/")) continue;
      origins.set(path, {
        run: runFolder(state.folder, record.run),
        step: record.step,
        inputs: inputsIn(state, record.material),
      });
    }
  }
  return origins;
}

function inputsIn({ store }: ProjectState, material: Digest): Origin["inputs"] {
  try {
    const { inputs } = z.object({ inputs: z.record(z.string(), z.unknown()) }).parse(
      JSON.parse(Deno.readTextFileSync(store.objectPath(material))),
    );
    return Object.fromEntries(
      Object.entries(inputs).flatMap(([port, value]) => {
        const digest = typeof value === "string" ? parseDigest(value) : undefined;
        return digest === undefined ? [] : [[port, digest]];
      }),
    );
  } catch {
    return {}; // collected as garbage: then nothing more is known
  }
}

async function queueVersion(
  client: MlflowClient,
  { state, outbox }: { readonly state: ProjectState; readonly outbox: Outbox },
  { record, origin }: { readonly record: VersionRecord; readonly origin: Origin | undefined },
): Promise<void> {
  const told = origin && await queueRun(client, state, origin);
  const folders = await viewsOf(state, origin?.inputs ?? {});
  const createdAtMs = Date.parse(record.created);
  const entry: Entry = {
    format: "cairn-mlflow/1",
    server: client.settings.base,
    name: record.name,
    alias: null,
    promote: null,
    experiment: told?.experiment ?? record.name,
    run: told?.run ?? null,
    tags: {},
    digest: record.digest,
    version: record.version,
    queuedAtMs: createdAtMs,
    trainedAtMs: createdAtMs,
    dataset: folders["tiles"] === undefined ? null : await readDataset(folders["tiles"]),
  };
  const attached = attachments.flatMap((name) =>
    folders[name] === undefined ? [] : [[name, folders[name]]]
  );
  await outbox.add(entry, Object.fromEntries(attached));
}

/** Queues the run that registered a version; undefined where its journal is gone, or waits for others. */
async function queueRun(
  client: MlflowClient,
  state: ProjectState,
  { run, step }: Origin,
): Promise<{ readonly run: string; readonly experiment: string } | undefined> {
  const recipe = await readRecipe(run.recipePath);
  const workflow = await workflowIn(run);
  if (recipe === undefined || workflow === undefined) return undefined;
  const home = waitingFolder(state);
  const waiting = await readPosition(home, run.id);
  const server = client.settings.base;
  if (waiting !== undefined) {
    const { experiment } = waiting;
    return waiting.server === server ? { run: run.id, experiment } : undefined;
  }
  const chosen = recipe.steps[step]?.config["experiment"];
  const experiment = typeof chosen === "string" ? chosen : workflow;
  await writePosition(home, run.id, startOf({ server, experiment, tags: {} }));
  await Deno.writeTextFile(run.waitingPath, "");
  return { run: run.id, experiment };
}

async function workflowIn({ journalPath }: RunFolder): Promise<string | undefined> {
  const [first] = await new JournalReader(journalPath).next().catch(() => []);
  return first?.type === "run-started" ? first.workflow : undefined;
}

async function viewsOf(
  { store }: ProjectState,
  inputs: Origin["inputs"],
): Promise<Readonly<Record<string, string>>> {
  const views: Record<string, string> = {};
  for (const port of [...attachments, "tiles"]) {
    const digest = inputs[port];
    if (digest === undefined) continue;
    const view = await store.access.share(() => store.view(digest)).catch(() => undefined);
    if (view !== undefined) views[port] = view.path;
  }
  return views;
}

const promotionLine = z.object({ version: z.coerce.number(), reason: z.string() });

/** Why versions became what they are, as the local registry noted it; the last word on each. */
async function readPromotions(home: string): Promise<ReadonlyMap<number, string>> {
  const text = await Deno.readTextFile(`${home}/promotions.ndjson`).catch(() => "");
  return new Map(
    text.split("\n").filter((line) => line !== "").map((line) => {
      const { version, reason } = promotionLine.parse(JSON.parse(line));
      return [version, reason];
    }),
  );
}

async function foldersIn(folder: string): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    return entries.filter(({ isDirectory }) => isDirectory).map(({ name }) => name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
