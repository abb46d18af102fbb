// What most commands start with: a workflow file becomes a checked graph, or diagnostics.
import { resolve } from "node:path";
import {
  badFlagValue,
  moreThanMachine,
  networkStore,
  secretInPlainText,
  secretMissing,
  secretTooShort,
  storeProblem,
  unknownStepName,
  unusableStore,
} from "../diagnostics/catalog.ts";
import { type Diagnostic, DiagnosticsError } from "../diagnostics/diagnostic.ts";
import { renderDiagnostics } from "../diagnostics/render.ts";
import { diskProblemOf } from "../diagnostics/disk_problem.ts";
import { isSecret } from "../cache/recipe/secrets.ts";
import type { Digest } from "../cache/content/digest.ts";
import { statIfPresent } from "../cache/disk/folders.ts";
import { NetworkStoreError } from "../cache/disk/file_system.ts";
import { StoreFormatError } from "../cache/store.ts";
import { type Graph, type GraphStep, isLeftOut } from "../graph/graph.ts";
import { permissionWords } from "../graph/plugins/permission_words.ts";
import { LOCK_NAME, type NewlyTrusted } from "../graph/plugins/plugin_lock.ts";
import { GraphMemory, NotedRequest } from "../run/graph_memory.ts";
import { asksForGpus, memoryOf, needOf } from "../run/need.ts";
import type { Environment } from "../run/process/sandbox.ts";
import { openProjectState, type ProjectState, STATE_FOLDER } from "../run/folder/run_folder.ts";
import { SHORTEST_SECRET } from "../run/secret_values.ts";
import { inspectMachine } from "../schedule/devices.ts";
import type { Capacity, Need } from "../schedule/capacity.ts";
import type { LoadRequest } from "../workflow/load.ts";
import { StepNames } from "../workflow/step_names.ts";
import { findProjectFolder } from "../workflow/source.ts";
import type { Arguments, CliContext } from "./command.ts";
import { byteSize, count } from "./report/words.ts";

// Named by variables, because Deno reads what a literal import names before the program starts; a workflow
// that is remembered needs nothing of what checks one.
const CHECK = import.meta.resolve("../graph/check_workflow.ts");
const REGISTRY = import.meta.resolve("../graph/plugins/registry.ts");

/** Loads and checks the workflow that the first argument names; throws DiagnosticsError with all mistakes. */
export async function openWorkflow(context: CliContext, args: Arguments): Promise<Graph> {
  return (await check(context, requestOf(context, args))).graph;
}

/** What a run starts from. */
export interface OpenRun {
  readonly graph: Graph;
  /** Absent where the graph could not be remembered. */
  readonly identity?: Digest;
  readonly state: ProjectState;
}

/**
 * Loads and checks a workflow, or takes it from memory where nothing has changed, and opens the state of its
 * project; throws DiagnosticsError with all mistakes, or where the state cannot be used.
 */
export async function openRun(
  context: CliContext,
  args: Arguments,
): Promise<OpenRun> {
  const request = requestOf(context, args);
  await using opened = new AsyncDisposableStack();
  const project = await findProjectFolder(resolve(request.cwd, request.path));
  const early = await openIfPresent(stateFolder(context, args, project));
  if (early !== undefined) opened.use(early);
  const memory = early && new GraphMemory(early.store);
  const known = await memory?.recall(request);
  if (early !== undefined && known !== undefined) {
    return { ...known, state: handOver(opened, early) };
  }
  const noted = new NotedRequest(request);
  const { graph, isSpotless } = await check(context, noted);
  warnOfSecrets(context, noted);
  const state = early ?? opened.use(await openState(context, args, graph.workflow.projectFolder));
  const found = isSpotless
    ? await (memory ?? new GraphMemory(state.store)).remember(noted, graph)
    : undefined;
  return { ...found ?? { graph }, state: handOver(opened, state) };
}

/** Says which variables that expressions have read look like secrets. */
function warnOfSecrets({ terminal }: CliContext, { variables }: NotedRequest): void {
  const read = [...variables].filter(([name, value]) => value && isSecret(name, value));
  if (read.length === 0) return;
  const warnings = read.map(([name]) => secretInPlainText(name));
  terminal.writeError(renderDiagnostics(warnings, { color: terminal.hasColor }));
}

