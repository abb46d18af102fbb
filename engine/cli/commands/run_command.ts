// `cairn run`: runs a workflow and shows how it goes.
import { relative } from "node:path";
import { DiagnosticsError, type Place } from "../../diagnostics/diagnostic.ts";
import type { Event, RunOutcome, StepFailed } from "../../events/event.ts";
import type { Graph } from "../../graph/graph.ts";
import { restrictTo, withAncestors, withDescendants } from "../../graph/select.ts";
import { runWorkflow } from "../../run/run_workflow.ts";
import { BatchedTerminal } from "../report/batched_terminal.ts";
import { type Arguments, type CliContext, type Command, EXIT } from "../command.ts";
import { printForecast } from "./explain_command.ts";
import {
  capacityFor,
  checkResources,
  openRun,
  stepsNamed,
  STORE_FLAG,
  withMeanings,
  WORKFLOW_FLAGS,
} from "../open_workflow.ts";
import { filePath, readSourceSync } from "../../workflow/source.ts";
import { REMOTE_FLAGS, remoteChoice } from "../remote_flags.ts";
import { TerminalReport } from "../report/terminal_report.ts";

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
    ui: { type: "boolean", description: "serves the page while the run goes on" },
    json: {
      type: "boolean",
      description: "prints one event, or in a dry run one step, per line as JSON",
    },
  },
  perform: run,
};

async function run(context: CliContext, args: Arguments): Promise<number> {
  const jobs = args.count("jobs");
  const remote = remoteChoice(context, args);
  const opened = await openRun(context, args);
  await using state = opened.state;
  const { graph: whole, identity } = await withMeanings(context, opened);
  const only = stepsNamed(whole, args.texts("only"));
  const graph = only.length === 0 ? whole : restrictTo(whole, withAncestors(whole, only));
  const forced = forcedSteps(graph, args);
  const capacity = await capacityFor(graph);
  const lacking = checkResources(graph, capacity);
  if (lacking.length > 0) throw new DiagnosticsError(lacking);
  if (args.has("dry-run")) {
    const json = args.has("json");
    await printForecast(context, { graph, state, forced, only: undefined, json, remote });
    return EXIT.done;
  }
  const place = { folder: whole.workflow.projectFolder, store: state.folder };
  await using _page = args.has("ui") ? await context.openPage?.(context, place) : undefined;
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
    signal,
    onEvent: (event) => listener.hear(event),
  });
  return EXIT_OF[outcome];
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
      placeOf: (step) => graph.steps.get(step)?.place,
      codeAt: (place) => codeAt(place, context.cwd),
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

/** The word at a place in a file; undefined where the file is not to be read. */
function codeAt(
  { path, line, column }: NonNullable<StepFailed["reachedAt"]>,
  cwd: string,
): Place | undefined {
  const file = readSourceSync(filePath(path, cwd));
  if (file === undefined) return undefined;
  const start = file.offset({ line, column });
  const word = /^[\w$]+/.exec(file.line(line).slice(column - 1))?.[0] ?? " ";
  return { file, span: { start, end: start + word.length } };
}

function forcedSteps(graph: Graph, args: Arguments): ReadonlySet<string> {
  const force = args.texts("force");
  if (force.includes("all")) return new Set(graph.steps.keys());
  const from = stepsNamed(graph, [args.text("from") ?? []].flat());
  return new Set([...stepsNamed(graph, force), ...withDescendants(graph, from)]);
}
