// A run as lines of text: a fold of its events.
import { remoteWarning } from "../../diagnostics/catalog.ts";
import type { Place } from "../../diagnostics/diagnostic.ts";
import { renderDiagnostics, renderPlace } from "../../diagnostics/render.ts";
import type {
  Event,
  RemoteSending,
  StepFailed,
  StepFinished,
  StepRetrying,
  StepReused,
  StepSkipped,
} from "../../events/event.ts";
import { RunFold, type RunState, type StepStatus } from "../../events/run_state.ts";
import { skipWords } from "../../events/skip_words.ts";
import { LiveBlock } from "./live_block.ts";
import type { Terminal } from "./terminal.ts";
import { byteSize, count, duration } from "./words.ts";

const STATUS_WIDTH = 9;
/** Longer names, as steps of a matrix can have, push what follows to the right. */
const WIDEST_NAME = 40;

const COLORS = { green: 32, yellow: 33, cyan: 36, red: "1;31", faint: 2 } as const;
type Color = keyof typeof COLORS;

/** Prints a run's events. */
export class TerminalReport {
  readonly #live: LiveBlock;
  readonly #fold = new RunFold();
  #nameWidth = 0;

  constructor(
    private readonly terminal: Terminal,
    private readonly names: {
      /** Where a step stands in its file. */
      readonly placeOf: (step: string, part: StepFailed["part"]) => Place | undefined;
      /** A place in a plugin's code; undefined where it cannot be shown. */
      readonly codeAt: (place: NonNullable<StepFailed["reachedAt"]>) => Place | undefined;
      /** A path as the person would type it. */
      readonly pathOf: (absolute: string) => string;
    },
  ) {
    this.#live = new LiveBlock(terminal);
  }

