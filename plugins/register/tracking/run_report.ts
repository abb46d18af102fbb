// Tells a server of one run: reads its journal from where it stopped and turns every event into what MLflow
// keeps. Whatever is told twice, after a crash or a lost answer, is the same as told once.
import {
  type Event,
  isRunning,
  JournalReader,
  type ProjectState,
  type RunFolder,
} from "../../../engine/mod.ts";
import { type MlflowClient, MlflowError } from "../mlflow/client.ts";
import {
  endRun,
  experimentId,
  findOrStartRun,
  linkTo,
  type MlflowRun,
  type RunStatus,
  setTags,
} from "../mlflow/runs.ts";
import { describeRun } from "./description.ts";
import { KnownRun } from "./known_run.ts";
import { tellParameters } from "./parameters.ts";
import { leadingPoints, tellPoints } from "./points.ts";
import { type Position, removePosition, writePosition } from "./position.ts";
import { originTags } from "./reused_step.ts";
import { tellDatasets, tellLog, tellOutput } from "./step_artifacts.ts";

/** Which run is told of, and where its place is kept. */
export interface ReportPlace {
  readonly state: ProjectState;
  readonly run: RunFolder;
  /** The folder of what waits. */
  readonly home: string;
}

type Told<Type extends Event["type"]> = Extract<Event, { readonly type: Type }>;

/** Reused steps with an MLflow run of their own; a run of thousands of them only counts the others. */
const mostReused = 100;
/** Steps that have ended are remembered for the description, which has room for about that many. */
const mostRemembered = 200;

/** One run's report. Calls come one after the other. */
export class RunReport {
  readonly #reader: JournalReader;
  readonly #known: KnownRun;
  readonly #untold: Event[] = [];
  readonly #nesting = new Map<string, Promise<MlflowRun>>();
  #seen = 0;
  #reused = 0;
  #position: Position;
  #experiment: string | undefined;
  #isOver = false;
  /** What the server refused for good so far. */
  readonly refusals: string[] = [];

  constructor(
    private readonly client: MlflowClient,
    private readonly place: ReportPlace,
    position: Position,
  ) {
    this.#reader = new JournalReader(place.run.journalPath);
    this.#known = new KnownRun(place.state, place.run);
    this.#position = position;
  }

  /** The MLflow run of the whole, once there is one. */
  get whole(): MlflowRun | null {
    return this.#position.whole;
  }

  /** Whether the server has heard the end. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The nested MLflow run of a step, once there is one. */
  nested(step: string): MlflowRun | undefined {
    return this.#position.steps[step];
  }

  /** Makes the nested run of a step that has just started, before what is to be told first. */
  async nestNow(step: string): Promise<void> {
    if (this.whole !== null) await this.#nest(step, Date.now());
  }

  /** Tells all that the journal holds by now; throws MlflowError, and goes on from there when called again. */
  async advance(): Promise<void> {
    for (const event of await this.#reader.next()) {
      this.#known.hear(event);
      if (this.#seen++ >= this.#position.events) this.#untold.push(event);
    }
    for (let event = this.#untold[0]; event !== undefined; event = this.#untold[0]) {
      const points = leadingPoints(this.#untold);
      const count = Math.max(1, points.count);
      await this.#tellOrNote(() =>
        points.count > 0
          ? tellPoints(this.client, points, (step) => this.nested(step))
          : this.#tell(event)
      );
      this.#untold.splice(0, count);
      await this.#move({ events: this.#position.events + count });
    }
    if (this.#isOver) await this.#forget();
  }

  /** Tells the end of a run whose process is gone; for all others that is their last event. */
  async close(): Promise<void> {
    if (this.#isOver || await isRunning(this.place.run)) return;
    const endedAtMs = this.#known.lastTimeMs;
    for (const [step, run] of Object.entries(this.#position.steps)) {
      if (this.#known.ends.has(step)) continue;
      await endRun(this.client, run, { status: "KILLED", endedAtMs });
    }
    if (this.whole !== null) await this.#endWhole(this.whole, { status: "KILLED", endedAtMs });
    await this.#forget();
  }

  async #move(changes: Partial<Position>): Promise<void> {
    this.#position = { ...this.#position, ...changes };
    await writePosition(this.place.home, this.place.run.id, this.#position);
  }

  async #forget(): Promise<void> {
    await Deno.remove(this.place.run.waitingPath).catch(() => {});
    await removePosition(this.place.home, this.place.run.id);
  }

  async #tell(event: Event): Promise<void> {
    switch (event.type) {
      case "run-started":
        return await this.#startWhole(event);
      case "step-started":
        return await this.#startStep(event);
      case "step-reused":
        return await this.#linkReused(event);
      case "step-finished":
        return await this.#finishStep(event);
      case "step-failed":
        return await this.#failStep(event);
      case "step-cancelled":
        return await this.#endStep(event, "KILLED");
      case "run-finished": {
        const status = ({ done: "FINISHED", failed: "FAILED", cancelled: "KILLED" } as const)[
          event.outcome
        ];
        if (this.whole !== null) {
          await this.#endWhole(this.whole, { status, endedAtMs: event.timeMs });
        }
        this.#isOver = true;
      }
    }
  }

  async #experimentId(): Promise<string> {
    return this.#experiment ??= await experimentId(this.client, this.#position.experiment);
  }

  async #startWhole({ run, workflow, file, timeMs }: Told<"run-started">): Promise<void> {
    const whole = await findOrStartRun(this.client, await this.#experimentId(), {
      marks: { "cairn.run": run, "cairn.part": "run" },
      name: workflow,
      startedAtMs: timeMs,
      tags: { ...this.#position.tags, "cairn.workflow": workflow, "mlflow.source.name": file },
    });
    const recipe = await this.#known.recipe();
    await tellParameters(this.client, whole, recipe?.params);
    await this.#move({ whole });
  }

  /** Starts a step's nested run, or finds it; asked for twice at once it is the same. */
  async #nest(step: string, startedAtMs: number): Promise<MlflowRun> {
    const known = this.nested(step);
    if (known !== undefined) return known;
    const nesting = this.#nesting.get(step) ?? this.#startNested(step, startedAtMs);
    this.#nesting.set(step, nesting);
    try {
      return await nesting;
    } finally {
      this.#nesting.delete(step);
    }
  }

