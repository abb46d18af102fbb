// The local registry as people look at it: models, their versions with scores, aliases, and what made them.
// `register` writes it; what cannot be read is shown as such, never hidden.
import { findAction, parseDigest, type ProjectState } from "../../engine/mod.ts";
import type { Origin, RunLibrary } from "../runs/runs.ts";

/** A name with its versions. */
export interface ModelView {
  readonly name: string;
  readonly aliases: readonly AliasView[];
  /** Newest first. */
  readonly versions: readonly VersionView[];
}

/** A name that moves from version to version. */
export interface AliasView {
  readonly name: string;
  readonly version: number;
}

/** A registered version. */
export interface VersionView {
  readonly version: number;
  /** What the registry's record says; absent where it cannot be read. */
  readonly record?: VersionFacts;
  /** Absent where no run that is still there registered it. */
  readonly origin?: LineageView;
}

/** The part of a version's record that the page shows. */
export interface VersionFacts {
  /** ISO 8601. */
  readonly created: string;
  readonly digest: string;
  readonly model: Readonly<Record<string, unknown>>;
  /** Null where it was registered without. */
  readonly scores: Readonly<Record<string, unknown>> | null;
}

/** The run that registered a version, and the steps that lead there from the first data. */
export interface LineageView {
  readonly run: string;
  readonly workflow: string;
  readonly file: string;
  readonly steps: readonly { readonly name: string; readonly makes: readonly string[] }[];
}

/** Lists the models of the registry by name. */
export async function listModels(
  { folder, store }: ProjectState,
  library: RunLibrary,
): Promise<readonly ModelView[]> {
  const registry = `${folder}/registry`;
  const names = namesIn(registry).filter((name) => namesIn(`${registry}/${name}`).length > 0);
  const origins = names.length === 0
    ? new Map<string, Origin>()
    : await findOrigins(store, library);
  return await Promise.all(
    names.sort().map(async (name) => {
      const home = `${registry}/${name}`;
      const numbers = namesIn(`${home}/versions`).filter((text) => /^\d+$/.test(text)).map(Number);
      const versions = numbers.sort((a, b) => b - a).map(async (version) => {
        const record = readRecord(`${home}/versions/${version}/version.json`);
        const maker = origins.get(versionPath(name, version));
        const origin = maker && await lineageOf(maker);
        return {
          version,
          ...(record === undefined ? {} : { record }),
          ...(origin === undefined ? {} : { origin }),
        };
      });
      return { name, aliases: readAliases(home), versions: await Promise.all(versions) };
    }),
  );
}

function versionPath(name: string, version: number): string {
  return `registry/${name}/versions/${version}/version.json`;
}

function readAliases(home: string): readonly AliasView[] {
  return namesIn(`${home}/aliases`).sort().flatMap((name) => {
    const version = Number(readText(`${home}/aliases/${name}`));
    return Number.isInteger(version) && version > 0 ? [{ name, version }] : [];
  });
}

function readRecord(path: string): VersionFacts | undefined {
  try {
    const value: unknown = JSON.parse(readText(path));
    if (!isRecord(value)) return undefined;
    const { created, digest, model, scores } = value;
    const isWhole = typeof created === "string" && !Number.isNaN(Date.parse(created)) &&
      typeof digest === "string" && isRecord(model) && (scores === null || isRecord(scores));
    return isWhole ? { created, digest, model, scores } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Finds the oldest run that registered a version, by the file that the step's result stands for. */
async function findOrigins(
  store: ProjectState["store"],
  library: RunLibrary,
): Promise<ReadonlyMap<string, Origin>> {
  const origins = new Map<string, Origin>();
  for (const id of library.ids) { // newest first, so that older ones replace newer ones
    const reader = await library.find(id);
    for (const step of reader?.fold.steps.values() ?? []) {
      if (reader === undefined || step.kind !== "register") continue;
      const fingerprint = parseDigest(step.fingerprint ?? "");
      const record = fingerprint && await findAction(store, fingerprint);
      const origin = await library.origin(reader, step) ?? { reader, step: step.name };
      for (const { path } of record?.effects ?? []) origins.set(path, origin);
    }
  }
  return origins;
}

async function lineageOf({ reader, step }: Origin): Promise<LineageView> {
  const { run, workflow, file } = reader.fold.head;
  const recipe = await reader.recipe();
  const above = new Set([step]);
  // A run names its steps in an order that respects their dependencies.
  for (const { name, dependsOn } of [...reader.fold.steps.values()].reverse()) {
    if (above.has(name)) { for (const other of dependsOn) above.add(other); }
  }
  const steps = [...reader.fold.steps.keys()].filter((name) => above.has(name)).map((name) => ({
    name,
    makes: [...new Set(Object.values(recipe?.steps[name]?.outputs ?? {}))],
  }));
  return { run, workflow, file, steps };
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

function readText(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (isAbsent(error)) return "";
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
