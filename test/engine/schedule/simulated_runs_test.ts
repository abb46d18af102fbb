// What the scheduler promises, on random graphs and machines with a clock that jumps: scheduler, pool and
// priorities are the real ones.
import assert from "node:assert/strict";
import { type Lease, leaseIn, type Need, roomBeside } from "../../../engine/schedule/capacity.ts";
import { randomFrom } from "../../support/random.ts";
import { randomRun } from "../../support/random_runs.ts";
import {
  type Observer,
  simulate,
  type SimulatedRun,
  type SimulatedStep,
} from "../../support/simulated_run.ts";

const SEEDS = Array.from({ length: 60 }, (_, at) => at + 1);

/** A step that waits for its lease. */
interface Waiting {
  readonly step: SimulatedStep;
  readonly priority: number;
  readonly number: number;
  /** Leases granted to others since it asked and not given back. */
  readonly later: Set<Lease>;
  /** Since when it is the first in line. */
  firstSinceMs: number | undefined;
}

/** Checks all promises but how long the first in line waits, which it measures. */
class Watch implements Required<Observer> {
  readonly #waiting = new Map<SimulatedStep, Waiting>();
  readonly #held = new Set<Lease>();
  readonly #ended = new Set<string>();
  #asked = 0;
  /** Starts of each step. */
  readonly starts = new Map<string, number>();
  longestFirstMs = 0;

  constructor(private readonly run: SimulatedRun) {}

  asked(step: SimulatedStep, priority: number): void {
    const number = this.#asked++;
    const waiting = { step, priority, number, later: new Set<Lease>(), firstSinceMs: undefined };
    this.#waiting.set(step, waiting);
  }

