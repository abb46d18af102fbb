// What may start now: pure bookkeeping over the dependency graph, no clock, no process.

/** How a step ended, as far as those who wait for it care. */
export type Ending = "succeeded" | "failed" | "cancelled";

/** A step that will not start, and the step that is the cause. */
export interface Skipped {
  readonly name: string;
  readonly because: string;
}

interface Entry {
  readonly name: string;
  readonly consumers: string[];
  missing: number;
  state: "waiting" | "started" | "over";
}

/** Tracks which steps wait, may start, have started and are over. */
export class Plan {
  readonly #entries = new Map<string, Entry>();
  #ready: Entry[];
  #open: number;

  /** Every name in `dependsOn` must be the name of a step. */
  constructor(steps: readonly { readonly name: string; readonly dependsOn: readonly string[] }[]) {
    for (const { name, dependsOn } of steps) {
      this.#entries.set(name, { name, consumers: [], missing: dependsOn.length, state: "waiting" });
    }
    for (const { name, dependsOn } of steps) {
      for (const before of dependsOn) this.#entry(before).consumers.push(name);
    }
    this.#ready = [...this.#entries.values()].filter((entry) => entry.missing === 0);
    this.#open = steps.length;
  }

  get isOver(): boolean {
    return this.#open === 0;
  }

  /** Steps whose dependencies have all succeeded; each is given once. */
  takeReady(): readonly string[] {
    const ready = this.#ready.filter((entry) => entry.state === "waiting");
    this.#ready = [];
    for (const entry of ready) entry.state = "started";
    return ready.map((entry) => entry.name);
  }

  /** Records how a started step ended; gives the steps that can never start because of it. */
  finish(name: string, ending: Ending): readonly Skipped[] {
    const entry = this.#entry(name);
    this.#close(entry);
    if (ending !== "succeeded") return this.#skipAfter(entry, name);
    for (const consumer of entry.consumers.map((name) => this.#entry(name))) {
      if (--consumer.missing === 0) this.#ready.push(consumer);
    }
    return [];
  }

  /** Gives up all steps that have not started. */
  abandonWaiting(): readonly string[] {
    const waiting = [...this.#entries.values()].filter((entry) => entry.state === "waiting");
    for (const entry of waiting) this.#close(entry);
    return waiting.map((entry) => entry.name);
  }

  #skipAfter(entry: Entry, because: string): readonly Skipped[] {
    const skipped: Skipped[] = [];
    const queue = [...entry.consumers];
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      const consumer = this.#entry(name);
      if (consumer.state !== "waiting") continue;
      this.#close(consumer);
      skipped.push({ name, because });
      queue.push(...consumer.consumers);
    }
    return skipped;
  }

  #close(entry: Entry): void {
    entry.state = "over";
    this.#open--;
  }

  #entry(name: string): Entry {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw new Error(`no step "${name}" in the plan`);
    return entry;
  }
}
