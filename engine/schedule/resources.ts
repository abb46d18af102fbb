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
  #cpus: number;
  #memoryBytes: number;
  #gpus: string[];
  #slots: number;
  readonly #waiting: Waiting[] = [];

  /** `slots` bounds how many leases exist at once. */
  constructor(readonly capacity: Capacity, slots: number = Infinity) {
    this.#cpus = capacity.cpus;
    this.#memoryBytes = capacity.memoryBytes;
    this.#gpus = [...capacity.gpus];
    this.#slots = slots;
  }

  /** Waits for a lease; rejects with the signal's reason when aborted first. */
  acquire(need: Need, priority: number, signal: AbortSignal): Promise<Lease> {
    signal.throwIfAborted();
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
      const behind = this.#waiting.findIndex((other) => other.priority < priority);
      this.#waiting.splice(behind === -1 ? this.#waiting.length : behind, 0, waiting);
      this.#serve();
    });
  }

  /** Takes a lease back and serves those who wait. */
  release(lease: Lease): void {
    this.#cpus += lease.cpus;
    this.#memoryBytes += lease.memoryBytes;
    this.#gpus.push(...lease.gpus);
    this.#gpus.sort();
    this.#slots++;
    this.#serve();
  }

  #serve(): void {
    for (let at = 0; at < this.#waiting.length;) {
      const waiting = this.#waiting[at]!;
      if (this.#fits(waiting.need)) {
        this.#waiting.splice(at, 1);
        for (const passed of this.#waiting.slice(0, at)) passed.overtaken++;
        waiting.grant(this.#take(waiting.need));
      } else if (waiting.overtaken >= MOST_OVERTAKEN) {
        return;
      } else {
        at++;
      }
    }
  }

  #fits(need: Need): boolean {
    return this.#slots > 0 && need.cpus <= this.#cpus && need.memoryBytes <= this.#memoryBytes &&
      need.gpus <= this.#gpus.length;
  }

  #take(need: Need): Lease {
    this.#cpus -= need.cpus;
    this.#memoryBytes -= need.memoryBytes;
    this.#slots--;
    return {
      cpus: need.cpus,
      memoryBytes: need.memoryBytes,
      gpus: this.#gpus.splice(0, need.gpus),
    };
  }
}
