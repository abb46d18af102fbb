// What a step asks of the machine: its plugin's wish, overridden by the workflow.
import type { GraphStep } from "../graph/graph.ts";
import type { Lease } from "../plugin.ts";
import type { Capacity, Lease as Granted, Need } from "../schedule/capacity.ts";
import { BYTES_PER_UNIT } from "../workflow/units.ts";

/**
 * What a step needs while it runs. A plugin's wish for processors, memory and any GPU is cut down to
 * what the machine has; what the workflow asks for is taken as it is.
 */
export function needOf(step: GraphStep, capacity: Capacity): Need {
  const wish = step.resolved.resources;
  const { cpus, memoryBytes, tokens = {} } = step.resources;
  return {
    cpus: cpus ?? Math.min(wish.cpus === "all" ? Infinity : wish.cpus ?? 1, capacity.cpus),
    memoryBytes: memoryBytes ?? Math.min(parseMemory(wish.memory ?? 0), capacity.memoryBytes),
    gpus: gpusOf(step, capacity),
    gpuMemoryBytes: step.resources.gpuMemoryBytes ?? gpuMemoryWish(step, capacity),
    tokens,
  };
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
  return Math.min(parseMemory(gpuMemory), Math.max(...gpus.map(({ memoryBytes }) => memoryBytes)));
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
