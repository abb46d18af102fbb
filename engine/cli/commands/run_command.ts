// `cairn run`: runs a workflow and shows how it goes.
import { relative } from "node:path";
import { leftOut } from "../../diagnostics/catalog.ts";
import { type Diagnostic, DiagnosticsError, type Place } from "../../diagnostics/diagnostic.ts";
import type { Event, RunOutcome, StepFailed } from "../../events/event.ts";
import type { Starter } from "../../events/starter.ts";
import type { Graph, GraphStep } from "../../graph/graph.ts";
import { restrictTo, withAncestors, withDescendants } from "../../graph/select.ts";
import type { RemoteChoice } from "../../run/shared_results.ts";
import { runWorkflow } from "../../run/run_workflow.ts";
import { BatchedTerminal } from "../report/batched_terminal.ts";
import { type Arguments, type CliContext, type Command, EXIT } from "../command.ts";
import { STORE_FLAG, WORKFLOW_FLAGS } from "../flags.ts";
import {
  capacityFor,
  checkResources,
  missingSecrets,
  type OpenRun,
  openRun,
  stepsNamed,
  withMeanings,
} from "../open_workflow.ts";
import { wordAt } from "../../workflow/source.ts";
import { REMOTE_FLAGS, remoteChoice } from "../remote_flags.ts";
import { TerminalReport } from "../report/terminal_report.ts";

// Named by variables, because Deno reads what a literal import names before the program starts.
const EXPLAIN = import.meta.resolve("./explain_command.ts");
const ON_CHANGE = import.meta.resolve("../run_on_change.ts");

/** How often running times are shown anew on a terminal. */
const TICK_MS = 500;

const EXIT_OF: Readonly<Record<RunOutcome, number>> = {
  done: EXIT.done,
  failed: EXIT.failed,
  cancelled: EXIT.interrupted,
};

export const runCommand: Command = {
  name: "run",
  summary: "runs a workflow; what is unchanged since an earlier run is reused",
  positionals: ["WORKFLOW"],
  flags: {
    ...WORKFLOW_FLAGS,
    ...STORE_FLAG,
    ...REMOTE_FLAGS,
    only: {
      type: "string",
      multiple: true,
      value: "STEP",
      description:
        "runs only this step and what it needs; a matrix step with or without [key=value]",
    },
    from: {
      type: "string",
      multiple: true,
      value: "STEP",
      description: "runs this step and all that depends on it anew",
    },
    force: {
      type: "string",
      multiple: true,
      value: "STEP|all",
      description: "runs this step even where it could be reused",
    },
    jobs: { type: "string", value: "N", description: "runs at most N steps at once" },
    "keep-going": { type: "boolean", description: "goes on with other steps after one has failed" },
    "dry-run": { type: "boolean", description: "says what would run and why, runs nothing" },
    watch: {
      type: "boolean",
      description: "runs again whenever the workflow, its plugins or its files change",
    },
    ui: { type: "boolean", description: "serves the page while the run goes on" },
    json: {
      type: "boolean",
      description: "prints one event, or in a dry run one step, per line as JSON",
    },
  },
  perform: run,
};

async function run(context: CliContext, args: Arguments): Promise<number> {
  const choice = { jobs: args.count("jobs"), remote: await remoteChoice(context, args) };
  await using page = new PageBeside(context, args);
  const open = ({ graph, state }: OpenRun): Promise<void> =>
    page.open({ folder: graph.workflow.projectFolder, store: state.folder });
  if (!args.has("watch")) {
    return await runOnce(context, args, { ...choice, isForced: true, opened: open });
  }
  const { runOnChange } = await import(ON_CHANGE) as typeof import("../run_on_change.ts");
  return await runOnChange(context, args, async (context, { isFirst, onOpened }) => {
    const opened = async (run: OpenRun): Promise<void> => {
      await onOpened(run);
      await open(run);
    };
    return await runOnce(context, args, { ...choice, isForced: isFirst, opened });
  });
}

