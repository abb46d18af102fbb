// Remembers checked workflows: while nothing that checking looked at has changed, its graph is read back
// instead of being built anew. A hint like all of the index; what it does not know is checked.
import type { DatabaseSync } from "node:sqlite";
import { type Digest, digestBytes } from "../cache/content/digest.ts";
import { isSettled } from "../cache/content/stat_stamp.ts";
import { filesBelow, statIfPresent } from "../cache/disk/folders.ts";
import { checkedText, withChecksum } from "../cache/index/checked_text.ts";
import { ModuleGraphError, type PluginCode, PluginCodes } from "../cache/recipe/plugin_code.ts";
import type { Store } from "../cache/store.ts";
import { SourceFile } from "../diagnostics/source_file.ts";
import type { Graph } from "../graph/graph.ts";
import { readGraph, writeGraph } from "../graph/graph_text.ts";
import { pathKindAt } from "../graph/paths.ts";
import { CONFIG_FILES, resolutionFlags } from "../graph/plugins/resolution.ts";
import type { LoadRequest } from "../workflow/load.ts";
import { realTarget } from "../workflow/sections/publish.ts";
import { filePath, findProjectFolder, readSource } from "../workflow/source.ts";

/** How many workflows are remembered, each with the parameters that it was given. */
const MOST_REMEMBERED = 32;

/** Everything that decided how a workflow was understood, beside its path and its parameters. */
interface Conditions {
  /** The file's path with the parameters. */
  readonly key: string;
  readonly projectFolder: string;
  readonly text: string;
  /** Identity of the code that reads workflows and computes fingerprints. */
  readonly reader: string;
  /** Digest per variable that an expression read; null where it was not set. */
  readonly env: Readonly<Record<string, string | null>>;
  /** Digest of the code of each plugin, by specifier. */
  readonly plugins: Readonly<Record<string, string>>;
  /** Where each published target really lies. */
  readonly targets: Readonly<Record<string, string>>;
}

/** A graph and what identifies all that decided how it was understood. */
export interface KnownGraph {
  readonly graph: Graph;
  readonly identity: Digest;
}

interface Row {
  readonly conditions: string;
  readonly graph: string;
}

/** A request whose start and look-ups of variables are noted. */
export class NotedRequest implements LoadRequest {
  readonly path: string;
  readonly cwd: string;
  readonly set: LoadRequest["set"];
  readonly variables = new Map<string, string | undefined>();
  readonly startedAtMs = Date.now();

  constructor(private readonly request: LoadRequest) {
    ({ path: this.path, cwd: this.cwd, set: this.set } = request);
  }

  env(name: string): string | undefined {
    const value = this.request.env(name);
    this.variables.set(name, value);
    return value;
  }
}

/** The remembered graphs of a store. */
export class GraphMemory {
  readonly #index: DatabaseSync;
  readonly #codes: PluginCodes;

  constructor({ index, digests }: Pick<Store, "index" | "digests">) {
    this.#index = index;
    this.#codes = new PluginCodes({ index, digests, configFiles: CONFIG_FILES });
  }

  /** The graph of a workflow; undefined where it was never checked as it is now. */
  async recall(request: LoadRequest): Promise<KnownGraph | undefined> {
    const row = this.#index.prepare("SELECT conditions, graph FROM known_graph WHERE key = ?")
      .get(keyOf(request)) as Row | undefined;
    const [known, graphText] = [row && checkedText(row.conditions), row && checkedText(row.graph)];
    if (known === undefined || graphText === undefined) return undefined;
    const path = filePath(request.path, request.cwd);
    const file = await readSource(path);
    if (!(file instanceof SourceFile)) return undefined;
    const conditions = JSON.parse(known) as Conditions; // written by `remember`
    const projectFolder = await findProjectFolder(path.absolute);
    const isSame = conditions.projectFolder === projectFolder &&
      conditions.text === digestBytes(file.text) && conditions.reader === readerIdentity() &&
      isSameEnv(conditions, request) && await this.#haveSamePlugins(conditions) &&
      await areSameTargets(conditions);
    if (!isSame) return undefined;
    const graph = readGraph(graphText, { file, path: path.absolute, projectFolder });
    return havePathsTheirKinds(graph) ? { graph, identity: digestBytes(known) } : undefined;
  }