  async #startNested(step: string, startedAtMs: number): Promise<MlflowRun> {
    const { whole } = this;
    if (whole === null) throw new TypeError("a run's journal starts with its beginning");
    const plugin = this.#known.step(step)?.plugin ?? "";
    const nested = await findOrStartRun(this.client, whole.experimentId, {
      marks: { "mlflow.parentRunId": whole.runId, "cairn.step": step },
      name: step,
      startedAtMs,
      tags: {
        ...this.#position.tags,
        "cairn.run": this.place.run.id,
        "cairn.plugin": plugin,
        "mlflow.source.name": plugin,
      },
    });
    await this.#move({ steps: { ...this.#position.steps, [step]: nested } });
    return nested;
  }

  async #startStep({ step, timeMs, fingerprint, reason }: Told<"step-started">): Promise<void> {
    const run = await this.#nest(step, timeMs);
    await setTags(this.client, run, { "cairn.fingerprint": fingerprint, "cairn.reason": reason });
    const recipe = await this.#known.recipeOf(step);
    await tellParameters(this.client, run, recipe?.config);
    const { split } = Object(recipe?.config) as { readonly split?: unknown };
    await tellDatasets(this.client, { store: this.place.state.store, run }, {
      inputs: await this.#known.inputsOf(step),
      kind: this.#known.step(step)?.kind ?? "",
      split: typeof split === "string" ? split : undefined,
    });
  }

  /** What the server will never take is noted; the rest of the run must not be lost for it. */
  async #tellOrNote(tell: () => Promise<void>): Promise<void> {
    try {
      await tell();
    } catch (error) {
      const isLasting = error instanceof MlflowError && error.remedy === "none";
      if (!isLasting || this.whole === null) throw error;
      this.refusals.push(error.message);
    }
  }

  async #linkReused(event: Told<"step-reused">): Promise<void> {
    if (++this.#reused > mostReused || this.whole === null) return;
    const { step, timeMs } = event;
    const { experimentId } = this.whole;
    const { store } = this.place.state;
    const run = await this.#nest(step, timeMs);
    const tags = await originTags(this.client, { store, experimentId }, event);
    await setTags(this.client, run, tags);
    await endRun(this.client, run, { status: "FINISHED", endedAtMs: timeMs });
  }

  async #finishStep(event: Told<"step-finished">): Promise<void> {
    const { step, timeMs: endedAtMs, outputs, resumedFrom, unreusable } = event;
    const run = this.nested(step);
    if (run === undefined) return;
    const types = (await this.#known.recipeOf(step))?.outputs ?? {};
    const target = { store: this.place.state.store, run, endedAtMs };
    for (const [port, digest] of Object.entries(outputs)) {
      const made = { port, type: types[port] ?? "", digest };
      await this.#tellOrNote(() => tellOutput(this.client, target, made));
    }
    await setTags(this.client, run, {
      ...resumedFrom && { "cairn.resumed_from": `${resumedFrom.at} of run ${resumedFrom.run}` },
      ...unreusable !== undefined && { "cairn.unreusable": unreusable },
    });
    await this.#endStep(event, "FINISHED");
  }

  async #failStep(event: Told<"step-failed">): Promise<void> {
    const run = this.nested(event.step);
    if (run === undefined) return;
    const hint = event.hint === undefined ? "" : `\n\n${event.hint}`;
    await setTags(this.client, run, {
      "mlflow.note.content": `**Failed:** ${event.message}${hint}`,
    });
    await this.#endStep(event, "FAILED");
  }

  async #endStep(
    { step, timeMs }: { readonly step: string; readonly timeMs: number },
    status: RunStatus,
  ): Promise<void> {
    const run = this.nested(step);
    if (run === undefined) return;
    await this.#tellOrNote(() => tellLog(this.client, run, this.place.run.logPath(step)));
    await endRun(this.client, run, { status, endedAtMs: timeMs });
    const { [step]: _, ...others } = this.#position.steps;
    if (Object.keys(others).length >= mostRemembered) await this.#move({ steps: others });
  }

  async #endWhole(
    whole: MlflowRun,
    end: { readonly status: RunStatus; readonly endedAtMs: number },
  ): Promise<void> {
    const description = describeRun(this.#known, (step) => {
      const run = this.nested(step);
      return run && linkTo(this.client.settings, run);
    });
    await setTags(this.client, whole, { "mlflow.note.content": description });
    await endRun(this.client, whole, end);
  }
}
