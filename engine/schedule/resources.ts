// The pool that steps take leases from: who waits, who is next, and who may go first meanwhile.
import {
  type Capacity,
  type Lease,
  leaseIn,
  type Need,
  type Room,
  roomBeside,
} from "./capacity.ts";
import { PriorityQueue } from "./priority_queue.ts";

/** What a step asks the pool for. */
export interface Request {
  readonly need: Need;
  /** Larger goes first. */
  readonly priority: number;
  /** How long it will probably hold the lease; undefined where nothing is known of that. */
  readonly expectedMs: number | undefined;
}

interface Waiting extends Request {
  /** Larger is younger. */
  readonly number: number;
  readonly signal: AbortSignal;
  readonly grant: (lease: Lease) => void;
  readonly refuse: (reason: unknown) => void;
}

/** A lease that somebody has. */
interface Holding {
  readonly lease: Lease;
  readonly sinceMs: number;
  readonly expectedMs: number | undefined;
}

/** All requests for the same and for about as long: none of them can be served before the first. */
interface Kind {
  readonly need: Need;
  readonly queue: PriorityQueue<Waiting>;
  /** Leases that went ahead of the first and leave it room. */
  readonly beside: Set<Lease>;
  /** How many others went ahead of the first on guesses. */
  overtaken: number;
}

/** When the first of a kind can start. */
interface Opening {
  readonly atMs: number;
  /** Whether that is a guess: somebody that it waits for is late, or nothing is known of how long it takes. */
  readonly isGuess: boolean;
}

/** So many may go ahead of a step on guesses; then what it needs is kept for it. */
const MOST_OVERTAKEN = 16;
/** Who is late is expected to need so much longer, as a part of the time that it took so far. */
const LATE_SHARE = 0.3;

/**
 * Grants leases by priority, then by age. Where the first in line does not fit, those behind it go ahead if they
 * leave it room, or will have ended when it can start. Where that is a guess, only a bounded number of them may.
 * So nobody starves, and little lies idle meanwhile.
 */
export class ResourcePool {
  readonly #held = new Map<Lease, Holding>();
  readonly #kinds = new Map<string, Kind>();
  readonly #watched = new WeakSet<AbortSignal>();
  readonly #slots: number;
  readonly #nowMs: () => number;
  #asked = 0;