  /**
   * Takes a graph that was checked without any mistake; undefined where a plugin is so young that it may have
   * been another one when it was asked.
   */
  async remember(request: NotedRequest, graph: Graph): Promise<KnownGraph | undefined> {
    const plugins: Record<string, string> = {};
    for (const { plugin } of graph.steps.values()) {
      if (plugins[plugin.specifier] !== undefined) continue;
      const { identity, stamps } = await this.#codeOf(plugin.specifier);
      if (![...stamps.values()].every((stamp) => isSettled(stamp, request.startedAtMs))) return;
      plugins[plugin.specifier] = identity;
    }
    const targets: Record<string, string> = {};
    for (const { target } of graph.publish) targets[target] = await realTarget(target);
    const { file, projectFolder } = graph.workflow;
    const env = Object.fromEntries(
      [...request.variables].map(([name, value]) => [name, digestOfValue(value)]),
    );
    const key = keyOf(request);
    const conditions: Conditions = {
      key,
      projectFolder,
      text: digestBytes(file.text),
      reader: readerIdentity(),
      env,
      plugins,
      targets,
    };
    const text = JSON.stringify(conditions);
    this.#index.prepare("INSERT OR REPLACE INTO known_graph VALUES (?, ?, ?, ?)")
      .run(key, Date.now(), withChecksum(text), withChecksum(writeGraph(graph)));
    this.#index.prepare(
      "DELETE FROM known_graph WHERE key NOT IN " +
        "(SELECT key FROM known_graph ORDER BY remembered DESC LIMIT ?)",
    ).run(MOST_REMEMBERED);
    return { graph, identity: digestBytes(text) };
  }

  async #haveSamePlugins({ plugins }: Conditions): Promise<boolean> {
    for (const [specifier, digest] of Object.entries(plugins)) {
      const code = await this.#codeOf(specifier).catch(orNoCode);
      if (code?.identity !== digest) return false;
    }
    return true;
  }

  #codeOf(specifier: string): Promise<PluginCode> {
    return this.#codes.of(specifier, resolutionFlags(specifier));
  }
}

/** Code that cannot be found any more is no longer the same; checking says what is wrong with it. */
function orNoCode(error: unknown): undefined {
  if (!(error instanceof ModuleGraphError)) throw error;
}

function keyOf({ path, cwd, set }: LoadRequest): string {
  return JSON.stringify([
    filePath(path, cwd).absolute,
    set.map(({ name, value }) => [name, value]),
  ]);
}

/** Values may be secret: they are remembered as digests. */
function digestOfValue(value: string | undefined): string | null {
  return value === undefined ? null : digestBytes(value);
}

function isSameEnv({ env }: Conditions, request: LoadRequest): boolean {
  return Object.entries(env).every(([name, digest]) => digestOfValue(request.env(name)) === digest);
}

async function areSameTargets({ targets }: Conditions): Promise<boolean> {
  for (const [target, real] of Object.entries(targets)) {
    if (await realTarget(target) !== real) return false;
  }
  return true;
}

/** Says whether every path that options name is still there; if not, checking anew says so at its place. */
function havePathsTheirKinds(graph: Graph): boolean {
  const kinds = new Map<string, string>();
  for (const { paths } of graph.steps.values()) {
    for (const { absolute, kind } of paths) {
      const found = kinds.get(absolute) ?? pathKindAt(absolute);
      kinds.set(absolute, found);
      if (found === "missing" || (kind !== "any" && kind !== found)) return false;
    }
  }
  return true;
}

/** Stamps of the engine's code, or where it comes from if that is not this machine. */
function readerIdentity(): string {
  const engine = new URL("../", import.meta.url);
  if (engine.protocol !== "file:") return `${Deno.version.deno} ${engine.href}`;
  const root = decodeURIComponent(engine.pathname).replace(/\/$/, "");
  const stamps = [...filesBelow(root)].map((path) => {
    const info = statIfPresent(path);
    return `${path} ${info?.ino} ${info?.size} ${info?.mtime?.getTime()}`;
  });
  return digestBytes([Deno.version.deno, ...stamps].join("\n"));
}
