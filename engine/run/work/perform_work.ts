// The part of a step's life in which its process runs: lays out inputs, runs, collects outputs.
import type { Effect, Resumption } from "../../cache/action_record.ts";
import type { Digest } from "../../cache/content/digest.ts";
import type { GraphStep } from "../../graph/graph.ts";
import { importable } from "../../graph/plugins/resolution.ts";
import type { Permissions } from "../../plugin.ts";
import type { Lease } from "../../schedule/capacity.ts";
import type { JsonObject } from "../../workflow/workflow.ts";
import { type CheckpointFolders, StepCheckpoints } from "../checkpoints/keep_checkpoints.ts";
import { alteredInput, copyInputs, type LaidOut, viewInputs } from "./lay_out_inputs.ts";
import type { Prepared } from "../reuse/material.ts";
import { replaceOption } from "../reuse/option_path.ts";
import { leaseAsTold } from "../need.ts";
import type { RunContext } from "../run_context.ts";
import { StepLogFile } from "./step_log.ts";
import { type ProcessEnd, runCommandProcess, runPluginProcess } from "../process/step_process.ts";
import type { StepAnswer, StepMessage } from "../process/step_protocol.ts";
import { failureOf, WorkFailure } from "./work_failure.ts";

/** What a step's process left. */
export interface Work {
  /** Tree digest per output. */
  readonly outputs: Readonly<Record<string, Digest>>;
  readonly effects: readonly Effect[];
  readonly sizeBytes: number;
  /** An input that was altered while the step ran. */
  readonly changedInput?: string | undefined;
  /** The checkpoint that it went on from. */
  readonly resumedFrom?: Resumption | undefined;
  /** The most memory that its process was seen to take; undefined for short ones. */
  readonly peakMemoryBytes: number | undefined;
}

const SCRATCH = "${{ scratch }}";

interface Granted {
  readonly prepared: Prepared;
  readonly lease: Lease;
  /** Line of the log that divides a further attempt from those before; undefined for the first one. */
  readonly heading: string | undefined;
}

/**
 * Runs a step's process in a new folder, gives its lease back, stores its outputs and hands them to `keep`,
 * which must put them on record: until it is done, nothing is deleted from the store. Throws WorkFailure.
 */
export async function performWork<T>(
  context: RunContext,
  step: GraphStep,
  granted: Granted & { readonly keep: (work: Work) => Promise<T> },
): Promise<T | "cancelled"> {
  const folder = `${context.store.workspace.path}/${crypto.randomUUID()}`;
  const outputs = outputFolders(step, folder);
  Deno.mkdirSync(folder);
  const folders = Object.values(outputs);
  if (needsScratch(step)) folders.push(`${folder}/scratch`);
  for (const path of folders) Deno.mkdirSync(path, { recursive: true });
  using log = new StepLogFile(context.run.logPath(step.name), {
    heading: granted.heading,
    mask: (text) => context.secrets.mask(text),
  });
  try {
    const isCommand = step.resolved.command !== undefined;
    const laidOut = isCommand
      ? await copyInputs(context, step, folder)
      : await viewInputs(context, step);
    const effects: string[] = [];
    const folders = { saving: `${folder}/saving`, taken: `${folder}/taken` };
    const checkpoints = new StepCheckpoints(context, step, { ...granted, laidOut, folders });
    const task = { ...granted, folder, outputs, laidOut, log, effects, folders, checkpoints };
    const end = await runProcess(context, step, task);
    if (end.how === "done") context.pool.release(granted.lease);
    await checkpoints.settled();
    if (end.how === "cancelled") return "cancelled";
    if (checkpoints.failure !== undefined) throw checkpoints.failure;
    if (end.how === "failed") {
      throw failureOf(end, { context, step, folder, prepared: granted.prepared, log });
    }
    if (log.failure !== undefined) throw log.failure;
    return await context.store.access.share(async () =>
      await granted.keep({
        ...await storeOutputs(context, outputs, log),
        effects: await readEffects(context, effects),
        changedInput: await alteredInput(context.store, laidOut),
        resumedFrom: checkpoints.resumedFrom,
        peakMemoryBytes: end.peakMemoryBytes,
      })
    );
  } finally {
    context.store.workspace.discard(folder);
  }
}

/** A program that does not speak of it has its temporary files in its own folder, which costs nothing. */
function needsScratch({ resolved: { command } }: GraphStep): boolean {
  return command === undefined ||
    [...command.argv, ...Object.values(command.env)].some((text) => text.includes(SCRATCH));
}

function outputFolders(step: GraphStep, folder: string): Record<string, string> {
  const ports = Object.keys(step.resolved.outputs);
  return Object.fromEntries(ports.map((port) => [port, `${folder}/outputs/${port}`]));
}

interface ProcessTask extends Granted {
  readonly folder: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly laidOut: LaidOut;
  readonly log: StepLogFile;
  /** Filled with the paths that the plugin declares as effects. */
  readonly effects: string[];
  readonly folders: CheckpointFolders;
  readonly checkpoints: StepCheckpoints;
}

