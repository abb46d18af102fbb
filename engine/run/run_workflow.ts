// One run from its graph to its end: state, journal, plan, steps, publication.
import { crashPoint, isArmed } from "../cache/crash_points.ts";
import type { Digest } from "../cache/content/digest.ts";
import { LastResults } from "../cache/index/last_results.ts";
import { PluginCodes } from "../cache/recipe/plugin_code.ts";
import type { Emit, Event, RunOutcome } from "../events/event.ts";
import { Journal } from "../events/files/journal.ts";
import { ProgressFile } from "../events/files/progress_file.ts";
import type { Starter } from "../events/starter.ts";
import type { Graph, GraphStep } from "../graph/graph.ts";
import { CONFIG_FILES } from "../graph/plugins/resolution.ts";
import { criticalPaths, expectedDurations } from "../schedule/priority.ts";
import type { Capacity } from "../schedule/capacity.ts";
import { ResourcePool } from "../schedule/resources.ts";
import type { Ending } from "../schedule/plan.ts";
import { CancelWatch } from "./folder/cancel_request.ts";
import { MachineWatch } from "./load/machine_watch.ts";
import { publishOutputs } from "./publish.ts";
import { recipeOf } from "./folder/recipe.ts";
import { reuseAtOnce } from "./reuse/reuse_at_once.ts";
import type { ReuseContext, RunContext } from "./run_context.ts";
import { makeRunFolder, type ProjectState } from "./folder/run_folder.ts";
import type { Environment } from "./process/sandbox.ts";
import { SecretValues } from "./secret_values.ts";
import type { RemoteChoice, SharedResults } from "./shared_results.ts";
import type { Tracker } from "./tracker.ts";

// Named by variables, because Deno reads what a literal import names before the program starts: a run that
// reuses everything is over before it would need them.
const STEPS = import.meta.resolve("./step/run_steps.ts");
const SHARED = import.meta.resolve("./shared_results.ts");

