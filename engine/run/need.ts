// What a step asks of the machine: its plugin's wish, overridden by the workflow. And how what it got is told.
import type { StepStarted } from "../events/event.ts";
import type { GraphStep } from "../graph/graph.ts";
import type { Lease } from "../plugin.ts";
import type { Capacity, Lease as Granted, Need } from "../schedule/capacity.ts";
import { BYTES_PER_UNIT } from "../workflow/units.ts";

/** What a step took last time. */
export interface LastUse {
  readonly peakMemoryBytes?: number | undefined;
}

/** Inputs grow, and the peak is seen once a second. */
const SAFETY = 1.2;
/** Steps that need about the same stand in one line: so many sizes between an amount and twice of it. */
const SIZES = 8;

/**
 * What a step needs while it runs. A plugin's wish for processors, memory and any GPU is cut down to
 * what the machine has; what the workflow asks for is taken as it is. A step for which it asks no memory gets
 * what it took last time and a fifth more, at least its plugin's wish: that orders steps, and never refuses one.
 */
export function needOf(step: GraphStep, capacity: Capacity, last: LastUse = {}): Need {
  const wish = step.resolved.resources;
  const { cpus, memoryBytes, tokens = {} } = step.resources;
  return {
    cpus: cpus ?? Math.min(wish.cpus === "all" ? Infinity : wish.cpus ?? 1, capacity.cpus),
    memoryBytes: memoryBytes ?? Math.min(memoryOf(step, last), capacity.memoryBytes),
    gpus: gpusOf(step, capacity),
    gpuMemoryBytes: step.resources.gpuMemoryBytes ?? gpuMemoryWish(step, capacity),
    tokens,
  };
}

/** Memory to keep for a step on a machine that is large enough; 0 where nobody knows how much it needs. */
export function memoryOf({ resolved, resources }: GraphStep, last: LastUse = {}): number {
  const wish = parseMemory(resolved.resources.memory ?? 0);
  return resources.memoryBytes ?? Math.max(wish, memoryAfter(last.peakMemoryBytes ?? 0));
}

/** Memory to keep for a step after it took so much at most. */
function memoryAfter(peakBytes: number): number {
  if (peakBytes === 0) return 0;
  const wanted = SAFETY * peakBytes;
  const unit = 2 ** Math.floor(Math.log2(wanted)) / SIZES;
  return Math.ceil(wanted / unit) * unit;
}

/** How many GPUs a step asks for; who says how much of a GPU it takes asks for one. */
function gpusOf(step: GraphStep, { gpus }: Capacity): number {
  const wish = step.resolved.resources.gpus;
  const wanted = wish === "any" ? Math.min(1, gpus.length) : wish;
  return step.resources.gpus ?? wanted ?? (asksForGpus(step) ? 1 : 0);
}

/** Says whether a step asks for any GPU. */
export function asksForGpus({ resolved: { resources: wish }, resources }: GraphStep): boolean {
  const isShared = resources.gpuMemoryBytes !== undefined || wish.gpuMemory !== undefined;
  return (resources.gpus ?? wish.gpus ?? (isShared ? 1 : 0)) !== 0;
}

function gpuMemoryWish({ resolved }: GraphStep, { gpus }: Capacity): number | undefined {
  const { gpuMemory } = resolved.resources;
  if (gpuMemory === undefined) return undefined;
  return Math.min(
    parseMemory(gpuMemory),
    Math.max(0, ...gpus.map(({ memoryBytes }) => memoryBytes)),
  );
}

/** A lease as the step's own process is told of it. */
export function leaseAsTold({ cpus, memoryBytes, gpus }: Granted): Lease {
  return {
    cpus,
    memoryBytes,
    gpus: gpus.map(({ id }) => id),
    gpuMemoryBytes: gpus.length === 0 ? 0 : Math.min(...gpus.map((gpu) => gpu.memoryBytes)),
  };
}

/** A lease as an event tells it; what hardly any step has is left out. */
export function leaseInEvent(
  lease: Granted,
): Pick<StepStarted, "cpus" | "memoryBytes" | "gpus" | "gpuMemoryBytes" | "tokens"> {
  const { cpus, memoryBytes, gpus, gpuMemoryBytes } = leaseAsTold(lease);
  const { tokens } = lease;
  return {
    cpus,
    memoryBytes,
    gpus,
    ...(gpus.length === 0 ? {} : { gpuMemoryBytes }),
    ...(Object.keys(tokens).length === 0 ? {} : { tokens }),
  };
}

/** Bytes of text such as "4GiB"; throws TypeError for other text. */
export function parseMemory(memory: number | string): number {
  if (typeof memory === "number") return memory;
  const match = /^\s*(\d+(?:\.\d+)?)\s*([KMGT]?i?B)?\s*$/.exec(memory);
  const factor = BYTES_PER_UNIT[(match?.[2] ?? "B").toLowerCase()];
  if (match === null || factor === undefined) {
    throw new TypeError(`Cannot read "${memory}" as memory`);
  }
  return Math.round(Number(match[1]) * factor);
}
