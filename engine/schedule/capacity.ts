// What a machine has to give, what a step needs of it, and whether the one has room for the other: pure.

/** A GPU with its memory. */
export interface GpuMemory {
  readonly id: string;
  readonly memoryBytes: number;
}

/** What a machine has to give. */
export interface Capacity {
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly gpus: readonly GpuMemory[];
  /** How many there are of each thing that the workflow names. */
  readonly tokens: Tokens;
}

/** Amounts by name. */
export type Tokens = Readonly<Record<string, number>>;

/** What a step needs at least while it runs. */
export interface Need {
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly gpus: number;
  /** On each of its GPUs; absent where it needs them whole, shared with nobody. */
  readonly gpuMemoryBytes?: number | undefined;
  readonly tokens: Tokens;
}

/** What a step was granted. */
export interface Lease {
  readonly cpus: number;
  readonly memoryBytes: number;
  /** Its GPUs with the memory that it has of each. */
  readonly gpus: readonly GpuMemory[];
  readonly tokens: Tokens;
}

/** What is left of a machine beside some leases. */
export interface Room {
  readonly slots: number;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly gpus: readonly FreeGpu[];
  readonly tokens: Tokens;
}

interface FreeGpu extends GpuMemory {
  readonly isUntouched: boolean;
}

/**
 * What some leases leave, of which `slots` may exist at once. Counted anew each time: taking away and adding
 * fractions would not lead back to the whole.
 */
export function roomBeside(capacity: Capacity, slots: number, leases: Iterable<Lease>): Room {
  let { cpus, memoryBytes } = capacity;
  const lent = new Map<string, number>();
  const tokens: Record<string, number> = { ...capacity.tokens };
  for (const lease of leases) {
    slots--;
    cpus -= lease.cpus;
    memoryBytes -= lease.memoryBytes;
    for (const { id, memoryBytes } of lease.gpus) lent.set(id, (lent.get(id) ?? 0) + memoryBytes);
    for (const [name, amount] of Object.entries(lease.tokens)) {
      tokens[name] = (tokens[name] ?? 0) - amount;
    }
  }
  const gpus = capacity.gpus.map(({ id, memoryBytes }) => ({
    id,
    memoryBytes: memoryBytes - (lent.get(id) ?? 0),
    isUntouched: !lent.has(id),
  }));
  return { slots, cpus, memoryBytes, gpus, tokens };
}

/** The lease that a need gets of what is left; undefined where it does not fit. */
export function leaseIn(room: Room, need: Need): Lease | undefined {
  const { cpus, memoryBytes, tokens } = need;
  const fits = room.slots > 0 && cpus <= room.cpus && memoryBytes <= room.memoryBytes &&
    Object.entries(tokens).every(([name, amount]) => amount <= (room.tokens[name] ?? 0));
  if (!fits) return undefined;
  const gpus = gpusFor(room, need);
  return gpus && { cpus, memoryBytes, gpus, tokens };
}

/** Whole GPUs in the driver's order; shares of those where least is left, so that others stay whole. */
function gpusFor(room: Room, need: Need): readonly GpuMemory[] | undefined {
  if (need.gpus === 0) return [];
  const share = need.gpuMemoryBytes;
  const fit = share === undefined
    ? room.gpus.filter(({ isUntouched }) => isUntouched)
    : room.gpus.filter(({ memoryBytes }) => memoryBytes >= share)
      .toSorted((a, b) => a.memoryBytes - b.memoryBytes);
  if (fit.length < need.gpus) return undefined;
  return fit.slice(0, need.gpus).map(({ id, memoryBytes }) => ({
    id,
    memoryBytes: share ?? memoryBytes,
  }));
}
