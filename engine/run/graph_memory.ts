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
import { type Graph, isLeftOut } from "../graph/graph.ts";
import { readGraph, writeGraph } from "../graph/graph_text.ts";
import { pathKindAt } from "../graph/options/paths.ts";
import { readLock } from "../graph/plugins/plugin_lock.ts";
import type { ResolvedPlugin } from "../graph/plugins/plugin_source.ts";
import { CONFIG_FILES, resolutionFlags } from "../graph/plugins/resolution.ts";
import { hashFiles } from "../workflow/hashed_files.ts";
import type { LoadRequest } from "../workflow/load.ts";
import { filePath, findProjectFolder, readSource, realTarget } from "../workflow/source.ts";
import type { FilesHash, ReadFile } from "../workflow/workflow.ts";

/** How many workflows are remembered, each with the parameters that it was given. */
const MOST_REMEMBERED = 32;

/** Everything that decided how a workflow was understood, beside its path and its parameters. */
interface Conditions {
  /** The file's path with the parameters. */
  readonly key: string;
  readonly projectFolder: string;
  /** Path and digest of every file that was read, the workflow's own first. */
  readonly files: readonly (readonly [path: string, digest: string])[];
  /** Identity of the code that reads workflows and computes fingerprints. */
  readonly reader: string;
  /** What `hashFiles` gave by its patterns. */
  readonly hashes: readonly FilesHash[];
  /** Digest per variable that an expression read; null where it was not set. */
  readonly env: Readonly<Record<string, string | null>>;
  /** Digest of the code of each plugin, by specifier. */
  readonly plugins: Readonly<Record<string, string>>;
  /** Digest of `cairn.lock`, which says what plugins from elsewhere may do; null where there is none. */
  readonly lock: string | null;
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
  readonly paramsFile: LoadRequest["paramsFile"];
  readonly trust: boolean;
  readonly variables = new Map<string, string | undefined>();
  readonly startedAtMs = Date.now();

  constructor(private readonly request: LoadRequest) {
    const { path, cwd, set, paramsFile, trust = false } = request;
    this.path = path;
    this.cwd = cwd;
    this.set = set;
    this.paramsFile = paramsFile;
    this.trust = trust;
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
    // Who trusts plugins as they are now wants them to be looked at.
    if (request.trust === true) return undefined;
    const row = this.#index.prepare("SELECT conditions, graph FROM known_graph WHERE key = ?")
      .get(keyOf(request)) as Row | undefined;
    const [known, graphText] = [row && checkedText(row.conditions), row && checkedText(row.graph)];
    if (known === undefined || graphText === undefined) return undefined;
    const path = filePath(request.path, request.cwd);
    const conditions = JSON.parse(known) as Conditions; // written by `remember`
    if (conditions.reader !== readerIdentity()) return undefined; // and by this very code
    const files = await unchangedFiles(conditions, request.cwd);
    const [own] = files ?? [];
    if (files === undefined || own === undefined) return undefined;
    const projectFolder = await findProjectFolder(path.absolute);
    const isSame = conditions.projectFolder === projectFolder &&
      haveSameHashes(conditions) &&
      isSameEnv(conditions, request) &&
      conditions.lock === digestOfValue(await readLock(projectFolder)) &&
      await areSameTargets(conditions);
    if (!isSame) return undefined;
    const origin = { file: own.file, path: path.absolute, files, projectFolder };
    const graph = readGraph(graphText, origin);
    return await this.#haveSamePlugins(graph, conditions) && havePathsTheirKinds(graph)
      ? { graph, identity: digestBytes(known) }
      : undefined;
  }

  /**
   * Takes a graph that was checked without any mistake; undefined where a plugin is so young that it may have
   * been another one when it was asked, or where some of its code is missing, which its step will say.
   */
  async remember(request: NotedRequest, graph: Graph): Promise<KnownGraph | undefined> {
    const plugins: Record<string, string> = {};
    for (const { plugin } of graph.steps.values()) {
      if (plugins[plugin.specifier] !== undefined) continue;
      const code = await this.#codeOf(plugin).catch(orNoCode);
      if (code === undefined || !isSettledSince(request.startedAtMs, code)) return;
      plugins[plugin.specifier] = code.identity;
    }
    const targets: Record<string, string> = {};
    for (const { target } of graph.publish) targets[target] = await realTarget(target);
    const { files, hashes, projectFolder } = graph.workflow;
    const env = Object.fromEntries(
      [...request.variables].map(([name, value]) => [name, digestOfValue(value)]),
    );
    const key = keyOf(request);
    const conditions: Conditions = {
      key,
      projectFolder,
      files: files.map(({ absolute, file }) => [absolute, digestBytes(file.text)]),
      reader: readerIdentity(),
      hashes,
      env,
      plugins,
      lock: digestOfValue(await readLock(projectFolder)),
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

  async #haveSamePlugins({ steps }: Graph, { plugins }: Conditions): Promise<boolean> {
    const used = new Set([...steps.values()].map(({ plugin }) => plugin));
    for (const plugin of used) {
      if (plugin.lockFile !== undefined && statIfPresent(plugin.lockFile) === undefined) {
        return false;
      }
      const code = await this.#codeOf(plugin).catch(orNoCode);
      if (code?.identity !== plugins[plugin.specifier]) return false;
    }
    return true;
  }

  #codeOf(plugin: ResolvedPlugin): Promise<PluginCode> {
    return this.#codes.of(plugin, resolutionFlags(plugin));
  }
}

function isSettledSince(startedAtMs: number, { stamps }: PluginCode): boolean {
  return [...stamps.values()].every((stamp) => isSettled(stamp, startedAtMs));
}

/** Code that cannot be found any more is no longer the same; checking says what is wrong with it. */
function orNoCode(error: unknown): undefined {
  if (!(error instanceof ModuleGraphError)) throw error;
}

/** The files that a workflow was read from; undefined where one of them is another one now. */
async function unchangedFiles(
  { files }: Conditions,
  cwd: string,
): Promise<readonly ReadFile[] | undefined> {
  const found: ReadFile[] = [];
  for (const [absolute, digest] of files) {
    const file = await readSource(filePath(absolute, cwd));
    if (!(file instanceof SourceFile) || digestBytes(file.text) !== digest) return undefined;
    found.push({ absolute, file });
  }
  return found;
}

/** Says whether `hashFiles` would give the same; what cannot be read is reported by checking. */
function haveSameHashes({ hashes, projectFolder }: Conditions): boolean {
  try {
    return hashes.every(({ patterns, digest }) => {
      const found = hashFiles(projectFolder, patterns);
      return "digest" in found && found.digest === digest;
    });
  } catch {
    return false;
  }
}

function keyOf({ path, cwd, set, paramsFile }: LoadRequest): string {
  return JSON.stringify([
    filePath(path, cwd).absolute,
    paramsFile === undefined ? null : filePath(paramsFile, cwd).absolute,
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
  for (const step of graph.steps.values()) {
    if (isLeftOut(step)) continue;
    for (const { absolute, kind } of step.paths) {
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
