// `cairn explain`: whether each step would run or be reused, and why; for one step, field by field.
import { remoteWarning } from "../../diagnostics/catalog.ts";
import { DiagnosticsError } from "../../diagnostics/diagnostic.ts";
import { renderDiagnostics } from "../../diagnostics/render.ts";
import type { Emit } from "../../events/event.ts";
import type { Graph } from "../../graph/graph.ts";
import { forecast } from "../../run/forecast/forecast.ts";
import { totalOf } from "../../run/forecast/forecast_total.ts";
import type { ProjectState } from "../../run/folder/run_folder.ts";
import { reuseContext } from "../../run/run_workflow.ts";
import type { RemoteChoice } from "../../run/shared_results.ts";
import { type Arguments, type CliContext, type Command, EXIT } from "../command.ts";
import { STORE_FLAG, WORKFLOW_FLAGS } from "../flags.ts";
import { missingSecrets, openRun, stepsNamed, withMeanings } from "../open_workflow.ts";
import { forecastTable, stepDetails, totalLine } from "../report/forecast_report.ts";
import { REMOTE_FLAGS, remoteChoice } from "../remote_flags.ts";

export const explainCommand: Command = {
  name: "explain",
  summary: "says for each step whether it would run or be reused, and why",
  positionals: ["WORKFLOW", "[STEP]"],
  flags: {
    ...WORKFLOW_FLAGS,
    ...STORE_FLAG,
    ...REMOTE_FLAGS,
    json: { type: "boolean", description: "prints one step per line as JSON, the total last" },
  },
  perform: explain,
};

async function explain(context: CliContext, args: Arguments): Promise<number> {
  const remote = await remoteChoice(context, args);
  const opened = await openRun(context, args);
  await using state = opened.state;
  const { graph } = await withMeanings(context, opened);
  const lacking = missingSecrets(graph, context.environment);
  if (lacking.length > 0) throw new DiagnosticsError(lacking);
  const name = args.positionals[1];
  const only = name === undefined ? undefined : new Set(stepsNamed(graph, [name]));
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
    readonly only: ReadonlySet<string> | undefined;
    /** Whether as one JSON object per step and line, the total last. */
    readonly json: boolean;
    readonly remote: RemoteChoice | undefined;
  },
): Promise<void> {
  const { graph, state, forced, only, json, remote } = options;
  const { environment, terminal, signal } = context;
  const emit: Emit = (...events) => {
    for (const event of events) {
      if (event.type !== "remote-failed") continue;
      const warning = remoteWarning(event);
      terminal.writeError(renderDiagnostics([warning], { color: terminal.hasColor }));
    }
  };
  const reuse = await reuseContext(graph, { state, environment, forced, signal, remote, emit });
  const forecasts = (await forecast(reuse)).map((step) => ({
    ...step,
    // An earlier result may have been made with what is a secret now.
    reason: reuse.secrets.mask(step.reason),
    differences: reuse.secrets.maskIn(step.differences),
  }));
  const shown = forecasts.filter(({ step }) => only === undefined || only.has(step));
  if (json) {
    for (const step of shown) terminal.write(`${JSON.stringify(step)}\n`);
    if (only === undefined) terminal.write(`${JSON.stringify({ total: totalOf(forecasts) })}\n`);
  } else if (only === undefined) {
    terminal.write(`${forecastTable(forecasts)}${totalLine(totalOf(forecasts))}\n`);
  } else terminal.write(shown.map(stepDetails).join("\n"));
}
