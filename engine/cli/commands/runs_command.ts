// `cairn runs`: past runs, one run's steps, and the end of one run's record.
import { moveAway } from "../../cache/upkeep/collect.ts";
import { runGoesOn, unknownRun, wrongArguments } from "../../diagnostics/catalog.ts";
import { DiagnosticsError } from "../../diagnostics/diagnostic.ts";
import { readJournal } from "../../events/files/journal.ts";
import { foldEvents, type RunState, type StepState } from "../../events/run_state.ts";
import { isRunning, listRuns, runFolder } from "../../run/folder/run_folder.ts";
import { findProjectFolder } from "../../workflow/source.ts";
import { type Arguments, type CliContext, type Command, EXIT, usageOf } from "../command.ts";
import { STORE_FLAG } from "../flags.ts";
import { openPresentState, stateFolder } from "../open_workflow.ts";
import { summary } from "../report/terminal_report.ts";
import { byteSize, duration, table } from "../report/words.ts";

const MOST_RUNS = 30;

export const runsCommand: Command = {
  name: "runs",
  summary: "lists past runs, shows one run's steps, or deletes its record",
  positionals: ["[RUN]"],
  flags: {
    ...STORE_FLAG,
    delete: {
      type: "boolean",
      description: "deletes the run's record and logs; its results stay until gc collects them",
    },
  },
  perform: runs,
};

async function runs(context: CliContext, args: Arguments): Promise<number> {
  const project = await findProjectFolder(`${context.cwd}/any`);
  const folder = stateFolder(context, args, project);
  const ids = listRuns(folder);
  const wanted = args.positionals[0];
  if (wanted === undefined && args.has("delete")) {
    throw new DiagnosticsError([wrongArguments("runs", usageOf(runsCommand))]);
  }
  if (wanted !== undefined) {
    if (!ids.includes(wanted)) throw new DiagnosticsError([unknownRun(wanted, ids)]);
    if (args.has("delete")) return await deleteRun(context, args, wanted);
    context.terminal.write(describeRun(await readRun(folder, wanted)));
    return EXIT.done;
  }
  const states = await Promise.all(ids.slice(0, MOST_RUNS).map((id) => readRun(folder, id)));
  const rows = states.map((
    state,
  ) => [state.run, state.workflow, outcomeOf(state), summaryOf(state)]);
  context.terminal.write(
    rows.length === 0
      ? `No runs yet in ${folder}\n`
      : table([["run", "workflow", "state", "steps"], ...rows]),
  );
  return EXIT.done;
}

async function deleteRun(context: CliContext, args: Arguments, id: string): Promise<number> {
  await using state = await openPresentState(context, args);
  const run = runFolder(state.folder, id);
  if (await isRunning(run)) throw new DiagnosticsError([runGoesOn(id)]);
  const trash = await moveAway(state.store, [run.path]); // at once: nobody sees half a run
  await Deno.remove(trash, { recursive: true });
  context.terminal.write(`Deleted run ${id}\n`);
  return EXIT.done;
}

async function readRun(folder: string, id: string): Promise<RunState> {
  const events = await readJournal(runFolder(folder, id).journalPath).catch(() => []);
  return { ...foldEvents(events), run: id };
}

/** A journal without an end belongs to a run that goes on, or whose engine was killed. */
function outcomeOf(state: RunState): string {
  return state.outcome === "running" ? "unfinished" : state.outcome;
}

function summaryOf(state: RunState): string {
  return summary(state).replace(/^\w+ in /, "");
}

function describeRun(state: RunState): string {
  const steps = [...state.steps.values()];
  // Only steps that took a while have a known peak.
  const hasPeaks = steps.some(({ peakMemoryBytes }) => peakMemoryBytes !== undefined);
  const head = ["step", "plugin", "state", "time", ...(hasPeaks ? ["memory"] : []), "why"];
  const started = new Date(state.startedAtMs).toISOString();
  return `${state.run}  ${state.workflow} (${state.file}), started ${started}, ${
    outcomeOf(state)
  }\n` +
    table([head, ...steps.map((step) => stepRow(step, hasPeaks))]);
}

function stepRow(step: StepState, hasPeaks: boolean): readonly string[] {
  const time = step.status === "reused"
    ? `saved ${duration(step.savedMs ?? 0)}`
    : step.durationMs === undefined
    ? ""
    : duration(step.durationMs);
  const { peakMemoryBytes: bytes } = step;
  const peak = hasPeaks ? [bytes === undefined ? "" : byteSize(bytes)] : [];
  return [step.name, step.plugin, step.status, time, ...peak, step.message ?? step.reason];
}
