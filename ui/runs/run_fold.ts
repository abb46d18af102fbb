// What the page shows of a run: a fold of its events that can take ten thousand steps.
import {
  type Event,
  type RemoteSending,
  type RunOutcome,
  skipWords,
  type Starter,
  type StepStatus,
} from "../../engine/mod.ts";

/** A step as the page shows it; what is not known yet is absent. */
export interface StepView {
  readonly name: string;
  readonly plugin: string;
  readonly kind: string;
  readonly dependsOn: readonly string[];
  readonly status: StepStatus;
  /** Why it ran, was reused or was skipped, as the end of a sentence. */
  readonly reason?: string;
  readonly startedAtMs?: number;
  readonly endedAtMs?: number;
  readonly durationMs?: number;
  /** How long making the reused result took. */
  readonly savedMs?: number;
  /** Run that made the reused result. */
  readonly madeBy?: string;
  /** Remote store that the reused result came from. */
  readonly from?: string;
  readonly fingerprint?: string;
  /** Tree digest per output port of a step that ran. */
  readonly outputs?: Readonly<Record<string, string>>;
  readonly sizeBytes?: number;
  /** The most memory that its processes were seen to use. */
  readonly peakMemoryBytes?: number;
  readonly unreusable?: string;
  /** The checkpoint that the step went on from, and the run that saved it. */
  readonly resumedFrom?: { readonly run: string; readonly at: number };
  /** How many attempts there were, where there were several. */
  readonly attempts?: number;
  readonly message?: string;
  readonly hint?: string;
  /** Where in the plugin's code something undeclared was reached for. */
  readonly reachedAt?: { readonly path: string; readonly line: number; readonly column: number };
  readonly lastLines?: readonly string[];
  readonly lease?: {
    readonly cpus: number;
    readonly memoryBytes: number;
    readonly gpus: readonly string[];
  };
}

/** An output that was copied to where people look, or could not be. */
export interface PublicationView {
  readonly target: string;
  readonly files?: number;
  readonly message?: string;
}

/** A remote store that a run used. */
export interface RemoteView {
  readonly name: string;
  /** What went wrong with it, each once. */
  readonly problems: readonly { readonly message: string; readonly hint?: string }[];
  /** What went there; absent until the run tells. */
  readonly sent?: Pick<RemoteSending, "sent" | "sentBytes" | "unsent" | "isOver">;
}

/** A curve: points of (at, value) in the order in which they were told. */
export interface MetricView {
  readonly name: string;
  readonly points: readonly (readonly [at: number, value: number])[];
}

/** The parts of a run that change while it goes on, without its steps. */
export interface RunHead {
  readonly run: string;
  readonly workflow: string;
  readonly file: string;
  readonly startedAtMs: number;
  /** Absent where that was not told. */
  readonly startedBy?: Starter;
  readonly outcome: RunOutcome | "running";
  /** Absent while the run goes on. */
  readonly durationMs?: number;
  readonly published: readonly PublicationView[];
  readonly remotes: readonly RemoteView[];
}

type Points = [at: number, value: number][];

/** Takes events one by one. */
export class RunFold {
  readonly steps = new Map<string, StepView>();
  readonly #metrics = new Map<string, Map<string, Points>>();
  #head: RunHead;

