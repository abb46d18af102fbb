// Gathers everything that a step's result may depend on, and proves afterwards that it stood still.
import { type Digest, digestValue, type Value } from "../../cache/content/digest.ts";
import {
  type FingerprintMaterial,
  fingerprintOf,
  type ListedInput,
} from "../../cache/recipe/fingerprint.ts";
import { ModuleGraphError, type PluginCode } from "../../cache/recipe/plugin_code.ts";
import { isSecret, secretDigest } from "../../cache/recipe/secrets.ts";
import { changeTimes } from "../../cache/content/change_times.ts";
import { linksAlong } from "../../cache/content/links.ts";
import {
  CLOCK_LAG_MS,
  firstChanged,
  type StatStamp,
  untilDistinct,
} from "../../cache/content/stat_stamp.ts";
import {
  scanKnownTree,
  type ScannedTree,
  scanTree,
  UnfitForTreeError,
} from "../../cache/content/tree.ts";
import type { GraphPath, GraphStep } from "../../graph/graph.ts";
import { laidOutName } from "../../graph/options/paths.ts";
import { HOME_URL, resolutionFlags } from "../../graph/plugins/resolution.ts";
import type { Json, JsonObject } from "../../workflow/workflow.ts";
import { replaceOption } from "./option_path.ts";
import type { ReuseContext } from "../run_context.ts";

/** A file or folder that an option names, as it was when it was hashed. */
export interface ScannedPath {
  readonly path: GraphPath;
  readonly scan: ScannedTree;
  /** Precise times of change of files so young that their stamps alone could hide an edit. */
  readonly young: ReadonlyMap<string, number>;
  /** Stamps of the symbolic links on the way. */
  readonly links: ReadonlyMap<string, StatStamp>;
}

/** A step's material with what is needed to lay it out and to check it again. */
export interface Prepared {
  readonly fingerprint: Digest;
  readonly material: FingerprintMaterial;
  readonly paths: readonly ScannedPath[];
  readonly code: PluginCode;
}

/** Hashes a step's code, options, files and inputs; every producer's outputs must be known. */
export async function prepareMaterial(context: ReuseContext, step: GraphStep): Promise<Prepared> {
  const code = await codeOf(context, step);
  const paths: ScannedPath[] = [];
  for (const path of step.paths) paths.push(await scanSettled(context, path));
  return prepared(context, step, { code, paths });
}

/** The code of a step's plugin. */
export function codeOf({ codes }: ReuseContext, { plugin }: GraphStep): Promise<PluginCode> {
  return codes.of(plugin, resolutionFlags(plugin));
}

/** Scans what a step's options name without reading a file; undefined where that is not enough. */
export function knownPaths(
  context: ReuseContext,
  step: GraphStep,
): readonly ScannedPath[] | undefined {
  const paths: ScannedPath[] = [];
  for (const path of step.paths) {
    const scan = scanKnownTree(path.absolute, context.store.digests);
    if (scan === undefined) return undefined;
    paths.push({ path, scan, young: new Map(), links: new Map() });
  }
  return paths;
}

/** Puts together what a step's result may depend on. */
export function prepared(
  context: ReuseContext,
  step: GraphStep,
  { code, paths }: Pick<Prepared, "code" | "paths">,
): Prepared {
  const { plugin, resolved } = step;
  const secrets = context.secrets.digests(step, context.store.folder);
  const material: FingerprintMaterial = {
    plugin: {
      name: plugin.name,
      version: plugin.version,
      code: code.modules,
      ...(resolved.command === undefined || plugin.specifier.startsWith(HOME_URL)
        ? {}
        : { command: resolved.command }),
    },
    config: fingerprintConfig(context, step) as Value,
    paths: Object.fromEntries(
      paths.map((scanned) => [scanned.path.option.join("."), digestOf(scanned)]),
    ),
    inputs: inputDigests(context, step),
    outputs: Object.fromEntries(
      Object.entries(resolved.outputs).map(([name, { type }]) => [name, type]),
    ),
    env: environmentOf(context, step),
    ...(secrets === undefined ? {} : { secrets }),
    platform: { os: Deno.build.os, arch: Deno.build.arch, runtime: `deno ${Deno.version.deno}` },
    seed: step.seed,
  };
  return { fingerprint: fingerprintOf(material), material, paths, code };
}

/** Content of what an option names; where that may be either, a file is another thing than a folder that holds it. */
export function digestOf({ path, scan }: ScannedPath): Digest {
  const { tree, isFile } = scan;
  return path.kind === "any" && isFile ? digestValue("cairn-file/1", tree.digest) : tree.digest;
}

/** Says whether preparing a step failed for a reason that lies in its files, which people can mend. */
export function isMendable(error: unknown): error is Error {
  return error instanceof UnfitForTreeError || error instanceof ModuleGraphError ||
    error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied;
}