  started(step: SimulatedStep, lease: Lease, nowMs: number): void {
    const own = this.#waiting.get(step)!;
    const { firstSinceMs = nowMs } = own;
    this.longestFirstMs = Math.max(this.longestFirstMs, nowMs - firstSinceMs);
    this.#waiting.delete(step);
    for (const other of this.#waiting.values()) {
      other.later.add(lease);
      if (isBefore(own, other)) other.firstSinceMs = undefined;
    }
    this.#held.add(lease);
    this.starts.set(step.name, (this.starts.get(step.name) ?? 0) + 1);
    assert.ok(step.dependsOn.every((before) => this.#ended.has(before)), "after those before it");
    this.#checkCapacity();
  }

  ended(step: SimulatedStep, lease: Lease): void {
    this.#held.delete(lease);
    this.#ended.add(step.name);
    for (const { later } of this.#waiting.values()) later.delete(lease);
  }

  settled(nowMs: number): void {
    const line = [...this.#waiting.values()].sort((a, b) => isBefore(a, b) ? -1 : 1);
    for (const [at, waiting] of line.entries()) {
      if (at === 0) waiting.firstSinceMs ??= nowMs;
      else waiting.firstSinceMs = undefined;
      this.#checkIdle(waiting, line.slice(0, at));
    }
  }

  /** Adds up by itself what is lent of everything. */
  #checkCapacity(): void {
    const { capacity, jobs = Infinity } = this.run;
    const held = [...this.#held];
    const sum = (amount: (lease: Lease) => number): number =>
      held.reduce((total, lease) => total + amount(lease), 0);
    assert.ok(held.length <= jobs, "jobs");
    assert.ok(sum(({ cpus }) => cpus) <= capacity.cpus, "processors");
    assert.ok(sum(({ memoryBytes }) => memoryBytes) <= capacity.memoryBytes, "memory");
    for (const [name, all] of Object.entries(capacity.tokens)) {
      assert.ok(sum(({ tokens }) => tokens[name] ?? 0) <= all, `token ${name}`);
    }
    for (const { id, memoryBytes } of capacity.gpus) {
      const ofGpu = held.flatMap(({ gpus }) => gpus.filter((gpu) => gpu.id === id));
      const lent = ofGpu.reduce((total, gpu) => total + gpu.memoryBytes, 0);
      assert.ok(lent <= memoryBytes, `memory of GPU ${id}`);
    }
  }

  /** A step that fits waits only for the sake of one before it that it would keep from starting. */
  #checkIdle({ step }: Waiting, ahead: readonly Waiting[]): void {
    const { capacity, jobs = Infinity } = this.run;
    const lease = leaseIn(roomBeside(capacity, jobs, this.#held), step.need);
    if (lease === undefined) return;
    const isInTheWay = ahead.some(({ step: { need } }) => {
      // Those who ask for the same stand in one line, which has what went ahead of any of them.
      const line = [...this.#waiting.values()].filter((other) => isEqual(other.step.need, need));
      const later = new Set(line.flatMap((other) => [...other.later]));
      return leaseIn(roomBeside(capacity, jobs, [...later, lease]), need) === undefined;
    });
    assert.ok(isInTheWay, `step "${step.name}" fits and is in nobody's way, and waits`);
  }
}

function isEqual(one: Need, other: Need): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function isBefore(one: Waiting, other: Waiting): boolean {
  return one.priority > other.priority ||
    (one.priority === other.priority && one.number < other.number);
}

async function watched(run: SimulatedRun): Promise<Watch> {
  const watch = new Watch(run);
  await simulate(run, watch); // throws where nothing goes on
  for (const { name } of run.steps) assert.equal(watch.starts.get(name), 1, `${name} runs once`);
  return watch;
}

function longest({ steps }: SimulatedRun): number {
  return Math.max(...steps.map(({ durationMs }) => durationMs));
}

Deno.test("random runs with known durations: never over capacity, each step once, none idle without need, the first in line waits for one step at most", async () => {
  for (const seed of SEEDS) {
    const run = randomRun(seed);
    const { longestFirstMs } = await watched(run);
    assert.ok(longestFirstMs <= longest(run), `seed ${seed}`);
  }
});

const GUESSES: Readonly<Record<string, (seed: number) => SimulatedRun["pastMs"]>> = {
  "nothing is known": () => () => undefined,
  "far too short": () => () => 1,
  "far too long": () => ({ durationMs }) => 20 * durationMs,
  "wrong by any factor": (seed) => {
    const random = randomFrom(seed);
    return ({ durationMs }) => durationMs * random(400) / 100;
  },
};

for (const [name, guesses] of Object.entries(GUESSES)) {
  Deno.test(`random runs whose expected durations are wrong (${name}): all that, and nobody starves`, async () => {
    for (const seed of SEEDS) {
      const run = { ...randomRun(seed), pastMs: guesses(seed) };
      const most = Math.max(longest(run), ...run.steps.map((step) => run.pastMs(step) ?? 0));
      const { longestFirstMs } = await watched(run);
      assert.ok(longestFirstMs <= 18 * most, `seed ${seed}`);
    }
  });
}

Deno.test("a step that a stream of small ones could starve starts after a bounded time", async () => {
  const small = { cpus: 1, memoryBytes: 0, gpus: 0, tokens: {} };
  const steps: SimulatedStep[] = [
    { name: "first", dependsOn: [], need: small, durationMs: 100 },
    { name: "large", dependsOn: [], need: { ...small, cpus: 2 }, durationMs: 10 },
    ...Array.from({ length: 500 }, (_, at) => ({
      name: `small${at}`,
      dependsOn: [],
      need: small,
      durationMs: 90 + at % 20,
    })),
  ];
  let startedMs = Infinity;
  const capacity = { cpus: 2, memoryBytes: 1, gpus: [], tokens: {} };
  await simulate({ capacity, steps, pastMs: () => undefined }, {
    started: ({ name }, _, nowMs) => startedMs = name === "large" ? nowMs : startedMs,
  });
  assert.ok(startedMs < 18 * 110, `started after ${startedMs} ms`);
});