/** One run, or in a dry run one forecast. */
async function runOnce(
  context: CliContext,
  args: Arguments,
  { jobs, remote, isForced, opened }: {
    readonly jobs: number | undefined;
    readonly remote: RemoteChoice | undefined;
    /** Whether --force and --from count. */
    readonly isForced: boolean;
    readonly opened: (run: OpenRun) => Promise<void>;
  },
): Promise<number> {
  const open = await openRun(context, args);
  await using state = open.state;
  const { graph: whole, identity } = await withMeanings(context, open);
  const only = stepsNamed(whole, args.texts("only"));
  const graph = only.length === 0 ? whole : restrictTo(whole, withAncestors(whole, only));
  await opened({ ...open, graph });
  const forced = isForced ? forcedSteps({ whole, graph }, args) : new Set<string>();
  const capacity = await capacityFor(graph);
  const lacking = [
    ...checkResources(graph, capacity),
    ...missingSecrets(graph, context.environment),
  ];
  if (lacking.length > 0) throw new DiagnosticsError(lacking);
  if (args.has("dry-run")) {
    const { printForecast } = await import(EXPLAIN) as typeof import("./explain_command.ts");
    const json = args.has("json");
    await printForecast(context, { graph, state, forced, only: undefined, json, remote });
    return EXIT.done;
  }
  const { environment, signal } = context;
  const tell = (line: string): void => context.terminal.writeError(`${line}\n`);
  const tracker = await context.openTracker?.({ graph, state, environment, signal, tell });
  using listener = new Listener(context, graph, args.has("json"));
  const outcome = await runWorkflow(graph, {
    graphIdentity: identity,
    state,
    capacity,
    environment,
    forced,
    remote,
    tracker,
    ...(jobs === undefined ? {} : { jobs }),
    keepGoing: args.has("keep-going"),
    startedBy: starterOf(context),
    signal,
    onEvent: (event) => listener.hear(event),
  });
  return EXIT_OF[outcome];
}

/** The page, where it is asked for: opened by the first run, closed after the last one. */
class PageBeside implements AsyncDisposable {
  #page: Promise<AsyncDisposable> | undefined;

  constructor(private readonly context: CliContext, private readonly args: Arguments) {}

  async open(place: { readonly folder: string; readonly store: string }): Promise<void> {
    const { openPage } = this.context;
    if (!this.args.has("ui") || this.args.has("dry-run") || openPage === undefined) return;
    await (this.#page ??= openPage(this.context, place));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#page)?.[Symbol.asyncDispose]();
  }
}

/** Who performs the command; the page says so in a variable. */
function starterOf({ environment, terminal }: CliContext): Starter {
  const user = environment("USER") ?? environment("LOGNAME") ?? environment("USERNAME");
  const isPage = environment("CAIRN_STARTED_FROM") === "page";
  const from = isPage ? "page" : terminal.isInteractive ? "terminal" : "program";
  return user === undefined ? { from } : { user, from };
}

/** Shows a run's events as lines for people or as JSON. */
class Listener implements Disposable {
  readonly #terminal: BatchedTerminal;
  readonly #report: TerminalReport | undefined;
  readonly #timer: ReturnType<typeof setInterval> | undefined;

  constructor(context: CliContext, graph: Graph, asJson: boolean) {
    this.#terminal = new BatchedTerminal(context.terminal);
    if (asJson) return;
    const report = new TerminalReport(this.#terminal, {
      placeOf: (step, part) => placeOf(graph.steps.get(step), part),
      codeAt: (place) => wordAt(place, context.cwd),
      pathOf: (absolute) => relative(context.cwd, absolute),
    });
    this.#report = report;
    if (!context.terminal.isInteractive) return;
    this.#timer = setInterval(() => report.tick(Date.now()), TICK_MS);
  }

  hear(event: Event): void {
    if (this.#report === undefined) this.#terminal.write(`${JSON.stringify(event)}\n`);
    else this.#report.show(event);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#terminal[Symbol.dispose]();
  }
}

/** Where a step stands in its file, or its condition. */
function placeOf(step: GraphStep | undefined, part: StepFailed["part"]): Place | undefined {
  return part === "if" ? step?.condition?.place : step?.place;
}

/** Steps that run although they could be reused; throws DiagnosticsError where the run leaves a named one out. */
function forcedSteps(
  { whole, graph }: { readonly whole: Graph; readonly graph: Graph },
  args: Arguments,
): ReadonlySet<string> {
  const words = args.texts("force");
  const force = stepsNamed(whole, words.filter((word) => word !== "all"));
  const from = stepsNamed(whole, args.texts("from"));
  const left = (flag: string, steps: readonly string[]): readonly Diagnostic[] =>
    steps.filter((step) => !graph.steps.has(step)).map((step) => leftOut(step, flag));
  const problems = [...left("--force", force), ...left("--from", from)];
  if (problems.length > 0) throw new DiagnosticsError(problems);
  return words.includes("all")
    ? new Set(graph.steps.keys())
    : new Set([...force, ...withDescendants(graph, from)]);
}
