// A run whose steps only take time, on a clock that jumps: the engine's own scheduler, pool and priorities
// decide everything, and an hour passes in a moment.
import { setImmediate } from "node:timers";
import type { Capacity, Lease, Need } from "../../engine/schedule/capacity.ts";
import { criticalPaths, expectedDurations } from "../../engine/schedule/priority.ts";
import { ResourcePool } from "../../engine/schedule/resources.ts";
import { schedule } from "../../engine/schedule/scheduler.ts";

export interface SimulatedStep {
  readonly name: string;
  /** Names of steps that stand before it in the list. */
  readonly dependsOn: readonly string[];
  readonly need: Need;
  readonly durationMs: number;
}

export interface SimulatedRun {
  readonly capacity: Capacity;
  /** How many steps may run at once. */
  readonly jobs?: number;
  readonly steps: readonly SimulatedStep[];
  /** How long a step took last time; undefined where it never ran. */
  readonly pastMs: (step: SimulatedStep) => number | undefined;
}

/** Hears what happens; `nowMs` counts from the start of the run. */
export interface Observer {
  asked?(step: SimulatedStep, priority: number, nowMs: number): void;
  started?(step: SimulatedStep, lease: Lease, nowMs: number): void;
  ended?(step: SimulatedStep, lease: Lease, nowMs: number): void;
  /** Called whenever nothing more can happen without time going on. */
  settled?(nowMs: number): void;
}

/** Runs all steps and gives how long that took; throws where they come to a standstill. */
export async function simulate(run: SimulatedRun, observer: Observer = {}): Promise<number> {
  const clock = new Clock();
  const pool = new ResourcePool(run.capacity, { slots: run.jobs, nowMs: () => clock.nowMs });
  const byName = new Map(run.steps.map((step) => [step.name, step]));
  const expected = expectedDurations(run.steps, (name) => run.pastMs(byName.get(name)!));
  const priorities = criticalPaths(run.steps, expected);
  let isOver = false;
  const ending = schedule({
    steps: run.steps,
    keepGoing: false,
    signal: new AbortController().signal,
    onNotStarted: (name) => {
      throw new Error(`step "${name}" did not start`);
    },
    perform: async (name, mayStart) => {
      const step = byName.get(name)!;
      const priority = priorities.get(name)!;
      observer.asked?.(step, priority, clock.nowMs);
      const request = { need: step.need, priority, expectedMs: expected.get(name) };
      const lease = await pool.acquire(request, mayStart);
      observer.started?.(step, lease, clock.nowMs);
      await clock.wait(step.durationMs);
      observer.ended?.(step, lease, clock.nowMs);
      pool.release(lease);
      return "succeeded";
    },
  }).finally(() => isOver = true);
  for (;;) {
    await new Promise<void>((resolve) => setImmediate(resolve));
    observer.settled?.(clock.nowMs);
    if (isOver) break;
    clock.advance();
  }
  await ending;
  return clock.nowMs;
}

/** Time that goes on only when it is told to. */
class Clock {
  nowMs = 0;
  #timers: { readonly atMs: number; readonly wake: () => void }[] = [];

  wait(ms: number): Promise<void> {
    return new Promise((wake) => this.#timers.push({ atMs: this.nowMs + ms, wake }));
  }

  /** Goes on to when somebody wakes. */
  advance(): void {
    const atMs = Math.min(...this.#timers.map((timer) => timer.atMs));
    if (atMs === Infinity) throw new Error("steps wait, and nothing runs");
    this.nowMs = atMs;
    const due = this.#timers.filter((timer) => timer.atMs === atMs);
    this.#timers = this.#timers.filter((timer) => timer.atMs !== atMs);
    for (const { wake } of due) wake();
  }
}