/** Values of the declared variables, secret ones as keyed hashes; null where a variable is not set. */
export function environmentOf(
  context: ReuseContext,
  step: GraphStep,
): Record<string, string | null> {
  const names = step.plugin.permissions.env ?? [];
  return Object.fromEntries(names.map((name) => {
    const value = context.environment(name) ?? null;
    const isHidden = value !== null && (isSecret(name, value) || context.secrets.has(name));
    return [name, isHidden ? secretDigest(context.store.folder, value) : value];
  }));
}

/** Tree digest of each input; of an input that is a list, its items. */
export function inputDigests(
  context: ReuseContext,
  step: GraphStep,
): Record<string, Digest | readonly ListedInput[]> {
  const single: Record<string, Digest> = {};
  const lists: Record<string, ListedInput[]> = {};
  for (const { port, from, output, item } of step.inputs) {
    const tree = context.outputs.get(from)?.[output];
    if (tree === undefined) {
      throw new Error(`output "${output}" of step "${from}" is not known yet`);
    }
    if (item === undefined) single[port] = tree;
    else (lists[port] ??= []).push({ ...item, tree });
  }
  return { ...single, ...lists };
}

/** Says what changed since the step was prepared; undefined where nothing did. */
export async function changedSince(
  context: ReuseContext,
  prepared: Prepared,
): Promise<string | undefined> {
  const { stamps, registries } = prepared.code;
  const code = firstChanged(stamps) ?? firstChanged(registries);
  if (code !== undefined) return code;
  for (const { path, scan, young, links } of prepared.paths) {
    const changed = firstChanged(scan.stamps) ?? firstChanged(links, Deno.lstatSync) ??
      await firstLaterThan(young);
    if (changed !== undefined) return changed;
    const now = await scanTree(path.absolute, context.store.digests, scanOptions(context));
    if (now.tree.digest !== scan.tree.digest) return path.absolute;
  }
  return undefined;
}

/** Follows links, because people keep data elsewhere; stops where the run is interrupted. */
function scanOptions(
  context: ReuseContext,
): { readonly links: "follow"; readonly signal: AbortSignal } {
  return { links: "follow", signal: context.signal };
}

/**
 * Scans once no later edit can go unnoticed. Files changed within this second are told apart by their precise
 * times, which takes milliseconds; where there are none, by waiting for the next second.
 */
async function scanSettled(context: ReuseContext, path: GraphPath): Promise<ScannedPath> {
  for (;;) {
    const startedAtMs = Date.now();
    const scan = await scanTree(path.absolute, context.store.digests, scanOptions(context));
    const waits = [...scan.stamps].map(([file, stamp]) =>
      [file, untilDistinct(stamp, startedAtMs)] as const
    ).filter(([, waitMs]) => waitMs > 0);
    const links = linksAlong(scan.links);
    if (waits.length === 0) return { path, scan, young: new Map(), links };
    const young = await changeTimes(waits.map(([file]) => file));
    // Also a time in the future, which a clock that was set back leaves, is another than that of an edit now.
    const isDistinct = (timeMs: number): boolean => Math.abs(startedAtMs - timeMs) >= CLOCK_LAG_MS;
    if (young !== undefined && [...young.values()].every(isDistinct)) {
      return { path, scan, young, links };
    }
    const waitMs = young === undefined ? Math.max(...waits.map(([, ms]) => ms)) : CLOCK_LAG_MS;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

/** Gives a file that was changed at another time than is known; undefined where none was. */
async function firstLaterThan(known: ReadonlyMap<string, number>): Promise<string | undefined> {
  if (known.size === 0) return undefined;
  const now = await changeTimes(known.keys());
  return [...known].find(([path, timeMs]) => now?.get(path) !== timeMs)?.[0];
}

/** Options without those that only steer how the step runs, and without where paths lead. */
function fingerprintConfig(context: ReuseContext, step: GraphStep): JsonObject {
  const properties = step.plugin.configSchema.properties;
  const kept = Object.entries(step.resolved.config).filter(([name]) =>
    !isMarked(isObject(properties) ? properties[name] : undefined, "cairnRuntimeOnly")
  );
  let config: JsonObject = Object.fromEntries(kept);
  for (const { option, absolute } of step.paths) {
    const { projectFolder } = context.graph.workflow;
    const name = step.resolved.command === undefined ? null : laidOutName(projectFolder, absolute);
    config = replaceOption(config, option, name);
  }
  return config;
}

/** Says whether a JSON Schema carries a mark, itself or in one of its alternatives. */
function isMarked(schema: Json | undefined, mark: string): boolean {
  if (!isObject(schema)) return false;
  const { anyOf, allOf } = schema;
  const inner = [anyOf, allOf].flatMap((list) => Array.isArray(list) ? list as Json[] : []);
  return schema[mark] !== undefined || inner.some((alternative) => isMarked(alternative, mark));
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