  /** Takes the next event. */
  show(event: Event): void {
    this.#fold.apply(event);
    for (const line of this.#lines(event)) this.#live.print(line);
    if (event.type === "run-finished") this.#live.clear();
    else this.#live.draw(this.#fold.state, event.timeMs);
  }

  /** Shows that time passes. */
  tick(nowMs: number): void {
    this.#live.draw(this.#fold.state, nowMs);
  }

  #lines(event: Event): readonly string[] {
    switch (event.type) {
      case "run-started":
        this.#nameWidth = nameWidth(event.steps.map((step) => step.name));
        return [`${event.workflow}: ${count(event.steps.length, "step")}, run ${event.run}`];
      case "step-reused":
        return [this.#step("reused", event.step, reusedDetail(event), "green")];
      case "step-started":
        return [this.#step("started", event.step, event.reason, "cyan")];
      case "step-log":
        return event.level === "output"
          ? []
          : this.#logLines(event.step, event.text, event.level === "warn");
      case "step-finished":
        return this.#finished(event);
      case "step-retrying":
        return [this.#step("retrying", event.step, retryDetail(event), "yellow")];
      case "step-failed":
        return this.#failure(event);
      case "step-skipped":
        return [this.#skipped(event)];
      case "step-cancelled":
        return [this.#step("cancelled", event.step, "", "yellow")];
      case "published": {
        const changed = event.changed === 0 ? "unchanged" : `${event.changed} written`;
        const detail = `${count(event.files, "file")} in ${event.target}, ${changed}`;
        return [this.#step("published", event.step, detail, "green")];
      }
      case "publish-failed": {
        const hint = event.hint === undefined ? [] : [`  hint: ${event.hint}`];
        return [
          `${
            this.#paint("red", "error[publish-failed]")
          }: Cannot publish to "${event.target}": ${event.message}`,
          ...hint,
        ];
      }
      case "remote-failed":
        return renderDiagnostics([remoteWarning(event)], { color: this.terminal.hasColor })
          .trimEnd()
          .split("\n");
      case "remote-sending":
        return this.#sending(event);
      case "run-finished":
        return [summary(this.#fold.state)];
      case "step-progress":
      case "step-metric":
        return [];
    }
  }

  #skipped(event: StepSkipped): string {
    const isFine = event.condition !== undefined; // as the workflow says
    return this.#step(
      "skipped",
      event.step,
      `because ${skipWords(event)}`,
      isFine ? "faint" : "yellow",
    );
  }

  #finished(event: StepFinished): readonly string[] {
    const line = this.#step("ran", event.step, describeWork(event), "green");
    if (event.unreusable === undefined) return [line];
    const warning = `the result will not be reused: ${event.unreusable}`;
    return [line, ...this.#logLines(event.step, warning, true)];
  }

  #step(status: string, step: string, detail: string, color: Color): string {
    const name = step.padEnd(this.#nameWidth);
    return `${this.#paint(color, status.padEnd(STATUS_WIDTH))}  ${name}  ${detail}`.trimEnd();
  }

  #logLines(step: string, text: string, isWarning: boolean): readonly string[] {
    return clean(text).split("\n").map((line) =>
      isWarning
        ? `${this.#paint("yellow", "warning".padEnd(STATUS_WIDTH))}  ${
          step.padEnd(this.#nameWidth)
        }  ${line}`
        : this.#paint(
          "faint",
          `${"".padEnd(STATUS_WIDTH)}  ${step.padEnd(this.#nameWidth)}  ${line}`,
        )
    );
  }

  #failure(event: StepFailed): readonly string[] {
    const { step, plugin, message, hint, logPath, lastLines, stack, reachedAt } = event;
    const code = reachedAt === undefined ? undefined : this.names.codeAt(reachedAt);
    return [
      this.#step("failed", step, failureDetail(event), "red"),
      `${this.#paint("red", "error[step-failed]")}: Step "${step}" (plugin "${plugin}") failed: ${
        clean(message)
      }`,
      ...this.#frame(this.names.placeOf(step, event.part), "error"),
      ...(code === undefined
        ? []
        : ["  note: here in the plugin's code", ...this.#frame(code, "note")]),
      ...(logPath === undefined ? [] : [`  log: ${this.names.pathOf(logPath)}`]),
      ...lastLines.map((line) => this.#paint("faint", `    │ ${clean(line)}`)),
      ...(stack === undefined || lastLines.length > 0 ? [] : [clean(stack)]),
      ...(hint === undefined ? [] : [`  hint: ${clean(hint).replaceAll("\n", "\n      ")}`]),
    ];
  }

  #frame(place: Place | undefined, mark: "error" | "note"): readonly string[] {
    const indent = mark === "note" ? "  " : "";
    return place === undefined
      ? []
      : renderPlace(place, { color: this.terminal.hasColor, mark, indent });
  }

  #sending({ remote, sent, sentBytes, unsent, isOver }: RemoteSending): readonly string[] {
    const done = `${count(sent, "result")}, ${byteSize(sentBytes)}`;
    if (!isOver) {
      return [this.#step("sending", remote, `${done}, ${count(unsent, "result")} to go`, "cyan")];
    }
    return [
      ...(sent === 0 ? [] : [this.#step("sent", remote, done, "green")]),
      ...(unsent === 0
        ? []
        : [this.#step("unsent", remote, `${count(unsent, "result")} kept here only`, "yellow")]),
    ];
  }

  #paint(color: Color, text: string): string {
    return this.terminal.hasColor ? `\x1b[${COLORS[color]}m${text}\x1b[0m` : text;
  }
}

function nameWidth(names: readonly string[]): number {
  return names.reduce((width, name) => Math.max(width, Math.min(name.length, WIDEST_NAME)), 0);
}

/** Such as "saved 3.9 s, fetched 12.0 MB from s3://results". */
function reusedDetail({ savedMs, from, fetchedBytes = 0 }: StepReused): string {
  const saved = `saved ${duration(savedMs)}`;
  return from === undefined ? saved : `${saved}, fetched ${byteSize(fetchedBytes)} from ${from}`;
}

function describeWork(event: StepFinished): string {
  const { durationMs, sizeBytes, resumedFrom: from } = event;
  const resumed = from === undefined ? "" : `, resumed at ${from.at} of run ${from.run}`;
  return `${duration(durationMs)}, made ${byteSize(sizeBytes)}${resumed}`;
}

/** Such as "attempt 2 of 3 in 30.0 s, after 1.2 s: Its process ended with exit code 3". */
function retryDetail(event: StepRetrying): string {
  const { attempt, attempts, delayMs, durationMs, message } = event;
  const when = delayMs === 0 ? "at once" : `in ${duration(delayMs)}`;
  return `attempt ${attempt} of ${attempts} ${when}, after ${duration(durationMs)}: ${
    clean(message)
  }`;
}

/** Such as "after 1.2 s" or "after 3 attempts, the last of 1.2 s". */
function failureDetail({ attempts, durationMs }: StepFailed): string {
  const time = duration(durationMs);
  return attempts === undefined
    ? `after ${time}`
    : `after ${attempts} attempts, the last of ${time}`;
}

/** Steps' text must not steer the terminal. */
function clean(text: string): string {
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  return text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, " ");
}

/** Such as "done in 95 s: 5 ran, 1 reused". */
export function summary(state: RunState): string {
  const statuses = [...state.steps.values()].map((step) => step.status);
  const order: readonly StepStatus[] = ["ran", "reused", "failed", "skipped", "cancelled"];
  const parts = order.flatMap((status) => {
    const number = statuses.filter((other) => other === status).length;
    return number === 0 ? [] : [`${number} ${status}`];
  });
  return `${state.outcome} in ${duration(state.durationMs)}: ${parts.join(", ")}`;
}
