// The local registry: `NAME/versions/N/` holds a model's files and version.json, `NAME/aliases/ALIAS` a
// number. Versions never change; they appear whole by one rename, so that a reader never sees half of one.
import { copyFiles } from "./model_files.ts";
import {
  readVersionRecord,
  type VersionFacts,
  type VersionRecord,
  writeVersionRecord,
} from "./version_record.ts";

/** A version in the registry. */
export interface Published {
  readonly record: VersionRecord;
  /** Folder of the model's files and of version.json. */
  readonly path: string;
  /** False where an equal model was there already. */
  readonly isNew: boolean;
}

/**
 * Gives a model folder the next version number below `home`, the registry's folder of that name.
 * A model with the same digest keeps the number it has. Safe to call from several processes at once.
 */
export async function publish(
  home: string,
  model: string,
  facts: VersionFacts,
): Promise<Published> {
  await Deno.mkdir(`${home}/versions`, { recursive: true });
  const staged = await newStage(home);
  try {
    for (let isCopied = false;; isCopied = true) {
      const records = await readVersions(home);
      const equal = records.find(({ digest }) => digest === facts.digest);
      if (equal !== undefined) {
        return { record: equal, path: `${home}/versions/${equal.version}`, isNew: false };
      }
      if (!isCopied) await copyFiles(model, staged);
      const version = Math.max(0, ...records.map((record) => record.version)) + 1;
      const record = { ...facts, version, created: new Date().toISOString() };
      await writeVersionRecord(`${staged}/version.json`, record);
      const path = `${home}/versions/${version}`;
      // Taken by another process since we looked: look again, it may be an equal model.
      if (await moveUnlessTaken(staged, path)) return { record, path, isNew: true };
    }
  } finally {
    await removeIfThere(staged);
  }
}

/** Points an alias at a version and gives the alias's file. */
export async function setAlias(home: string, alias: string, version: number): Promise<string> {
  const path = `${home}/aliases/${alias}`;
  await Deno.mkdir(`${home}/aliases`, { recursive: true });
  const staged = await newStage(home);
  try {
    await Deno.writeTextFile(`${staged}/alias`, `${version}\n`);
    await Deno.rename(`${staged}/alias`, path);
  } finally {
    await removeIfThere(staged);
  }
  return path;
}

/** Reads which version an alias points at; undefined where the alias is not there. */
export async function readAlias(home: string, alias: string): Promise<number | undefined> {
  const text = await unlessMissing(Deno.readTextFile(`${home}/aliases/${alias}`));
  return text === undefined ? undefined : Number(text);
}

/** Says whether the registry has a version of a model. */
export async function hasVersion(home: string, version: number): Promise<boolean> {
  return await exists(`${home}/versions/${version}/version.json`);
}

/** Reads all aliases with their versions, sorted by name. */
export async function listAliases(home: string): Promise<ReadonlyMap<string, number>> {
  const aliases = new Map<string, number>();
  const entries = await unlessMissing(Array.fromAsync(Deno.readDir(`${home}/aliases`))) ?? [];
  for (const name of entries.map(({ name }) => name).sort()) {
    const version = await readAlias(home, name);
    if (version !== undefined) aliases.set(name, version);
  }
  return aliases;
}

/** Reads the records of all versions of a model, in no order. */
export async function readVersions(home: string): Promise<VersionRecord[]> {
  const records: VersionRecord[] = [];
  for await (const { name } of Deno.readDir(`${home}/versions`)) {
    if (!/^\d+$/.test(name)) continue;
    records.push(await readVersionRecord(`${home}/versions/${name}/version.json`));
  }
  return records;
}

const dayMs = 24 * 60 * 60 * 1000;

/** Makes a folder to prepare files in, and removes those that a killed process left behind. */
async function newStage(home: string): Promise<string> {
  const stages = `${home}/staging`;
  await Deno.mkdir(stages, { recursive: true });
  for await (const { name } of Deno.readDir(stages)) {
    const changed = await modified(`${stages}/${name}`);
    const isLeftOver = changed !== undefined && Date.now() - changed > dayMs;
    if (isLeftOver) await removeIfThere(`${stages}/${name}`);
  }
  return await Deno.makeTempDir({ dir: stages });
}

/** A folder cannot be renamed onto one that holds files, which makes this the lock. */
async function moveUnlessTaken(from: string, to: string): Promise<boolean> {
  try {
    await Deno.rename(from, to);
    return true;
  } catch (error) {
    if (await exists(to)) return false;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return await modified(path) !== undefined;
}

async function modified(path: string): Promise<number | undefined> {
  const info = await unlessMissing(Deno.stat(path));
  return info && (info.mtime?.getTime() ?? 0);
}

async function removeIfThere(path: string): Promise<void> {
  await unlessMissing(Deno.remove(path, { recursive: true }));
}

async function unlessMissing<Result>(doing: Promise<Result>): Promise<Result | undefined> {
  try {
    return await doing;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
