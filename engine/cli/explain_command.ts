// `cairn explain`: one sentence per step on whether it would run or be reused, and why.
import { remoteWarning, unknownStepName } from "../diagnostics/catalog.ts";
import { DiagnosticsError } from "../diagnostics/diagnostic.ts";
import { renderDiagnostics } from "../diagnostics/render.ts";
import type { Emit } from "../events/event.ts";
import type { Graph } from "../graph/graph.ts";
import { forecast, type StepForecast } from "../run/forecast.ts";
import type { ProjectState } from "../run/run_folder.ts";
import { reuseContext } from "../run/run_workflow.ts";
import type { RemoteChoice } from "../run/shared_results.ts";
import { type Arguments, type CliContext, type Command, EXIT } from "./command.ts";
import { openState, openWorkflow, STORE_FLAG, WORKFLOW_FLAGS } from "./open_workflow.ts";
import { REMOTE_FLAGS, remoteChoice } from "./remote_flags.ts";
import { byteSize, count, duration, table } from "./words.ts";

export const explainCommand: Command = {
  name: "explain",
  summary: "says for each step whether it would run or be reused, and why",
  positionals: ["WORKFLOW", "[STEP]"],
  flags: {
    ...WORKFLOW_FLAGS,
    ...STORE_FLAG,
    ...REMOTE_FLAGS,
    json: { type: "boolean", description: "prints one step per line as JSON" },
  },
  perform: explain,
};

async function explain(context: CliContext, args: Arguments): Promise<number> {
  const remote = remoteChoice(context, args);
  const graph = await openWorkflow(context, args);
  const only = args.positionals[1];
  if (only !== undefined && !graph.steps.has(only)) {
    throw new DiagnosticsError([unknownStepName(only, [...graph.steps.keys()])]);
  }
  await using state = await openState(context, args, graph.workflow.projectFolder);
  const json = args.has("json");
  await printForecast(context, { graph, state, forced: new Set(), only, json, remote });
  return EXIT.done;
}

/** Prints what a run would do. */
export async function printForecast(
  context: CliContext,
  options: {
    readonly graph: Graph;
    readonly state: ProjectState;
    readonly forced: ReadonlySet<string>;
    readonly only: string | undefined;
    /** Whether as one JSON object per step and line. */
    readonly json: boolean;
    readonly remote: RemoteChoice | undefined;
  },
): Promise<void> {
  const { graph, state, forced, only, json, remote } = options;
  const { environment, terminal, signal } = context;
  const emit: Emit = (event) => {
    if (event.type !== "remote-failed") return;
    const warning = remoteWarning(event);
    terminal.writeError(renderDiagnostics([warning], { color: terminal.hasColor }));
  };
  const reuse = reuseContext(graph, { state, environment, forced, signal, remote, emit });
  const forecasts = await forecast(reuse);
  const shown = forecasts.filter(({ step }) => only === undefined || step === only);
  if (json) return shown.forEach((step) => terminal.write(`${JSON.stringify(step)}\n`));
  terminal.write(table(shown.map(rowOf)));
  if (only === undefined) terminal.write(`${totals(forecasts)}\n`);
}

function rowOf(forecast: StepForecast): readonly string[] {
  const { step, fate, reason } = forecast;
  const words =
    { reused: "is reused", runs: "will run", unsure: "may run", fails: "will fail" }[fate];
  const cost = fate === "reused" ? "" : costOf([forecast]);
  return [step, `${words}, because ${reason}${cost === "" ? "" : ` (${cost} last time)`}`];
}

/** Such as "3 of 6 steps will run, 1 may, about 2 min 10 s, 41.0 MB". */
export function totals(forecasts: readonly StepForecast[]): string {
  const of = (fate: StepForecast["fate"]): readonly StepForecast[] =>
    forecasts.filter((forecast) => forecast.fate === fate);
  const [runs, unsure, fails] = [of("runs"), of("unsure"), of("fails")];
  const working = [...runs, ...unsure];
  const isKnown = working.every(({ lastDurationMs, lastSizeBytes }) =>
    lastDurationMs !== undefined && lastSizeBytes !== undefined
  );
  const cost = costOf(working);
  return [
    `${runs.length} of ${count(forecasts.length, "step")} will run`,
    ...(unsure.length === 0 ? [] : [`${unsure.length} may`]),
    ...(fails.length === 0 ? [] : [`${fails.length} will fail`]),
    ...(cost === "" ? [] : [`${isKnown ? "about" : "at least"} ${cost}`]),
  ].join(", ");
}

/** Time and size of what the steps made last, as far as they are known. */
function costOf(forecasts: readonly StepForecast[]): string {
  const times = forecasts.flatMap(({ lastDurationMs }) => lastDurationMs ?? []);
  const sizes = forecasts.flatMap(({ lastSizeBytes }) => lastSizeBytes ?? []);
  return [
    ...(times.length === 0 ? [] : [duration(sumOf(times))]),
    ...(sizes.length === 0 ? [] : [byteSize(sumOf(sizes))]),
  ].join(", ");
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
