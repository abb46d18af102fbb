// Runs a workflow file for a program: what the library offers, before it knows any plugins.
import { resolve } from "node:path";
import {
  capacityFor,
  checkResources,
  missingSecrets,
  openStateAt,
  stepsNamed,
} from "./cli/open_workflow.ts";
import { DiagnosticsError } from "./diagnostics/diagnostic.ts";
import { renderDiagnostics } from "./diagnostics/render.ts";
import type { Event, RunOutcome } from "./events/event.ts";
import { checkWorkflow } from "./graph/check_workflow.ts";
import { type BuiltInPlugin, Registry } from "./graph/plugins/registry.ts";
import { restrictTo, withAncestors } from "./graph/select.ts";
import { STATE_FOLDER } from "./run/folder/run_folder.ts";
import { runWorkflow } from "./run/run_workflow.ts";
import type { OpenTracker, ResolveAddresses } from "./run/tracker.ts";

/** How to run a workflow; what is absent is as on the command line. */
export interface WorkflowOptions {
  /** Values of parameters by name. */
  readonly set?: Readonly<Record<string, unknown>>;
  /** Whether plugins from elsewhere that nobody has trusted yet are trusted with what they ask for. */
  readonly trust?: boolean;
  /** Path of a YAML or JSON file with values of parameters; `set` goes before them. */
  readonly params?: string;
  /** Runs only these steps and what they need. */
  readonly only?: readonly string[];
  /** Runs these steps even where they could be reused, or all of them. */
  readonly force?: readonly string[] | "all";
  /** How many steps run at once at most. */
  readonly jobs?: number;
  /** Whether other steps still start after one has failed. */
  readonly keepGoing?: boolean;
  /** Folder that keeps results; `.cairn` in the project's folder by default. */
  readonly store?: string;
  /** Interrupts the run when it is aborted. */
  readonly signal?: AbortSignal;
}

/** A run that goes on: its events as they happen, all of them in each iteration, and its end. */
export interface WorkflowRun extends AsyncIterable<Event> {
  /** How the run ended; rejects with WorkflowError where it could not begin. */
  readonly outcome: Promise<RunOutcome>;
}

/** What keeps a workflow from running; the message is what `cairn check` prints. */
export class WorkflowError extends Error {
  /** Tells it from other errors. */
  override readonly name = "WorkflowError";
}

/** What the library adds to the engine. */
export interface LibraryParts {
  /** Plugins that are known by name. */
  readonly builtIn: readonly BuiltInPlugin[];
  /** Finds out what addresses outside mean. */
  readonly resolveAddresses?: ResolveAddresses | undefined;
  /** Makes what follows a run from outside. */
  readonly openTracker?: OpenTracker | undefined;
}

/** Runs a workflow file. */
export function startWorkflow(
  path: string,
  parts: LibraryParts,
  options: WorkflowOptions,
): WorkflowRun {
  const events = new EventList();
  const onEvent = (event: Event): void => events.add(event);
  const outcome = perform(path, parts, { ...options, onEvent })
    .catch(inWords);
  // Who only listens to events hears of a failure there.
  outcome.then(() => events.end(), (error) => events.end(error));
  return { outcome, [Symbol.asyncIterator]: () => events.follow() };
}

async function perform(
  path: string,
  { builtIn, resolveAddresses, openTracker }: LibraryParts,
  options: WorkflowOptions & { readonly onEvent: (event: Event) => void },
): Promise<RunOutcome> {
  const environment = (name: string): string | undefined => Deno.env.get(name);
  const set = Object.entries(options.set ?? {}).map(([name, value]) => ({
    name,
    value: typeof value === "string" ? value : JSON.stringify(value),
  }));
  const request = {
    path,
    cwd: Deno.cwd(),
    set,
    paramsFile: options.params,
    trust: options.trust === true,
    env: environment,
  };
  const { graph: whole, diagnostics } = await checkWorkflow(request, new Registry(builtIn));
  if (whole === undefined) throw new DiagnosticsError(diagnostics);
  const only = stepsNamed(whole, options.only ?? []);
  const written = only.length === 0 ? whole : restrictTo(whole, withAncestors(whole, only));
  const capacity = await capacityFor(written);
  const lacking = [...checkResources(written, capacity), ...missingSecrets(written, environment)];
  if (lacking.length > 0) throw new DiagnosticsError(lacking);
  const folder = resolve(options.store ?? `${written.workflow.projectFolder}/${STATE_FOLDER}`);
  await using state = await openStateAt(folder);
  const { force = [], jobs, keepGoing = false, onEvent } = options;
  const signal = options.signal ?? new AbortController().signal;
  // What these have to tell a person besides the run is for terminals.
  const asked = { state, environment, signal, tell: () => {} };
  const graph = await resolveAddresses?.({ ...asked, graph: written }) ?? written;
  const tracker = await openTracker?.({ ...asked, graph });
  return await runWorkflow(graph, {
    state,
    capacity,
    environment,
    forced: new Set(force === "all" ? graph.steps.keys() : stepsNamed(graph, force)),
    ...(jobs === undefined ? {} : { jobs }),
    keepGoing,
    startedBy: { from: "program" },
    signal,
    tracker,
    onEvent,
  });
}

function inWords(error: unknown): never {
  if (!(error instanceof DiagnosticsError)) throw error;
  throw new WorkflowError(renderDiagnostics(error.diagnostics, { color: false }).trimEnd());
}

/** Events so far, and those to come until it ends. */
class EventList {
  readonly #events: Event[] = [];
  #changed = Promise.withResolvers<void>();
  #ending: { readonly error?: unknown } | undefined;

  add(event: Event): void {
    this.#events.push(event);
    this.#wake();
  }

  end(error?: unknown): void {
    this.#ending = error === undefined ? {} : { error };
    this.#wake();
  }

  /** Gives all events from the first one, then waits for more; throws where the run could not go on. */
  async *follow(): AsyncGenerator<Event, void> {
    for (let next = 0;; next++) {
      while (next >= this.#events.length) {
        if (this.#ending !== undefined) {
          if ("error" in this.#ending) throw this.#ending.error;
          return;
        }
        await this.#changed.promise;
      }
      const event = this.#events[next];
      if (event !== undefined) yield event;
    }
  }

  #wake(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers();
    resolve();
  }
}
