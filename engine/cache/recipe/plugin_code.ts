// The code that a plugin consists of: every module it can import, by content, and every npm package by
// version. Nobody has to remember to raise a version number.
import { dirname } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { type Digest, digestValue } from "../content/digest.ts";
import type { FileDigests } from "../content/file_digests.ts";
import type { StatStamp } from "../content/stat_stamp.ts";
import { checkedText, withChecksum } from "../index/checked_text.ts";

/** A plugin's modules. */
export interface PluginCode {
  /** What the fingerprint takes: module name to digest or version. */
  readonly modules: Readonly<Record<string, string>>;
  /** Equal where all modules are. */
  readonly identity: Digest;
  /** Local files of the graph, absolute, with their stamps: what the sandbox may read. */
  readonly stamps: ReadonlyMap<string, StatStamp>;
  /** Lists of packages that decide their versions where no lock file does, with their stamps. */
  readonly registries: ReadonlyMap<string, StatStamp>;
  /** Hosts that modules of the graph come from: all that the sandbox may import from. */
  readonly hosts: readonly string[];
}

/** Thrown where a module cannot be resolved; the message is Deno's. */
export class ModuleGraphError extends Error {
  override readonly name = "ModuleGraphError";
}

/** The shape of a module graph, remembered while none of its files changes. */
interface ModuleGraph {
  readonly files: Readonly<Record<string, { readonly path: string; readonly digest: string }>>;
  readonly packages: Readonly<Record<string, string>>;
  /** Digest of each list of packages that decided a version. */
  readonly registries: Readonly<Record<string, string>>;
  readonly hosts: readonly string[];
}

/** Counted from 0. */
interface Position {
  readonly line: number;
  readonly character: number;
}

interface DenoInfo {
  readonly redirects?: Readonly<Record<string, string>>;
  readonly modules: readonly {
    readonly specifier: string;
    readonly local?: string;
    readonly npmPackage?: string;
    readonly error?: string;
    readonly dependencies?: readonly {
      readonly code?: { readonly specifier?: string; readonly span: { readonly start: Position } };
    }[];
  }[];
  readonly npmPackages?: Readonly<
    Record<
      string,
      {
        readonly name: string;
        readonly version: string;
        readonly dependencies: readonly string[];
        /** The package's folder, beside the list of its versions. */
        readonly localPath?: string;
      }
    >
  >;
}

/** A plugin's module. */
export interface PluginModule {
  /** URL of it. */
  readonly specifier: string;
  /** Lock file of Deno that pins a plugin from elsewhere; its name changes with what it pins. */
  readonly lockFile?: string;
}

/** What it takes to find a plugin's code. */
export interface CodeTools {
  readonly index: DatabaseSync;
  readonly digests: FileDigests;
  /** Files that decide what imports mean; a graph is remembered while they stay the same. */
  readonly configFiles: readonly string[];
  /** Flags that make Deno use it. */
  readonly flags: readonly string[];
}

/** How long an answer of PluginCodes is given again. */
const TRUSTED_MS = 100;

/**
 * Finds the code of plugins for many steps. Code that was edited within the last tenth of a second may be
 * given as it was before: a step that runs with it is caught afterwards, because the stamps differ.
 */
export class PluginCodes {
  readonly #found = new Map<
    string,
    { readonly code: Promise<PluginCode>; readonly atMs: number }
  >();

  constructor(private readonly tools: Pick<CodeTools, "index" | "digests" | "configFiles">) {}

  /** Finds the code of a plugin; throws ModuleGraphError. */
  of(plugin: PluginModule, flags: readonly string[]): Promise<PluginCode> {
    const { specifier } = plugin;
    const nowMs = performance.now();
    const found = this.#found.get(specifier);
    if (found !== undefined && nowMs - found.atMs < TRUSTED_MS) return found.code;
    const code = pluginCode(plugin, { ...this.tools, flags });
    this.#found.set(specifier, { code, atMs: nowMs });
    return code;
  }
}

/** Finds the code of a plugin; throws ModuleGraphError. */
async function pluginCode(plugin: PluginModule, tools: CodeTools): Promise<PluginCode> {
  const { specifier, lockFile = "" } = plugin;
  const configs = await Promise.all(tools.configFiles.map((path) => tools.digests.of(path)));
  const key = [Deno.version.deno, ...configs.map(({ digest }) => digest), specifier, lockFile]
    .join(" ").trimEnd();
  const row = tools.index.prepare("SELECT graph FROM module_graph WHERE key = ?").get(key) as
    | { readonly graph: string }
    | undefined;
  const known = row && checkedText(row.graph);
  if (known !== undefined) {
    const code = await codeOf(JSON.parse(known) as ModuleGraph, tools.digests);
    if (code !== undefined) return code;
  }
  const info = await denoInfo(plugin.specifier, tools.flags);
  const graph = await moduleGraphOf(plugin, info, tools);
  if (plugin.lockFile !== undefined || isLasting(graph, info, tools)) {
    tools.index.prepare("INSERT OR REPLACE INTO module_graph VALUES (?, ?)").run(
      key,
      withChecksum(JSON.stringify(graph)),
    );
  }
  return await codeOf(graph, tools.digests) ?? await pluginCode(plugin, tools);
}

