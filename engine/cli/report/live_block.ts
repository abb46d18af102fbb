// The few lines at the bottom of a terminal that show what is running now, and where time is estimated.
import type { RunState, StepState } from "../../events/run_state.ts";
import type { Terminal } from "./terminal.ts";
import { duration } from "./words.ts";

const REDRAW_EVERY_MS = 100;
const MOST_LINES = 6;

/** What was done at a moment. */
interface Start {
  readonly done: number;
  readonly atMs: number;
}

/** Keeps a block of lines below everything else that is written; does nothing where there is no terminal. */
export class LiveBlock {
  #height = 0;
  #drawnAtMs = 0;
  readonly #starts = new Map<string, Start>();

  constructor(private readonly terminal: Terminal) {}

  /** Writes a line above the block. */
  print(text: string): void {
    this.clear();
    this.terminal.write(`${text}\n`);
  }

  /** Draws the block anew, unless it was drawn just now. */
  draw(state: RunState, nowMs: number): void {
    if (!this.terminal.isInteractive || nowMs - this.#drawnAtMs < REDRAW_EVERY_MS) return;
    this.clear();
    const running = [...state.steps.values()].filter(({ status, next }) =>
      status === "running" || (status === "waiting" && next !== undefined)
    );
    const lines = running.slice(0, MOST_LINES)
      .map((step) => progressLine(step, { nowMs, start: this.#startOf(step, nowMs) }));
    if (running.length > MOST_LINES) lines.push(`and ${running.length - MOST_LINES} more running`);
    for (const line of lines) this.terminal.write(`${line.slice(0, this.terminal.columns - 1)}\n`);
    this.#height = lines.length;
    this.#drawnAtMs = nowMs;
  }

  /** Where a step's progress was when it was first seen: one that goes on from a checkpoint begins in the middle. */
  #startOf({ name, progress }: StepState, nowMs: number): Start {
    const known = this.#starts.get(name) ?? { done: progress?.done ?? 0, atMs: nowMs };
    if (progress !== undefined) this.#starts.set(name, known);
    return known;
  }

  clear(): void {
    if (this.#height > 0) this.terminal.write(`\x1b[${this.#height}A\x1b[J`);
    this.#height = 0;
    this.#drawnAtMs = 0;
  }
}

/** Such as "model    37 % of 640 images, 21/s, 19 s left". */
function progressLine(
  step: StepState,
  { nowMs, start }: { readonly nowMs: number; readonly start: Start },
): string {
  const elapsedMs = nowMs - (step.startedAtMs ?? nowMs);
  const { progress, next } = step;
  if (next !== undefined) {
    const waitMs = Math.max(0, next.atMs - nowMs);
    return `  ${step.name}  attempt ${next.attempt} of ${next.attempts} in ${duration(waitMs)}`;
  }
  if (progress === undefined || progress.total <= 0) {
    return `  ${step.name}  ${duration(elapsedMs)}`;
  }
  const { done, total, unit } = progress;
  const percent = Math.floor((100 * done) / total);
  const parts = [`${percent} % of ${total}${unit === "" ? "" : ` ${unit}`}`];
  const perSecond = 1000 * (done - start.done) / (nowMs - start.atMs);
  if (perSecond > 0 && nowMs - start.atMs > 1000) {
    parts.push(`${perSecond >= 10 ? Math.round(perSecond) : perSecond.toFixed(1)}/s`);
    parts.push(`${duration(1000 * (total - done) / perSecond)} left`);
  }
  return `  ${step.name}  ${parts.join(", ")}`;
}
