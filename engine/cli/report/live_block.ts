// The few lines at the bottom of a terminal that show what is running now, and where time is estimated.
import type { RunState, StepState } from "../../events/run_state.ts";
import type { Terminal } from "./terminal.ts";
import { duration } from "./words.ts";

const REDRAW_EVERY_MS = 100;
const MOST_LINES = 6;

/** Keeps a block of lines below everything else that is written; does nothing where there is no terminal. */
export class LiveBlock {
  #height = 0;
  #drawnAtMs = 0;

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
    const lines = running.slice(0, MOST_LINES).map((step) => progressLine(step, nowMs));
    if (running.length > MOST_LINES) lines.push(`and ${running.length - MOST_LINES} more running`);
    for (const line of lines) this.terminal.write(`${line.slice(0, this.terminal.columns - 1)}\n`);
    this.#height = lines.length;
    this.#drawnAtMs = nowMs;
  }

  clear(): void {
    if (this.#height > 0) this.terminal.write(`\x1b[${this.#height}A\x1b[J`);
    this.#height = 0;
    this.#drawnAtMs = 0;
  }
}

/** Such as "model    37 % of 640 images, 21/s, 19 s left". */
function progressLine(step: StepState, nowMs: number): string {
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
  if (done > 0 && elapsedMs > 1000) {
    const perSecond = done / (elapsedMs / 1000);
    parts.push(`${perSecond >= 10 ? Math.round(perSecond) : perSecond.toFixed(1)}/s`);
    parts.push(`${duration((elapsedMs * (total - done)) / done)} left`);
  }
  return `  ${step.name}  ${parts.join(", ")}`;
}
