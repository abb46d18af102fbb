// What a step asks of the machine: its plugin's wish, overridden by the workflow.
import type { GraphStep } from "../graph/graph.ts";
import type { Capacity, Need } from "../schedule/resources.ts";
import { BYTES_PER_UNIT } from "../workflow/units.ts";

/**
 * What a step needs while it runs. A plugin's wish for processors, memory and any GPU is cut down to
 * what the machine has; what the workflow asks for is taken as it is.
 */
export function needOf(step: GraphStep, capacity: Capacity): Need {
  const wish = step.resolved.resources;
  const { cpus, memoryBytes, gpus } = step.resources;
  return {
    cpus: cpus ?? Math.min(wish.cpus === "all" ? Infinity : wish.cpus ?? 1, capacity.cpus),
    memoryBytes: memoryBytes ?? Math.min(parseMemory(wish.memory ?? 0), capacity.memoryBytes),
    gpus: gpus ?? (wish.gpus === "any" ? Math.min(1, capacity.gpus.length) : wish.gpus ?? 0),
  };
}

/** Says whether a step asks for any GPU. */
export function asksForGpus({ resolved, resources }: GraphStep): boolean {
  return (resources.gpus ?? resolved.resources.gpus ?? 0) !== 0;
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