export interface RunOptions {
  /** Identity of the graph, where it is one that is remembered. */
  readonly graphIdentity?: Digest | undefined;
  readonly state: ProjectState;
  readonly capacity: Capacity;
  readonly environment: Environment;
  /** Steps that run although they could be reused. */
  readonly forced: ReadonlySet<string>;
  /** How many steps may run at once at most. */
  readonly jobs?: number;
  /** Whether steps that do not depend on a failed one still start. */
  readonly keepGoing: boolean;
  /** Store behind the local one, from which results come and to which they go. */
  readonly remote?: RemoteChoice | undefined;
  /** Told at the start of the run. */
  readonly startedBy?: Starter;
  /** What follows the run from outside. */
  readonly tracker?: Tracker | undefined;
  /** Aborting it interrupts the run. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: Event) => void;
}

/**
 * Runs a graph; everything that happens is told as events. A run that cannot write its journal any more
 * ends its steps and throws what the file system threw.
 */
export async function runWorkflow(graph: Graph, options: RunOptions): Promise<RunOutcome> {
  const startedAtMs = Date.now();
  const { state, tracker } = options;
  using run = await state.store.access.share(() => makeRunFolder(state.folder, startedAtMs));
  await Deno.writeTextFile(run.recipePath, JSON.stringify(recipeOf(graph)));
  using journal = new Journal(run.journalPath, tornLine());
  using progress = new ProgressFile(run.progressPath);
  await tracker?.begin(run);
  using cancelled = new CancelWatch(run.cancelPath);
  await using _watch = new MachineWatch(run.loadPath);
  const unrecorded = new AbortController();
  const secrets = new SecretValues(graph.workflow, options.environment);
  const emit = emitter({ journal, progress, unrecorded, secrets, ...options });
  const signal = AbortSignal.any([options.signal, cancelled.signal, unrecorded.signal]);
  const reuse = await reuseContext(graph, { ...options, signal, emit });
  const steps = [...graph.steps.values()];
  const expectedMs = expectedDurations(
    steps,
    (name) => reuse.lastResults.recall(name)?.durationMs,
  );
  const context: RunContext = {
    ...reuse,
    run,
    emit,
    tracker,
    tainted: new Map(),
    saved: new Set(),
    pool: new ResourcePool(options.capacity, { slots: options.jobs }),
    keepGoing: options.keepGoing,
    expectedMs,
    priorities: criticalPaths(steps, expectedMs),
  };
  announce(context, options.startedBy);
  const reused = await reuseAtOnce(context);
  const ending = await runLeft(context, withoutThose(steps, reused));
  const isPublished = ending === "cancelled" || await publishOutputs(context);
  await context.shared?.finish();
  const outcome = ending === "succeeded" ? (isPublished ? "done" : "failed") : ending;
  emit({ type: "run-finished", outcome, durationMs: Date.now() - startedAtMs });
  await tracker?.finish();
  unrecorded.signal.throwIfAborted();
  return outcome;
}

/** Runs the steps that are left; gives the worst ending. */
async function runLeft(
  context: RunContext,
  steps: readonly Pick<GraphStep, "name" | "dependsOn">[],
): Promise<Ending> {
  if (steps.length === 0) return context.signal.aborted ? "cancelled" : "succeeded";
  const { runSteps } = await import(STEPS) as typeof import("./step/run_steps.ts");
  return await runSteps(context, steps);
}

/** Records events and passes them on; once they cannot be recorded, `unrecorded` is aborted with the reason. */
function emitter(
  { journal, progress, unrecorded, secrets, tracker, onEvent }: {
    readonly journal: Journal;
    readonly progress: ProgressFile;
    readonly unrecorded: AbortController;
    readonly secrets: SecretValues;
  } & Pick<RunOptions, "tracker" | "onEvent">,
): Emit {
  return (...bodies) => {
    const timeMs = Date.now();
    const events = bodies.map((body): Event => ({ ...secrets.maskEvent(body), timeMs }));
    try {
      if (!unrecorded.signal.aborted) journal.append(...events);
      for (const event of events) progress.hear(event);
    } catch (error) {
      unrecorded.abort(error);
    }
    tracker?.hear();
    for (const event of events) onEvent(event);
  };
}

/** The steps that are left when some have ended well. */
function withoutThose(
  steps: readonly GraphStep[],
  ended: ReadonlySet<string>,
): readonly Pick<GraphStep, "name" | "dependsOn">[] {
  return steps.filter(({ name }) => !ended.has(name)).map(({ name, dependsOn }) => ({
    name,
    dependsOn: dependsOn.filter((before) => !ended.has(before)),
  }));
}

/** Lets a test kill the engine in the middle of a journal's line. */
function tornLine(): (() => void) | undefined {
  return isArmed("journal-line-torn") ? () => crashPoint("journal-line-torn") : undefined;
}

/** What `run` and `explain` look results up with. */
export async function reuseContext(
  graph: Graph,
  options:
    & Pick<
      RunOptions,
      "state" | "environment" | "forced" | "signal" | "graphIdentity" | "remote"
    >
    & { readonly emit: Emit },
): Promise<ReuseContext> {
  const { state, environment, forced, signal } = options;
  const { store } = state;
  const file = relativeFile(graph);
  return {
    graph,
    graphIdentity: options.graphIdentity,
    store,
    stateFolder: state.folder,
    environment,
    secrets: new SecretValues(graph.workflow, environment),
    signal,
    lastResults: new LastResults(store.index, file),
    codes: new PluginCodes({
      index: store.index,
      digests: store.digests,
      configFiles: CONFIG_FILES,
    }),
    forced,
    outputs: new Map(),
    skipped: new Map(),
    shared: await sharedResults(options),
  };
}

async function sharedResults(
  { remote, state, emit, signal }:
    & Pick<RunOptions, "remote" | "state" | "signal">
    & { readonly emit: Emit },
): Promise<SharedResults | undefined> {
  if (remote === undefined) return undefined;
  const { SharedResults } = await import(SHARED) as typeof import("./shared_results.ts");
  return new SharedResults(remote, { store: state.store, emit, signal });
}

function relativeFile(graph: Graph): string {
  const { path, projectFolder } = graph.workflow;
  return path.startsWith(`${projectFolder}/`) ? path.slice(projectFolder.length + 1) : path;
}

function announce(context: RunContext, startedBy: Starter | undefined): void {
  const { graph, run } = context;
  context.emit({
    type: "run-started",
    run: run.id,
    workflow: graph.workflow.name,
    file: relativeFile(graph),
    ...(startedBy === undefined ? {} : { startedBy }),
    steps: [...graph.steps.values()].map(({ name, plugin, dependsOn }) => ({
      name,
      plugin: plugin.name,
      kind: plugin.kind,
      dependsOn,
    })),
  });
}