/** Fixes what addresses outside mean; a graph with their meanings is not the one that is remembered. */
export async function withMeanings(
  context: CliContext,
  { graph: written, identity, state }: OpenRun,
): Promise<Omit<OpenRun, "state">> {
  const { environment, signal } = context;
  const tell = (line: string): void => context.terminal.writeError(`${line}\n`);
  const request = { graph: written, state, environment, signal, tell };
  const graph = await context.resolveAddresses?.(request) ?? written;
  return { graph, ...(graph === written && identity !== undefined ? { identity } : {}) };
}

/** Keeps what was opened from being closed with the stack. */
function handOver<T>(opened: AsyncDisposableStack, value: T): T {
  opened.move();
  return value;
}

/** A state that is there and can be used; where it cannot, that is said once the workflow is known to be right. */
async function openIfPresent(folder: string): Promise<ProjectState | undefined> {
  if (statIfPresent(`${folder}/objects`) === undefined) return undefined;
  return await openProjectState(folder).catch(() => undefined);
}

function requestOf(context: CliContext, args: Arguments): LoadRequest {
  return {
    path: args.positionals[0] ?? "",
    cwd: context.cwd,
    set: args.texts("set").map(parseSetting),
    paramsFile: args.text("params"),
    trust: args.has("trust"),
    env: context.environment,
  };
}

/** A graph, and whether nothing at all is to be said of it. */
async function check(
  context: CliContext,
  request: LoadRequest,
): Promise<{ readonly graph: Graph; readonly isSpotless: boolean }> {
  const { checkWorkflow } = await import(CHECK) as typeof import("../graph/check_workflow.ts");
  const { Registry } = await import(REGISTRY) as typeof import("../graph/plugins/registry.ts");
  const registry = new Registry(context.builtIn);
  const { graph, diagnostics, trusted } = await checkWorkflow(request, registry);
  if (graph === undefined) throw new DiagnosticsError(diagnostics);
  for (const plugin of trusted) context.terminal.writeError(trustLine(plugin));
  return { graph, isSpotless: diagnostics.length === 0 };
}

/** What is told of a plugin that was not trusted before. */
function trustLine({ uses, permissions }: NewlyTrusted): string {
  const words = permissionWords(permissions);
  const may = words.length === 0 ? "touch nothing but its inputs and outputs" : words.join("; ");
  return `trusted    ${uses}, noted in ${LOCK_NAME}: it may ${may}\n`;
}

/** Full names of the steps that words name; throws DiagnosticsError where one names none. */
export function stepsNamed(graph: Graph, words: readonly string[]): readonly string[] {
  if (words.length === 0) return [];
  const stepNames = new StepNames(graph.steps.values());
  const problems: Diagnostic[] = [];
  const names = words.flatMap((word) => {
    const found = stepNames.find(word);
    if ("names" in found) return found.names;
    const known = found.why === "unknown"
      ? [...found.candidates].map((name) => `${found.within}${name}`)
      : [];
    problems.push(unknownStepName(word, known));
    return [];
  });
  if (problems.length > 0) throw new DiagnosticsError(problems);
  return names;
}

function parseSetting(text: string): { name: string; value: string } {
  const at = text.indexOf("=");
  if (at > 0) return { name: text.slice(0, at), value: text.slice(at + 1) };
  throw new DiagnosticsError([
    badFlagValue("--set", `a name and a value: --set name=value, not "${text}"`),
  ]);
}

/** Where the state lies: as asked for, from where the person stands, or in the project's folder. */
export function stateFolder(context: CliContext, args: Arguments, projectFolder: string): string {
  return resolve(context.cwd, args.text("store") ?? `${projectFolder}/${STATE_FOLDER}`);
}

/** Opens the state of a workflow's project; throws DiagnosticsError where it cannot be used. */
export async function openState(
  context: CliContext,
  args: Arguments,
  projectFolder: string,
): Promise<ProjectState> {
  return await openStateAt(stateFolder(context, args, projectFolder));
}

