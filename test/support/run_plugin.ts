// Runs one plugin's `run` in this process, outside the sandbox, on folders made for the test.
import assert from "node:assert/strict";
import type { Checkpoints, Plugin, Ports, StepContext } from "../../engine/plugin.ts";

export interface PluginRun extends AsyncDisposable {
  readonly outputs: Readonly<Record<string, string>>;
  readonly logs: readonly string[];
  readonly warnings: readonly string[];
  readonly metrics: readonly {
    readonly name: string;
    readonly value: number;
    readonly step: number;
  }[];
  readonly effects: readonly string[];
}

export interface PluginRunOptions {
  /** Options as a workflow would give them; the plugin's schema fills the defaults. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Folder per input. */
  readonly inputs?: Readonly<Record<string, string>>;
  readonly seed?: number;
  readonly cpus?: number;
  readonly signal?: AbortSignal;
  /** Folder that holds the shared folders; a temporary one by default. */
  readonly shared?: string;
}

/** Finds no checkpoint and keeps none. */
const NO_CHECKPOINTS: Checkpoints = {
  latest: () => Promise.resolve(undefined),
  save: () => Promise.resolve(),
};

/** What a step is given besides its options, inputs, outputs and lease, where none of it matters. */
export const NOBODY_LISTENS = {
  scratch: "",
  shared: {},
  seed: 0,
  signal: new AbortController().signal,
  log: () => {},
  warn: () => {},
  progress: () => {},
  metric: () => {},
  effect: () => {},
  checkpoint: NO_CHECKPOINTS,
};

/** Runs a plugin and gives its outputs; dispose the result to remove them. */
export async function runPlugin(
  plugin: Plugin,
  options: PluginRunOptions = {},
): Promise<PluginRun> {
  const run = plugin.run as
    | ((context: StepContext<unknown, Ports, Ports>) => Promise<void>)
    | undefined;
  assert.ok(run !== undefined, `plugin ${plugin.name} has no run function`);
  const config = plugin.config.parse(options.config ?? {});
  const folder = await Deno.makeTempDir({ prefix: `cairn_${plugin.name}_` });
  const outputs: Record<string, string> = {};
  assert.ok(typeof plugin.outputs !== "function");
  for (const port of Object.keys(plugin.outputs)) outputs[port] = `${folder}/outputs/${port}`;
  const shared: Record<string, string> = {};
  for (const name of plugin.permissions?.shared ?? []) {
    shared[name] = `${options.shared ?? `${folder}/shared`}/${name}`;
  }
  for (const path of [...Object.values(outputs), ...Object.values(shared), `${folder}/scratch`]) {
    await Deno.mkdir(path, { recursive: true });
  }
  const logs: string[] = [];
  const warnings: string[] = [];
  const metrics: { name: string; value: number; step: number }[] = [];
  const effects: string[] = [];
  const dispose = (): Promise<void> => Deno.remove(folder, { recursive: true });
  try {
    await run({
      config,
      inputs: artifacts(plugin, options.inputs ?? {}),
      outputs,
      scratch: `${folder}/scratch`,
      shared,
      lease: { cpus: options.cpus ?? 2, memoryBytes: 4 * 2 ** 30, gpus: [], gpuMemoryBytes: 0 },
      seed: options.seed ?? 0,
      signal: options.signal ?? new AbortController().signal,
      log: (message) => logs.push(message),
      warn: (message) => warnings.push(message),
      progress: () => {},
      metric: (name, value, step = 0) => metrics.push({ name, value, step }),
      effect: (path) => effects.push(path),
      checkpoint: NO_CHECKPOINTS,
    });
  } catch (error) {
    await dispose();
    throw error;
  }
  return { outputs, logs, warnings, metrics, effects, [Symbol.asyncDispose]: dispose };
}

function artifacts(
  plugin: Plugin,
  folders: Readonly<Record<string, string>>,
): Record<string, { path: string; type: string }> {
  const entries = Object.entries(folders).map(([name, path]) => {
    const type = plugin.inputs === "any" ? "any" : plugin.inputs[name]?.type;
    assert.ok(type !== undefined, `plugin ${plugin.name} has no input ${name}`);
    return [name, { path, type }];
  });
  return Object.fromEntries(entries);
}