async function runProcess(
  context: RunContext,
  step: GraphStep,
  task: ProcessTask,
): Promise<ProcessEnd> {
  const common = {
    workFolder: task.folder,
    lease: leaseAsTold(task.lease),
    signal: context.signal,
    environment: context.environment,
    log: task.log,
    onMessage: (message: StepMessage, answer: (answer: StepAnswer) => void): void => {
      if (message.type === "effect") task.effects.push(message.path);
      else if ("id" in message) task.checkpoints.take(message, answer);
      else tell(context, step.name, message);
    },
    onOutput: (text: string): void =>
      context.emit({ type: "step-log", step: step.name, level: "output", text }),
    ...(step.timeoutMs === undefined ? {} : { timeoutMs: step.timeoutMs }),
  };
  const { command } = step.resolved;
  const tracked = await trackingVariables(context, step);
  if (command !== undefined) {
    const env = { ...tracked, ...context.secrets.fill(mapValues(command.env, fillRoles)) };
    return await runCommandProcess({ ...common, argv: command.argv.map(fillRoles), env });
  }
  const shared = await sharedFolders(context, step);
  return await runPluginProcess({
    ...common,
    environment: (name) => tracked[name] ?? context.environment(name),
    ...importable(step.plugin),
    permissions: withVariables(step.plugin.permissions, Object.keys(tracked)),
    importHosts: task.prepared.code.hosts,
    readable: [...readableFiles(task.prepared), task.folders.taken],
    request: {
      config: context.secrets.fill(absoluteConfig(step)),
      inputs: task.laidOut.inputs,
      outputs: task.outputs,
      saving: task.folders.saving,
      shared,
      seed: step.seed,
    },
  });
}

/** What a step needs to report to the server that follows the run; a sandboxed one has to ask for it. */
async function trackingVariables(
  { tracker }: RunContext,
  { name, plugin, resolved }: GraphStep,
): Promise<Readonly<Record<string, string>>> {
  const isTold = resolved.command !== undefined || plugin.permissions.tracking === true;
  return tracker !== undefined && isTold ? await tracker.variablesFor(name) : {};
}

function withVariables(permissions: Permissions, names: readonly string[]): Permissions {
  return names.length === 0
    ? permissions
    : { ...permissions, env: [...new Set([...permissions.env ?? [], ...names])] };
}

/** Puts real, relative paths where the workflow speaks of `${{ inputs.x }}`, `${{ outputs.x }}` and `${{ scratch }}`. */
function fillRoles(template: string): string {
  return template.replaceAll(
    /\$\{\{ (inputs|outputs)\.([\w-]+) \}\}/g,
    (_, part: string, name: string) => `${part}/${name}`,
  ).replaceAll(SCRATCH, "scratch");
}

function mapValues(
  record: Readonly<Record<string, string>>,
  change: (value: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}

async function sharedFolders(
  context: RunContext,
  step: GraphStep,
): Promise<Record<string, string>> {
  const folders: Record<string, string> = {};
  for (const name of step.plugin.permissions.shared ?? []) {
    folders[name] = `${context.stateFolder}/${name}`;
    await Deno.mkdir(folders[name], { recursive: true });
  }
  return folders;
}

function readableFiles(prepared: Prepared): readonly string[] {
  return [
    ...prepared.code.stamps.keys(),
    ...prepared.paths.flatMap(({ path, scan }) => [path.absolute, ...scan.linkTargets]),
  ];
}

/** Options with the real, absolute paths that the fingerprint leaves out. */
function absoluteConfig(step: GraphStep): JsonObject {
  let config = step.resolved.config;
  for (const { option, absolute } of step.paths) config = replaceOption(config, option, absolute);
  return config;
}

async function storeOutputs(
  context: RunContext,
  outputs: Readonly<Record<string, string>>,
  log: StepLogFile,
): Promise<Pick<Work, "outputs" | "sizeBytes">> {
  const empty = Object.entries(outputs).filter(([, path]) => isMissingOrEmpty(path));
  if (empty.length > 0) {
    const names = empty.map(([name]) => `"${name}"`).join(", ");
    const hint = "A step must put at least one file into the folder of each declared output";
    throw new WorkFailure(
      { message: `Ended without making its output ${names}`, hint, kind: "failed" },
      log.lastLines,
    );
  }
  const digests: Record<string, Digest> = {};
  let sizeBytes = 0;
  for (const [name, path] of Object.entries(outputs)) {
    const tree = await context.store.takeTree(path);
    digests[name] = tree.digest;
    sizeBytes += tree.sizeBytes;
  }
  return { outputs: digests, sizeBytes };
}

function isMissingOrEmpty(folder: string): boolean {
  try {
    return Deno.readDirSync(folder).next().done === true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return true;
    }
    throw error;
  }
}

async function readEffects(
  context: RunContext,
  paths: readonly string[],
): Promise<readonly Effect[]> {
  const effects: Effect[] = [];
  for (const absolute of paths) {
    if (!absolute.startsWith(`${context.stateFolder}/`)) {
      throw new Error(`the effect "${absolute}" lies outside of the plugin's shared folders`);
    }
    const path = absolute.slice(context.stateFolder.length + 1);
    effects.push({ path, digest: (await context.store.digests.of(absolute)).digest });
  }
  return effects;
}

function tell(context: RunContext, step: string, message: StepMessage): void {
  switch (message.type) {
    case "log":
    case "warn":
      return context.emit({ type: "step-log", step, level: message.type, text: message.text });
    case "progress": {
      const { done, total, unit } = message;
      return context.emit({ type: "step-progress", step, done, total, unit });
    }
    case "metric": {
      const { name, value, at } = message;
      return context.emit({ type: "step-metric", step, name, value, at });
    }
    default:
      return;
  }
}
