// How far a server has been told of a run: `runs/RUN.json` in the folder of what waits. A run's journal is the
// queue itself; this is only the place in it, so that whoever goes on tells the rest, in order.
import type { MlflowRun } from "../mlflow/runs.ts";

/** A place in a run's journal. */
export interface Position {
  readonly format: "cairn-mlflow-run/1";
  /** Address of the server that is told; never with a password. */
  readonly server: string;
  /** Name of the experiment. */
  readonly experiment: string;
  /** Tags of every MLflow run of this run. */
  readonly tags: Readonly<Record<string, string>>;
  /** How many events of the journal the server knows of. */
  readonly events: number;
  /** The MLflow run of the whole, once there is one. */
  readonly whole: MlflowRun | null;
  /** The nested MLflow runs so far, by step. */
  readonly steps: Readonly<Record<string, MlflowRun>>;
}

/** The place before a run's first event. */
export function startOf(target: Pick<Position, "server" | "experiment" | "tags">): Position {
  return { format: "cairn-mlflow-run/1", ...target, events: 0, whole: null, steps: {} };
}

/** Most runs that may wait; their journals and results are kept as long. */
export const mostWaitingRuns = 200;

/** Ids of the runs that a server has not heard the end of, oldest first. */
export async function waitingRuns(home: string): Promise<readonly string[]> {
  const ids: string[] = [];
  try {
    for await (const { name } of Deno.readDir(`${home}/runs`)) {
      if (name.endsWith(".json")) ids.push(name.slice(0, -".json".length));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return ids.sort();
}

/** Reads a run's place; undefined where the run does not wait. */
export async function readPosition(home: string, run: string): Promise<Position | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(`${home}/runs/${run}.json`)) as Position; // renamed into place
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Writes a run's place; a crash leaves the one before, and what is told twice is the same. */
export async function writePosition(home: string, run: string, position: Position): Promise<void> {
  await Deno.mkdir(`${home}/runs`, { recursive: true });
  const staged = `${home}/runs/${run}.${crypto.randomUUID()}`;
  await Deno.writeTextFile(staged, JSON.stringify(position));
  await Deno.rename(staged, `${home}/runs/${run}.json`);
}

/** Forgets a run that the server has heard all of. */
export async function removePosition(home: string, run: string): Promise<void> {
  await Deno.remove(`${home}/runs/${run}.json`);
}
