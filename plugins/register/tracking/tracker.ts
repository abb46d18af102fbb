// Follows a run on an MLflow server while it goes on: tells the server about once a second what the journal
// has gained, and gives steps what they need to report there themselves. A server that is away costs nothing.
import type { RunFolder, RunRequest, Tracker } from "../../../engine/mod.ts";
import { MlflowClient, MlflowError } from "../mlflow/client.ts";
import { linkTo } from "../mlflow/runs.ts";
import { usualPausesMs } from "../mlflow/drain.ts";
import { mostWaitingRuns, startOf, waitingRuns, writePosition } from "./position.ts";
import { RunReport } from "./run_report.ts";
import type { Server } from "./server.ts";
import type { Variables } from "../mlflow/variables.ts";
import {
  countWaiting,
  describeRefusals,
  describeSent,
  sendWaiting,
  waitingFolder,
} from "./waiting.ts";

/** What is known of the server before the run begins. */
export interface TrackingPlan extends Server {
  /** Name of the experiment. */
  readonly experiment: string;
  /** Tags of every MLflow run. */
  readonly tags: Variables;
  /** Why the server could not be had just now, where that is so. */
  readonly failure: MlflowError | undefined;
}

const everyMs = 1000;
/** How long a step's process waits for its MLflow run. */
const patienceMs = 30_000;
/** What is left of an interrupted run is told within this time, or later. */
const lastWordsMs = 5_000;
/** How long the server may take for an answer: the end of a run waits for that. */
const answerWithinMs = 15_000;
const firstPauseMs = 1000;
const longestPauseMs = 30_000;

/** Tracks one run. */
export class MlflowTracker implements Tracker {
  readonly #stop = new AbortController();
  readonly #programs: ReadonlySet<string>;
  #report: RunReport | undefined;
  #run: RunFolder | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #busy: Promise<void> = Promise.resolve();
  #backlog: Promise<void> = Promise.resolve();
  #sent: readonly string[] = [];
  /** Programs that started while the server could not be had. */
  readonly #without: string[] = [];
  #failure: unknown;
  #pauseMs = 0;
  #silentUntilMs = 0;

