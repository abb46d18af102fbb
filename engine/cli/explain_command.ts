// `cairn explain`: one sentence per step on whether it would run or be reused, and why.
import { unknownStepName } from "../diagnostics/catalog.ts";
import { DiagnosticsError } from "../diagnostics/diagnostic.ts";
import type { Graph } from "../graph/graph.ts";
import { forecast, type StepForecast } from "../run/forecast.ts";
import type { ProjectState } from "../run/run_folder.ts";
import { reuseContext } from "../run/run_workflow.ts";
import { type Arguments, type CliContext, type Command, EXIT } from "./command.ts";
import { openState, openWorkflow, STORE_FLAG, WORKFLOW_FLAGS } from "./open_workflow.ts";
import { duration, table } from "./words.ts";

export const explainCommand: Command = {
  name: "explain",
  summary: "says for each step whether it would run or be reused, and why",
  positionals: ["WORKFLOW", "[STEP]"],
  flags: { ...WORKFLOW_FLAGS, ...STORE_FLAG },
  perform: explain,
};

async function explain(context: CliContext, args: Arguments): Promise<number> {
  const graph = await openWorkflow(context, args);
  const only = args.positionals[1];
  if (only !== undefined && !graph.steps.has(only)) {
    throw new DiagnosticsError([unknownStepName(only, [...graph.steps.keys()])]);
  }
  await using state = await openState(context, args, graph.workflow.projectFolder);
  await printForecast(context, { graph, state, forced: new Set(), only });
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
  },
): Promise<void> {
  const { graph, state, forced, only } = options;
  const { environment } = context;
  const forecasts = await forecast(reuseContext(graph, { state, environment, forced }));
  const shown = forecasts.filter(({ step }) => only === undefined || step === only);
  context.terminal.write(table(shown.map(rowOf)));
}

function rowOf({ step, fate, reason, lastDurationMs }: StepForecast): readonly string[] {
  const words =
    { reused: "is reused", runs: "will run", unsure: "may run", fails: "will fail" }[fate];
  const time = fate === "reused" || lastDurationMs === undefined
    ? ""
    : ` (${duration(lastDurationMs)} last time)`;
  return [step, `${words}, because ${reason}${time}`];
}
