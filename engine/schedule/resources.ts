// Pools of processors, memory and GPUs, and the leases that steps hold on them.

/** What a machine has to give. */
export interface Capacity {
  readonly cpus: number;
  readonly memoryBytes: number;
  /** GPU ids. */
  readonly gpus: readonly string[];
}

/** What a step needs at least while it runs. */
export interface Need {
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly gpus: number;
}

/** What a step was granted; give it back once. */
export interface Lease {
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly gpus: readonly string[];
}

interface Waiting {
  readonly need: Need;
  readonly priority: number;
  readonly grant: (lease: Lease) => void;
  /** How often a request behind this one was served first. */
  overtaken: number;
}

/** After so many smaller requests went first, a large one keeps what is free until it fits. */
const MOST_OVERTAKEN = 16;

/** Grants leases by priority, then by age. */
export class ResourcePool {
  readonly #leases = new Set<Lease>();
  readonly #waiting: Waiting[] = [];

  /** `slots` bounds how many leases exist at once. */
  constructor(readonly capacity: Capacity, private readonly slots: number = Infinity) {}

  /** Waits for a lease; rejects with the signal's reason when aborted first. */
  acquire(need: Need, priority: number, signal: AbortSignal): Promise<Lease> {
    if (signal.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        need,
        priority,
        overtaken: 0,
        grant: (lease) => {
          signal.removeEventListener("abort", abandon);
          resolve(lease);
        },
      };
      const abandon = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(signal.reason);
        this.#serve();
      };
      signal.addEventListener("abort", abandon, { once: true });
      const ahead = this.#waiting.findLastIndex((other) => other.priority >= priority);
      this.#waiting.splice(ahead + 1, 0, waiting);
      this.#serve();
    });
  }

  /** Takes a lease back and serves those who wait; giving one back twice changes nothing. */
  release(lease: Lease): void {
    this.#leases.delete(lease);
    this.#serve();
  }

  #serve(): void {
    let free = this.#free();
    for (let at = 0; at < this.#waiting.length && this.#leases.size < this.slots;) {
      const waiting = this.#waiting[at]!;
      if (fits(waiting.need, free)) {
        this.#waiting.splice(at, 1);
        for (const passed of this.#waiting.slice(0, at)) passed.overtaken++;
        const lease = { ...waiting.need, gpus: free.gpus.slice(0, waiting.need.gpus) };
        this.#leases.add(lease);
        free = this.#free();
        waiting.grant(lease);
      } else if (waiting.overtaken >= MOST_OVERTAKEN) {
        return;
      } else {
        at++;
      }
    }
  }

  /** Counted anew each time: taking away and adding fractions would not lead back to the whole. */
  #free(): Capacity {
    let { cpus, memoryBytes } = this.capacity;
    const lent = new Set<string>();
    for (const lease of this.#leases) {
      cpus -= lease.cpus;
      memoryBytes -= lease.memoryBytes;
      for (const gpu of lease.gpus) lent.add(gpu);
    }
    return { cpus, memoryBytes, gpus: this.capacity.gpus.filter((gpu) => !lent.has(gpu)) };
  }
}

function fits(need: Need, free: Capacity): boolean {
  return need.cpus <= free.cpus && need.memoryBytes <= free.memoryBytes &&
    need.gpus <= free.gpus.length;
}