  constructor(run: string) {
    this.#head = {
      run,
      workflow: "",
      file: "",
      startedAtMs: 0,
      outcome: "running",
      published: [],
      remotes: [],
    };
  }

  get head(): RunHead {
    return this.#head;
  }

  /** Curves of a step. */
  metrics(step: string): readonly MetricView[] {
    const metrics = this.#metrics.get(step) ?? new Map<string, Points>();
    return [...metrics].map(([name, points]) => ({ name, points }));
  }

  take(event: Event): void {
    switch (event.type) {
      case "run-started": {
        const { workflow, file, startedBy, timeMs: startedAtMs } = event;
        const told = startedBy === undefined ? {} : { startedBy };
        this.#head = { ...this.#head, workflow, file, startedAtMs, ...told };
        for (const step of event.steps) this.steps.set(step.name, { ...step, status: "waiting" });
        return;
      }
      case "published": {
        const { target, files } = event;
        return this.#publish({ target, files });
      }
      case "publish-failed": {
        const { target, message } = event;
        return this.#publish({ target, message });
      }
      case "run-finished": {
        const { outcome, durationMs } = event;
        this.#head = { ...this.#head, outcome, durationMs };
        return;
      }
      case "remote-failed": {
        const { remote, message, hint } = event;
        const problem = hint === undefined ? { message } : { message, hint };
        return this.#changeRemote(remote, ({ problems }) => ({ problems: [...problems, problem] }));
      }
      case "remote-sending": {
        const { remote, sent, sentBytes, unsent, isOver } = event;
        return this.#changeRemote(remote, () => ({ sent: { sent, sentBytes, unsent, isOver } }));
      }
      case "step-metric":
        return this.#addPoint(event.step, event.name, [event.at, event.value]);
      default: {
        const step = this.steps.get(event.step);
        if (step === undefined) return;
        this.steps.set(event.step, { ...beforeAttempt(step, event), ...changeOf(event) });
      }
    }
  }

  #publish(publication: PublicationView): void {
    this.#head = { ...this.#head, published: [...this.#head.published, publication] };
  }

  #changeRemote(name: string, change: (remote: RemoteView) => Partial<RemoteView>): void {
    const { remotes } = this.#head;
    const known = remotes.find((remote) => remote.name === name) ?? { name, problems: [] };
    const others = remotes.filter((remote) => remote.name !== name);
    this.#head = { ...this.#head, remotes: [...others, { ...known, ...change(known) }] };
  }

  #addPoint(step: string, name: string, point: [at: number, value: number]): void {
    const metrics = this.#metrics.get(step) ?? new Map<string, Points>();
    const points = metrics.get(name) ?? [];
    points.push(point);
    this.#metrics.set(step, metrics.set(name, points));
  }
}

/** A step without the failure of an earlier attempt, where another one begins. */
function beforeAttempt(step: StepView, event: Event): StepView {
  if (event.type !== "step-started") return step;
  const { message: _, ...rest } = step;
  return rest;
}

type StepEvent = Exclude<
  Extract<Event, { readonly step: string }>,
  { type: "published" | "step-metric" }
>;

function changeOf(event: StepEvent): Partial<StepView> {
  const { timeMs } = event;
  switch (event.type) {
    case "step-reused": {
      const { savedMs, madeBy, fingerprint, from } = event;
      const reused = { status: "reused", endedAtMs: timeMs, savedMs, madeBy, fingerprint } as const;
      return from === undefined
        ? { ...reused, reason: "nothing that it depends on changed" }
        : { ...reused, reason: `its result was found in ${from}`, from };
    }
    case "step-started": {
      const { reason, fingerprint, cpus, memoryBytes, gpus, attempt } = event;
      const lease = { cpus, memoryBytes, gpus };
      const started = { status: "running", reason, fingerprint, lease } as const;
      // The reason of the first attempt is why the step ran.
      return attempt === undefined
        ? { ...started, startedAtMs: timeMs }
        : { status: "running", lease, attempts: attempt };
    }
    case "step-retrying":
      return {
        status: "waiting",
        attempts: event.attempt - 1,
        message: `attempt ${event.attempt} of ${event.attempts} follows: ${event.message}`,
      };
    case "step-finished": {
      const { durationMs, outputs, sizeBytes, unreusable, resumedFrom, peakMemoryBytes } = event;
      const ended = { status: "ran", endedAtMs: timeMs, durationMs, outputs, sizeBytes } as const;
      return {
        ...ended,
        ...(unreusable === undefined ? {} : { unreusable }),
        ...(resumedFrom === undefined ? {} : { resumedFrom }),
        ...(peakMemoryBytes === undefined ? {} : { peakMemoryBytes }),
      };
    }
    case "step-failed": {
      const { durationMs, message, hint, lastLines, reachedAt, peakMemoryBytes } = event;
      return {
        status: "failed",
        endedAtMs: timeMs,
        durationMs,
        message,
        lastLines,
        ...(hint === undefined ? {} : { hint }),
        ...(reachedAt === undefined ? {} : { reachedAt }),
        ...(peakMemoryBytes === undefined ? {} : { peakMemoryBytes }),
      };
    }
    case "step-skipped":
      return { status: "skipped", endedAtMs: timeMs, reason: skipWords(event) };
    case "step-cancelled":
      return { status: "cancelled", endedAtMs: timeMs };
    case "step-log":
    case "step-progress":
      return {};
  }
}