  constructor(private readonly request: RunRequest, private readonly plan: TrackingPlan) {
    if (plan.failure !== undefined) this.#noteFailure(plan.failure);
    const steps = [...request.graph.steps.values()];
    this.#programs = new Set(
      steps.filter(({ resolved }) => resolved.command !== undefined).map(({ name }) => name),
    );
  }

  async begin(run: RunFolder): Promise<void> {
    const { state } = this.request;
    const home = waitingFolder(state);
    const waiting = await waitingRuns(home);
    if (waiting.length >= mostWaitingRuns) {
      return this.#tell(`${waiting.length} runs wait for a server; this one is not tracked`);
    }
    const { settings, experiment, tags } = this.plan;
    const position = startOf({ server: settings.base, experiment, tags });
    await writePosition(home, run.id, position);
    await Deno.writeTextFile(run.waitingPath, "");
    this.#run = run;
    const client = new MlflowClient(settings, this.#stop.signal, answerWithinMs);
    this.#report = new RunReport(client, { state, run, home }, position);
    // What an earlier run left is on its way already when this one's models are registered.
    if (this.#failure === undefined && await countWaiting(state, run.id) > 0) {
      this.#backlog = this.#sendOthers();
    }
  }

  hear(): void {
    if (this.#timer !== undefined || this.#report === undefined) return;
    const waitMs = Math.max(everyMs, this.#silentUntilMs - Date.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#advance().then((isTold) => isTold || this.hear());
    }, waitMs);
    Deno.unrefTimer(this.#timer);
  }

  async variablesFor(step: string): Promise<Variables> {
    const isProgram = this.#programs.has(step);
    const access = isProgram ? this.plan.variables.program : this.plan.variables.sandboxed;
    const nested = await this.#nestedRun(step);
    const own: Variables = nested === undefined ? {} : {
      MLFLOW_RUN_ID: nested.runId,
      MLFLOW_EXPERIMENT_ID: nested.experimentId,
    };
    // A program's MLflow client would fail, or wait for minutes, without a server.
    if (isProgram) {
      if (nested === undefined) this.#without.push(step);
      return nested === undefined ? {} : { ...access, ...own };
    }
    return {
      ...access,
      ...own,
      MLFLOW_EXPERIMENT_NAME: this.plan.experiment,
      ...this.#run && { CAIRN_TRACKED_RUN: this.#run.id },
    };
  }

  async finish(): Promise<void> {
    clearTimeout(this.#timer);
    const { signal } = this.request;
    const hurry = (): void => {
      Deno.unrefTimer(setTimeout(() => this.#stop.abort(), lastWordsMs));
    };
    if (signal.aborted) hurry();
    else signal.addEventListener("abort", hurry, { once: true });
    await this.#tellRest();
    await this.#backlog;
    for (const line of this.#sent) this.#tell(line);
    // Of a server that was away from the beginning that was said.
    const [first, ...others] = this.plan.failure === undefined ? this.#without : [];
    if (first !== undefined) {
      const more = others.length === 0 ? "" : ` and ${others.length} more steps`;
      this.#tell(`the server did not answer when "${first}"${more} began: without its variables`);
    }
    if (this.#report === undefined || this.#report.isOver) await this.#sendRest();
    else await this.#tellWaiting();
    signal.removeEventListener("abort", hurry);
  }

  /** Tells the end of the run, with some patience where the server was there until now. */
  async #tellRest(): Promise<void> {
    await this.#busy;
    for (const pauseMs of this.#pauseMs > 0 ? [0] : [0, ...usualPausesMs]) {
      const hasNoTime = this.#failure instanceof MlflowError && this.#failure.isTimeout;
      if (hasNoTime || this.#stop.signal.aborted) return;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      this.#silentUntilMs = 0;
      if (await this.#advance()) return;
    }
  }

  /** Tells what is new, one call after the other; false where the server cannot be had at the moment. */
  async #advance(): Promise<boolean> {
    const before = this.#busy;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#busy = promise;
    await before;
    try {
      if (Date.now() < this.#silentUntilMs) return false;
      await this.#report?.advance();
      this.#pauseMs = 0;
      this.#failure = undefined;
      return true;
    } catch (error) {
      this.#noteFailure(error);
      return false;
    } finally {
      resolve();
    }
  }

  #noteFailure(error: unknown): void {
    this.#pauseMs = Math.min(longestPauseMs, Math.max(firstPauseMs, 2 * this.#pauseMs));
    const asked = error instanceof MlflowError ? error.retryAfterMs ?? 0 : 0;
    const isHopeless = !(error instanceof MlflowError) || error.remedy !== "wait";
    // What only a person can mend is told of at the end.
    const pauseMs = isHopeless ? Number.POSITIVE_INFINITY : Math.max(this.#pauseMs, asked);
    this.#silentUntilMs = Date.now() + Math.min(pauseMs, 1e9);
    this.#failure = error;
  }

  async #nestedRun(step: string): Promise<ReturnType<RunReport["nested"]>> {
    const known = this.#report?.nested(step);
    if (known !== undefined) return known;
    const { promise: patience, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, patienceMs);
    await Promise.race([this.#nestNow(step), patience]);
    clearTimeout(timer);
    return this.#report?.nested(step);
  }

  /** Makes a step's run before files of earlier steps are sent, once the run of the whole is there. */
  async #nestNow(step: string): Promise<void> {
    if (this.#report?.whole === null && !await this.#advance()) return;
    if (Date.now() < this.#silentUntilMs) return;
    try {
      await this.#report?.nestNow(step);
    } catch (error) {
      this.#noteFailure(error);
    }
  }

  /** Sends what earlier runs left, while this one goes on. */
  async #sendOthers(): Promise<void> {
    try {
      const { sent } = describeSent(await sendWaiting(this.#waitingRequest()));
      this.#sent = sent;
    } catch {
      // It is tried, and told of, again at the end.
    }
  }

  /** Sends all that still waits, and tells what came of it and where the run is. */
  async #sendRest(): Promise<void> {
    if (await countWaiting(this.request.state) > 0) {
      try {
        const lines = describeSent(await sendWaiting(this.#waitingRequest()));
        for (const line of [...lines.trouble, ...lines.sent, lines.rest]) this.#tell(line);
      } catch (error) {
        this.#failure = error;
        return await this.#tellWaiting();
      }
    }
    const whole = this.#report?.whole;
    if (whole === undefined || whole === null) return;
    const refusals = describeRefusals(this.#report?.refusals ?? []);
    this.#tell(`${linkTo(this.plan.settings, whole)}${refusals}`);
  }

  async #tellWaiting(): Promise<void> {
    const failure = this.#failure;
    if (failure instanceof Error && !this.#stop.signal.aborted) {
      this.#tell(failure.message);
      if (failure instanceof MlflowError && failure.hint !== undefined) {
        this.#tell(`  hint: ${failure.hint}`);
      }
    }
    const count = await countWaiting(this.request.state);
    this.#tell(`${count} still waiting; sent after the next run, or by \`deno task mlflow sync\``);
  }

  #waitingRequest(): Parameters<typeof sendWaiting>[0] {
    const { settings } = this.plan;
    return {
      state: this.request.state,
      settings,
      signal: this.#stop.signal,
      pausesMs: [],
      answerWithinMs,
    };
  }

  #tell(line: string): void {
    this.request.tell(`mlflow: ${line}`);
  }
}
