// A run in the shapes that the page asks for: a line of the list, and the whole run.
import type { Progress, StepStatus } from "../../engine/mod.ts";
import type { RunHead, StepView } from "../runs/run_fold.ts";
import type { RunLibrary, RunOutcomeView, RunReader } from "../runs/runs.ts";

/** A number that sums a run up. */
export interface Score {
  readonly name: string;
  readonly value: number;
}

/** A run as a line of the list. */
export interface RunSummary extends Omit<RunHead, "outcome"> {
  readonly outcome: RunOutcomeView;
  /** How many steps stand how. */
  readonly counts: Readonly<Partial<Record<StepStatus, number>>>;
  readonly savedMs: number;
  /** Last values of what its test steps measured, else of its train steps. */
  readonly scores: readonly Score[];
}

/** A run with all its steps. */
export interface RunView extends RunSummary {
  /** Number of events that this state has taken: where a stream goes on. */
  readonly events: number;
  readonly steps: readonly StepView[];
  readonly progress: Progress;
  /** The workflow's own words. */
  readonly description: string;
  readonly params: Readonly<Record<string, unknown>>;
}

const MOST_RUNS = 100;

/** Sums up the newest runs, or the newest before one of them. */
export async function listRunSummaries(
  library: RunLibrary,
  before?: string,
): Promise<{ readonly runs: readonly RunSummary[]; readonly more: boolean }> {
  const ids = library.ids.filter((id) => before === undefined || id < before);
  const readers = await Promise.all(ids.slice(0, MOST_RUNS).map((id) => library.find(id)));
  const found = readers.filter((reader) => reader !== undefined);
  const runs = await Promise.all(found.map((reader) => summarize(library, reader)));
  return { runs, more: ids.length > MOST_RUNS };
}

/** Sums a run up. */
export async function summarize(library: RunLibrary, reader: RunReader): Promise<RunSummary> {
  const steps = [...reader.fold.steps.values()];
  const counts: Partial<Record<StepStatus, number>> = {};
  for (const { status } of steps) counts[status] = (counts[status] ?? 0) + 1;
  return {
    ...reader.fold.head,
    outcome: reader.outcome,
    counts,
    savedMs: steps.reduce((sum, { savedMs }) => sum + (savedMs ?? 0), 0),
    scores: await scoresOf(library, reader),
  };
}

/** Shows a run whole. */
export async function viewRun(library: RunLibrary, reader: RunReader): Promise<RunView> {
  const recipe = await reader.recipe();
  return {
    ...await summarize(library, reader),
    events: reader.events.length,
    steps: [...reader.fold.steps.values()],
    progress: await reader.progress(),
    description: recipe?.description ?? "",
    params: recipe?.params ?? {},
  };
}

async function scoresOf(library: RunLibrary, reader: RunReader): Promise<readonly Score[]> {
  const steps = [...reader.fold.steps.values()];
  for (const kind of ["test", "train"]) {
    const scores: Score[] = [];
    for (const step of steps.filter((step) => step.kind === kind)) {
      const origin = await library.origin(reader, step);
      for (const { name, points } of origin?.reader.fold.metrics(origin.step) ?? []) {
        const last = points.at(-1);
        if (last !== undefined) scores.push({ name, value: last[1] });
      }
    }
    if (scores.length > 0) return scores;
  }
  return [];
}