/** Opens the state in a folder, given absolute; throws DiagnosticsError where it cannot be used. */
export async function openStateAt(folder: string): Promise<ProjectState> {
  try {
    return await openProjectState(folder);
  } catch (error) {
    const diagnostic = describeStoreError(folder, error);
    throw diagnostic === undefined ? error : new DiagnosticsError([diagnostic]);
  }
}

/** Why a store cannot be opened, where a person can mend it. */
export function describeStoreError(folder: string, error: unknown): Diagnostic | undefined {
  if (error instanceof NetworkStoreError) return networkStore(folder, error.kind);
  const problem = diskProblemOf(error);
  if (problem !== undefined) return storeProblem(folder, problem);
  const isMendable = error instanceof StoreFormatError ||
    error instanceof Deno.errors.AlreadyExists || error instanceof Deno.errors.NotADirectory;
  return isMendable ? unusableStore(folder, error.message) : undefined;
}

/** Opens the state of the project around the working folder; throws DiagnosticsError where there is none. */
export async function openPresentState(
  context: CliContext,
  args: Arguments,
): Promise<ProjectState> {
  const project = await findProjectFolder(`${context.cwd}/any`);
  const folder = stateFolder(context, args, project);
  if (!await Deno.stat(`${folder}/objects`).then(() => true, () => false)) {
    throw new DiagnosticsError([unusableStore(folder, "nothing is stored there")]);
  }
  return await openState(context, args, project);
}

/** What the machine has, with the workflow's tokens; GPUs and limits of memory only where a step asks for some. */
export async function capacityFor(graph: Graph): Promise<Capacity> {
  const steps = [...graph.steps.values()].filter((step) => !isLeftOut(step));
  const gpus = steps.some(asksForGpus);
  const limits = steps.some((step) => memoryOf(step) > 0);
  return { ...await inspectMachine({ gpus, limits }), tokens: graph.workflow.tokens };
}

/** Secrets that steps need and that are not set, or cannot be kept secret; each is told once. */
export function missingSecrets(graph: Graph, environment: Environment): readonly Diagnostic[] {
  const needed = new Map<string, GraphStep>();
  for (const step of graph.steps.values()) {
    if (isLeftOut(step)) continue;
    for (const name of step.secrets ?? []) needed.set(name, needed.get(name) ?? step);
  }
  return [...needed].flatMap(([secret, { name, place }]) => {
    const value = environment(secret) ?? "";
    if (value === "") return [secretMissing(place, secret, name)];
    return value.length < SHORTEST_SECRET ? [secretTooShort(place, secret, SHORTEST_SECRET)] : [];
  });
}

/** Steps that ask for more than the machine has. */
export function checkResources(graph: Graph, capacity: Capacity): readonly Diagnostic[] {
  return [...graph.steps.values()].filter((step) => !isLeftOut(step)).flatMap((step) => {
    const need = needOf(step, capacity);
    const place = step.resourcesPlace;
    return lacksOf(need, capacity).map((lack) => moreThanMachine(step.name, { ...lack, place }));
  });
}

/** What of a need the machine can never give, in words. */
function lacksOf(
  need: Need,
  { cpus, memoryBytes, gpus }: Capacity,
): readonly { readonly wanted: string; readonly present: string; readonly isGpu: boolean }[] {
  const lack = (wanted: number, present: number, show: (value: number) => string, isGpu = false) =>
    wanted > present ? [{ wanted: show(wanted), present: show(present), isGpu }] : [];
  const gpuMemory = need.gpuMemoryBytes ?? 0;
  const large = gpus.filter((gpu) => gpu.memoryBytes >= gpuMemory);
  const withMemory = (value: number): string =>
    `${count(value, "GPU")} with ${byteSize(gpuMemory)}`;
  return [
    ...lack(need.cpus, cpus, (value) => count(value, "processor")),
    ...lack(need.memoryBytes, memoryBytes, (value) => `${byteSize(value)} of memory`),
    ...(need.gpus > gpus.length
      ? lack(need.gpus, gpus.length, (value) => count(value, "GPU"), true)
      : lack(need.gpus, large.length, withMemory, true)),
  ];
}
