// Sends everything that waits for a server: first what it has not heard of runs, then registered versions.
import { setTimeout as pause } from "node:timers/promises";
import { isRunning, type ProjectState, runFolder } from "../../../engine/mod.ts";
import { MlflowClient, MlflowError } from "../mlflow/client.ts";
import { drain, type Drained, longestPauseMs, usualPausesMs } from "../mlflow/drain.ts";
import { countEntries, openOutbox } from "../mlflow/outbox.ts";
import type { MlflowSettings } from "../mlflow/settings.ts";
import { type Position, readPosition, removePosition, waitingRuns } from "./position.ts";
import { RunReport } from "./run_report.ts";

/** Where to send, and from where. */
export interface WaitingRequest {
  readonly state: ProjectState;
  readonly settings: MlflowSettings;
  readonly signal: AbortSignal;
  /** How long to wait before each further attempt. */
  readonly pausesMs?: readonly number[];
  /** How long an answer may take. */
  readonly answerWithinMs?: number;
}

/** A run that was told to its end. */
export interface SentRun {
  readonly id: string;
  readonly refusals: readonly string[];
}

/** What became of it. */
export interface Sent {
  /** Runs that the server knows now, and what it refused of them. */
  readonly runs: readonly SentRun[];
  /** Runs that the server will never take, and why. */
  readonly refusedRuns: readonly { readonly id: string; readonly error: Error }[];
  readonly versions: Pick<Drained, "delivered" | "refused">;
  /** Runs and versions that still wait, also those for other servers. */
  readonly waiting: number;
  /** Why sending stopped early. */
  readonly stopped: MlflowError | undefined;
}

/** The folder of what waits for servers. */
export function waitingFolder({ folder }: Pick<ProjectState, "folder">): string {
  return `${folder}/mlflow`;
}

/** Counts what waits, besides a run that still goes on. */
export async function countWaiting(
  state: Pick<ProjectState, "folder">,
  besides?: string,
): Promise<number> {
  const home = waitingFolder(state);
  const runs = (await waitingRuns(home)).filter((id) => id !== besides);
  return runs.length + await countEntries(home);
}

/** Sends what waits for this server, oldest first; runs that go on are left to their own process. */
export async function sendWaiting(request: WaitingRequest): Promise<Sent> {
  const { state, settings, signal, pausesMs, answerWithinMs } = request;
  const home = waitingFolder(state);
  const { runs, refused: refusedRuns, stopped } = await sendRuns(request);
  using outbox = await openOutbox(home);
  // Versions lead to runs, so they wait for these.
  const versions = stopped === undefined
    ? await drain(outbox, {
      settings,
      registry: `${state.folder}/registry`,
      signal,
      ...pausesMs && { pausesMs },
      ...answerWithinMs !== undefined && { answerWithinMs },
    })
    : undefined;
  return {
    runs,
    refusedRuns,
    versions: versions ?? { delivered: new Map(), refused: [] },
    waiting: await countWaiting(state),
    stopped: stopped ?? versions?.stopped,
  };
}

interface SentRuns {
  readonly runs: readonly SentRun[];
  readonly refused: Sent["refusedRuns"];
  readonly stopped: MlflowError | undefined;
}

async function sendRuns(request: WaitingRequest): Promise<SentRuns> {
  const home = waitingFolder(request.state);
  const runs: SentRun[] = [];
  const refused: { id: string; error: Error }[] = [];
  await Deno.mkdir(home, { recursive: true });
  // Nobody else looks for runs to tell of meanwhile.
  using lock = await Deno.open(`${home}/runs.lock`, { create: true, write: true });
  await lock.lock(true);
  for (const id of await waitingRuns(home)) {
    const position = await readPosition(home, id);
    if (position === undefined || position.server !== request.settings.base) continue;
    if (await isRunning(runFolder(request.state.folder, id))) continue;
    try {
      runs.push({ id, refusals: await sendRun(request, id, position) });
    } catch (error) {
      request.signal.throwIfAborted();
      if (error instanceof MlflowError && error.remedy !== "none") {
        return { runs, refused, stopped: error };
      }
      const isGone = error instanceof Deno.errors.NotFound; // its folder was deleted by hand
      if (!(error instanceof MlflowError) && !isGone) throw error;
      await giveUp(request.state, id);
      refused.push({ id, error: isGone ? new Error("its folder was deleted") : error });
    }
  }
  return { runs, refused, stopped: undefined };
}

async function sendRun(
  { state, settings, signal, pausesMs = usualPausesMs, answerWithinMs }: WaitingRequest,
  id: string,
  position: Position,
): Promise<readonly string[]> {
  const place = { state, run: runFolder(state.folder, id), home: waitingFolder(state) };
  const report = new RunReport(
    new MlflowClient(settings, signal, answerWithinMs),
    place,
    position,
  );
  for (let attempt = 0;; attempt++) {
    try {
      await report.advance();
      await report.close();
      return report.refusals;
    } catch (error) {
      const pauseMs = pausesMs[attempt];
      if (pauseMs === undefined || !(error instanceof MlflowError)) throw error;
      const { remedy, isTimeout, retryAfterMs = 0 } = error;
      if (remedy !== "wait" || isTimeout || retryAfterMs > longestPauseMs) throw error;
      await pause(Math.max(pauseMs, retryAfterMs), undefined, { signal });
    }
  }
}

/** What the server refuses for good must not keep others waiting. */
async function giveUp(state: ProjectState, id: string): Promise<void> {
  await Deno.remove(runFolder(state.folder, id).waitingPath).catch(() => {});
  await removePosition(waitingFolder(state), id);
}

/** What came of sending, as lines for a person. */
export interface SentLines {
  readonly sent: readonly string[];
  readonly trouble: readonly string[];
  readonly rest: string;
}

/** What a server refused for good, as the end of a sentence. */
export function describeRefusals(refusals: readonly string[]): string {
  const [first] = refusals;
  return first === undefined ? "" : `, without ${refusals.length} of its events: ${first}`;
}

/** Says what was sent and what was not. */
export function describeSent(what: Sent): SentLines {
  const { runs, refusedRuns, versions, waiting, stopped } = what;
  const sent = [
    ...runs.map(({ id, refusals }) => `sent run ${id}${describeRefusals(refusals)}`),
    ...[...versions.delivered.values()].map(({ name, version }) =>
      `sent "${name}" as version ${version}`
    ),
  ];
  const trouble = [
    ...refusedRuns.map(({ id, error }) => `gave up run ${id}: ${error.message}`),
    ...versions.refused.map(({ folder, error }) => `set aside as ${folder}: ${error.message}`),
    ...(stopped === undefined ? [] : [stopped.message]),
    ...(stopped?.hint === undefined ? [] : [`  hint: ${stopped.hint}`]),
  ];
  const rest = waiting === 0 ? "nothing waits any more" : `${waiting} still waiting`;
  return { sent, trouble, rest };
}