/** The code that a graph describes; undefined where a file has changed since. */
async function codeOf(graph: ModuleGraph, digests: FileDigests): Promise<PluginCode | undefined> {
  const modules: Record<string, string> = { ...graph.packages };
  const stamps = new Map<string, StatStamp>();
  for (const [name, { path, digest }] of Object.entries(graph.files)) {
    const found = await digests.find(path);
    if (found?.digest !== digest) return undefined;
    modules[name] = digest;
    stamps.set(path, found.stamp);
  }
  const registries = new Map<string, StatStamp>();
  for (const [path, digest] of Object.entries(graph.registries)) {
    const found = await digests.find(path);
    if (found?.digest !== digest) return undefined;
    registries.set(path, found.stamp);
  }
  const identity = digestValue("cairn-code/1", modules);
  return { modules, identity, stamps, registries, hosts: graph.hosts };
}

async function moduleGraphOf(
  { specifier, lockFile }: PluginModule,
  info: DenoInfo,
  { digests, flags }: CodeTools,
): Promise<ModuleGraph> {
  const files: Record<string, { path: string; digest: Digest }> = {};
  const packages: Record<string, string> = {};
  const hosts = new Set<string>();
  for (const module of info.modules) {
    if (module.error !== undefined) {
      throw new ModuleGraphError(module.error + importOf(module, info));
    }
    if (module.npmPackage !== undefined) addPackage(module.npmPackage, info, packages);
    if (module.specifier.startsWith("https:")) hosts.add(new URL(module.specifier).host);
    if (module.local === undefined) continue;
    const { digest } = await digests.of(module.local);
    files[relativeTo(specifier, module.specifier)] = { path: module.local, digest };
  }
  if (lockFile !== undefined) await addIntegrities(lockFile, packages);
  const registries: Record<string, Digest> = {};
  for (const path of registryFiles(info, { flags })) {
    const found = await digests.find(path);
    if (found !== undefined) registries[path] = found.digest;
  }
  return { files, packages, registries, hosts: [...hosts] };
}

/** Says where a module is imported, if that is known. */
function importOf({ specifier }: { readonly specifier: string }, { modules }: DenoInfo): string {
  for (const { specifier: importer, dependencies = [] } of modules) {
    const found = dependencies.find(({ code }) => code?.specifier === specifier)?.code;
    if (found === undefined) continue;
    const { line, character } = found.span.start;
    const path = importer.startsWith("file:")
      ? decodeURIComponent(new URL(importer).pathname)
      : importer;
    return ` It is imported at ${path}:${line + 1}:${character + 1}`;
  }
  return "";
}

/** Files in which Deno keeps what versions there are of each package: they decide where no lock file does. */
function registryFiles(
  { npmPackages = {} }: DenoInfo,
  { flags }: Pick<CodeTools, "flags">,
): ReadonlySet<string> {
  if (!flags.includes("--no-lock")) return new Set();
  const folders = Object.values(npmPackages).flatMap(({ localPath }) => localPath ?? []);
  return new Set(folders.map((folder) => `${dirname(folder)}/registry.json`));
}

const EXACT_VERSION = /^jsr:@[^/]+\/[^/@]+@\d+\.\d+\.\d+[^/]*(\/|$)/;

/** Says whether a graph stays as it is while its files do: `jsr:@std/csv@1` may mean another version at any time. */
function isLasting(graph: ModuleGraph, info: DenoInfo, tools: CodeTools): boolean {
  const names = Object.keys(info.redirects ?? {}).filter((name) => !name.startsWith("npm:"));
  return names.every((name) => EXACT_VERSION.test(name)) &&
    Object.keys(graph.registries).length === registryFiles(info, tools).size;
}

/** Adds what a lock file says of the content of packages: one version may be published with two contents. */
async function addIntegrities(lockFile: string, packages: Record<string, string>): Promise<void> {
  const { npm = {} } = JSON.parse(await Deno.readTextFile(lockFile)) as {
    readonly npm?: Readonly<Record<string, { readonly integrity?: string }>>;
  };
  for (const [name, { integrity }] of Object.entries(npm)) {
    const version = packages[`npm:${name}`];
    if (version !== undefined) packages[`npm:${name}`] = `${version} ${integrity}`;
  }
}

/** Adds a package and all it depends on: a new version anywhere below may change results. */
function addPackage(id: string, info: DenoInfo, packages: Record<string, string>): void {
  const found = info.npmPackages?.[id];
  if (found === undefined || packages[`npm:${id}`] !== undefined) return;
  packages[`npm:${id}`] = found.version;
  for (const dependency of found.dependencies) addPackage(dependency, info, packages);
}

async function denoInfo(specifier: string, flags: readonly string[]): Promise<DenoInfo> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", ...flags, specifier],
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  if (!success) throw new ModuleGraphError(new TextDecoder().decode(stderr).trim());
  return JSON.parse(new TextDecoder().decode(stdout)) as DenoInfo;
}

/** Names a module by its way from the entry's folder, so that a moved checkout keeps its fingerprints. */
function relativeTo(entry: string, specifier: string): string {
  if (!specifier.startsWith("file:") || !entry.startsWith("file:")) return specifier;
  const from = entry.split("/").slice(0, -1);
  const to = specifier.split("/");
  let shared = 0;
  while (shared < from.length && from[shared] === to[shared]) shared++;
  return [...from.slice(shared).map(() => ".."), ...to.slice(shared)].join("/");
}