  /** `slots` bounds how many leases exist at once; `nowMs` reads a clock that starts anywhere. */
  constructor(
    readonly capacity: Capacity,
    options: { readonly slots?: number | undefined; readonly nowMs?: () => number } = {},
  ) {
    this.#slots = options.slots ?? Infinity;
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  /** Waits for a lease, to be given back once; rejects with the signal's reason when aborted first. */
  acquire(request: Request, signal: AbortSignal): Promise<Lease> {
    if (signal.aborted) return Promise.reject(signal.reason);
    this.#watch(signal);
    return new Promise((grant, refuse) => {
      const waiting = { ...request, number: this.#asked++, signal, grant, refuse };
      const { queue } = this.#kindOf(request);
      queue.add(waiting);
      // Whoever stands behind others of its kind changes nothing.
      if (queue.first === waiting) this.#serve();
    });
  }

  /** Takes a lease back and serves those who wait; giving one back twice changes nothing. */
  release(lease: Lease): void {
    if (!this.#held.delete(lease)) return;
    for (const { beside } of this.#kinds.values()) beside.delete(lease);
    this.#serve();
  }

  #kindOf({ need, expectedMs = 0 }: Request): Kind {
    const { cpus, memoryBytes, gpus, gpuMemoryBytes, tokens } = need;
    const doublings = Math.ceil(Math.log2(Math.max(1, expectedMs)));
    const key = JSON.stringify([cpus, memoryBytes, gpus, gpuMemoryBytes, tokens, doublings]);
    let kind = this.#kinds.get(key);
    if (kind === undefined) {
      const queue = new PriorityQueue<Waiting>(isBefore);
      kind = { need, queue, beside: new Set(), overtaken: 0 };
      this.#kinds.set(key, kind);
    }
    return kind;
  }

  /** One listener however many wait with the signal: thousands of them would be slow to take away. */
  #watch(signal: AbortSignal): void {
    if (this.#watched.has(signal)) return;
    this.#watched.add(signal);
    signal.addEventListener("abort", () => {
      for (const { queue } of this.#kinds.values()) {
        const gone = queue.remove((waiting) => waiting.signal === signal);
        for (const { refuse } of gone) refuse(signal.reason);
      }
      this.#serve();
    }, { once: true });
  }

  #serve(): void {
    while (this.#serveOne());
  }

  /** Grants one lease, if anybody may have one. */
  #serveOne(): boolean {
    const free = this.#roomBeside(this.#held.keys());
    if (free.slots <= 0) return false;
    const nowMs = this.#nowMs();
    const ahead: Kind[] = [];
    for (const [kind, first] of this.#inOrder()) {
      const lease = leaseIn(free, kind.need);
      if (lease !== undefined && this.#overtake(ahead, lease, { ...first, nowMs })) {
        this.#grant(kind, lease, nowMs);
        return true;
      }
      ahead.push(kind);
    }
    return false;
  }

  /** Kinds that somebody waits for, with who is next, in the order of those. */
  #inOrder(): readonly (readonly [Kind, Waiting])[] {
    const waited: (readonly [Kind, Waiting])[] = [];
    for (const [key, kind] of this.#kinds) {
      const { first } = kind.queue;
      if (first === undefined) this.#kinds.delete(key);
      else waited.push([kind, first]);
    }
    return waited.sort(([, a], [, b]) => isBefore(a, b) ? -1 : 1);
  }

  /** Lets a lease go ahead of others, which keep account of it; false where it may not. */
  #overtake(
    ahead: readonly Kind[],
    lease: Lease,
    { nowMs, expectedMs = 0 }: Pick<Request, "expectedMs"> & { readonly nowMs: number },
  ): boolean {
    const accounts: (() => void)[] = [];
    for (const kind of ahead) {
      if (this.#leavesRoom(kind, lease)) {
        accounts.push(() => kind.beside.add(lease));
        continue;
      }
      const { atMs, isGuess } = this.#openingOf(kind, nowMs);
      if (nowMs + expectedMs > atMs) return false;
      if (isGuess && kind.overtaken >= MOST_OVERTAKEN) return false;
      if (isGuess) accounts.push(() => kind.overtaken++);
    }
    for (const keep of accounts) keep();
    return true;
  }

  /** Whether the first of a kind could start beside a lease once all others are back. */
  #leavesRoom({ need, beside }: Kind, lease: Lease): boolean {
    return leaseIn(this.#roomBeside([...beside, lease]), need) !== undefined;
  }

  /** When the first of a kind can start if nobody else went ahead. */
  #openingOf({ need }: Kind, nowMs: number): Opening {
    const ends = [...this.#held.values()].map((holding) => ({
      lease: holding.lease,
      ...openingAt(holding, nowMs),
    })).sort((a, b) => a.atMs - b.atMs);
    // The more have ended the more room there is: looks for the fewest that are enough.
    let [few, enough] = [0, ends.length];
    while (enough - few > 1) {
      const ended = (few + enough) >> 1;
      const rest = ends.slice(ended).map(({ lease }) => lease);
      if (leaseIn(this.#roomBeside(rest), need) === undefined) few = ended;
      else enough = ended;
    }
    const last = ends[enough - 1];
    return {
      atMs: last?.atMs ?? nowMs,
      isGuess: ends.slice(0, enough).some(({ isGuess }) => isGuess),
    };
  }

  #grant(kind: Kind, lease: Lease, nowMs: number): void {
    const waiting = kind.queue.take();
    if (waiting === undefined) return;
    const { expectedMs, grant } = waiting;
    this.#held.set(lease, { lease, sinceMs: nowMs, expectedMs });
    kind.overtaken = 0;
    kind.beside.clear();
    grant(lease);
  }

  #roomBeside(leases: Iterable<Lease>): Room {
    return roomBeside(this.capacity, this.#slots, leases);
  }
}

/** When a lease is expected back. */
function openingAt({ sinceMs, expectedMs }: Holding, nowMs: number): Opening {
  if (expectedMs === undefined) return { atMs: Infinity, isGuess: true };
  const atMs = sinceMs + expectedMs;
  const isLate = atMs < nowMs;
  return { atMs: isLate ? nowMs + LATE_SHARE * (nowMs - sinceMs) : atMs, isGuess: isLate };
}

function isBefore(one: Waiting, other: Waiting): boolean {
  return one.priority === other.priority
    ? one.number < other.number
    : one.priority > other.priority;
}
