// A temporary project whose workflow gives a plugin its inputs and runs it as any workflow would.
import { cp } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { capacityFor, checkResources } from "../cli/open_workflow.ts";
import { DiagnosticsError } from "../diagnostics/diagnostic.ts";
import type { Event } from "../events/event.ts";
import { checkWorkflow } from "../graph/check_workflow.ts";
import type { Graph } from "../graph/graph.ts";
import { PluginLock } from "../graph/plugins/plugin_lock.ts";
import { Registry } from "../graph/plugins/registry.ts";
import { openProjectState, type ProjectState, STATE_FOLDER } from "../run/folder/run_folder.ts";
import { runWorkflow } from "../run/run_workflow.ts";

/** Files by relative path, as text or bytes, or a folder that has them. */
export type GivenFiles = string | URL | Readonly<Record<string, string | Uint8Array>>;

/** What a plugin is run on. */
export interface PluginTest {
  /** Options, as in a workflow. */
  readonly with?: Readonly<Record<string, unknown>>;
  /** Files of each connected input; several for an input that takes a list. */
  readonly inputs?: Readonly<Record<string, GivenFiles | readonly GivenFiles[]>>;
  /** Files that options of type `path` name, by path. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Variables of the environment that the plugin declares. */
  readonly env?: Readonly<Record<string, string>>;
  /** The step's seed; 0 by default. */
  readonly seed?: number;
}

/** How to run the plugin once. */
export interface OneRun {
  /** Whether it runs although its result could be reused. */
  readonly isForced: boolean;
  readonly signal?: AbortSignal;
  /** Hears what happens to the plugin's step. */
  readonly onEvent?: (event: Event) => void;
}

/** Name of the step that runs the plugin under test. */
const SUBJECT = "plugin";

const GIVEN = { name: "given", specifier: import.meta.resolve("./given.ts") };

/** A project that runs one plugin, again and again. */
export class TestProject implements AsyncDisposable {
  private constructor(
    readonly folder: string,
    readonly state: ProjectState,
    readonly graph: Graph,
    private readonly test: PluginTest,
  ) {}

  /** Makes the project; throws DiagnosticsError where the plugin, its options or its inputs do not fit. */
  static async make(plugin: string, test: PluginTest): Promise<TestProject> {
    const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "cairn_test_" }));
    try {
      await writeFiles(folder, test.files ?? {});
      const graph = await layOut(folder, plugin, test);
      const state = await openProjectState(`${folder}/${STATE_FOLDER}`);
      return new TestProject(folder, state, graph, test);
    } catch (error) {
      await Deno.remove(folder, { recursive: true });
      throw error;
    }
  }

  /** Name of the plugin under test. */
  get pluginName(): string {
    return this.graph.steps.get(SUBJECT)?.plugin.name ?? "";
  }

  /** Runs the workflow and gives the events of the plugin's step. */
  async run({ isForced, signal, onEvent }: OneRun): Promise<readonly Event[]> {
    const events: Event[] = [];
    const capacity = await capacityFor(this.graph);
    const lacking = checkResources(this.graph, capacity);
    if (lacking.length > 0) throw new DiagnosticsError(lacking);
    await runWorkflow(this.graph, {
      state: this.state,
      capacity,
      environment: environmentOf(this.test),
      forced: new Set(isForced ? [SUBJECT] : []),
      keepGoing: false,
      signal: signal ?? new AbortController().signal,
      onEvent: (event) => {
        if (!("step" in event) || event.step !== SUBJECT) return;
        events.push(event);
        onEvent?.(event);
      },
    });
    return events;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.state[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** Writes inputs and workflow, and checks that they fit together. */
async function layOut(folder: string, plugin: string, test: PluginTest): Promise<Graph> {
  const registry = new Registry([GIVEN]);
  const lock = await PluginLock.open(folder, { listed: new Set(), all: true });
  if (!(lock instanceof PluginLock)) throw new DiagnosticsError([lock]);
  const found = await registry.resolve(plugin, folder, lock);
  const ports = "problem" in found || found.inputs === "any" ? {} : found.inputs;
  const steps: Record<string, unknown> = {};
  const inputs: Record<string, string | string[]> = {};
  for (const [port, given] of Object.entries(test.inputs ?? {})) {
    const items: readonly GivenFiles[] = isList(given) ? given : [given];
    const names = items.map((_, index) => `${port}-${index + 1}`);
    for (const [index, files] of items.entries()) {
      await giveFiles(`${folder}/given/${names[index]}`, files);
    }
    for (const name of names) {
      const type = ports[port]?.type ?? "any";
      steps[name] = { uses: GIVEN.name, with: { folder: `given/${name}`, type } };
    }
    const references = names.map((name) => `${name}.files`);
    inputs[port] = isList(given) ? references : references.join();
  }
  steps[SUBJECT] = { uses: plugin, with: test.with ?? {}, inputs, seed: test.seed ?? 0 };
  const path = `${folder}/workflow.yaml`;
  await Deno.writeTextFile(path, JSON.stringify({ steps }, undefined, 2)); // JSON is YAML, too
  // Who tests a plugin has decided to run it.
  const request = { path, cwd: folder, set: [], trust: true, env: environmentOf(test) };
  const { graph, diagnostics } = await checkWorkflow(request, registry);
  if (graph === undefined) throw new DiagnosticsError(diagnostics);
  return graph;
}

function isList(given: GivenFiles | readonly GivenFiles[]): given is readonly GivenFiles[] {
  return Array.isArray(given);
}

async function giveFiles(target: string, files: GivenFiles): Promise<void> {
  if (typeof files === "string" || files instanceof URL) {
    return await cp(pathOf(files), target, { recursive: true });
  }
  await Deno.mkdir(target, { recursive: true });
  await writeFiles(target, files);
}

async function writeFiles(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = `${folder}/${name}`;
    await Deno.mkdir(dirname(path), { recursive: true });
    if (typeof content === "string") await Deno.writeTextFile(path, content);
    else await Deno.writeFile(path, content);
  }
}

function environmentOf(test: PluginTest): (name: string) => string | undefined {
  return (name) => test.env?.[name] ?? Deno.env.get(name);
}

/** The absolute path that a path or `file:` URL names. */
export function pathOf(place: string | URL): string {
  const text = String(place);
  return text.startsWith("file:") ? decodeURIComponent(new URL(text).pathname) : resolve(text);
}
