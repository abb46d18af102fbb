// Recognises that a step's process ran out of memory, and says so: by how it ended, what the kernel counted and
// what it printed last.
import type { Lease } from "../../plugin.ts";
import type { ChildEnd } from "./child_process.ts";

const HEAP_FULL = /Fatal JavaScript out of memory|JavaScript heap out of memory/;
const GPU_FULL = /CUDA out of memory|CUDA_ERROR_OUT_OF_MEMORY|cudaErrorMemoryAllocation/;
const NOT_ALLOCATED = /^MemoryError\b|\bstd::bad_alloc\b|Cannot allocate memory/;
const GIBIBYTE = 2 ** 30;

/** What a step printed and what it was given, as far as they matter here. */
export interface Circumstances {
  /** Whether a line said that a JavaScript heap is full: stacks that follow may be long. */
  readonly isHeapFull: boolean;
  readonly lastLines: readonly string[];
  readonly isPlugin: boolean;
  readonly lease: Lease;
}

/** Whether a line is that of a process whose JavaScript heap is full, and which ends for it. */
export function saysHeapFull(line: string): boolean {
  return line.includes("out of memory") && HEAP_FULL.test(line);
}

/** Words for a process that failed for lack of memory; undefined where it failed otherwise. */
export function describeOutOfMemory(
  end: ChildEnd,
  { isHeapFull, lastLines, isPlugin, lease }: Circumstances,
): { readonly message: string; readonly hint: string } | undefined {
  const peak = end.peakMemoryBytes === undefined ? "" : ` (peak ${gibibytes(end.peakMemoryBytes)})`;
  const says = (pattern: RegExp): boolean => lastLines.some((line) => pattern.test(line));
  const hint = askForMore(end, lease);
  if (end.wasKilledForMemory === true) {
    return { message: `Ran out of memory${peak}: the system killed it`, hint };
  }
  if (isHeapFull) {
    const message = `Ran out of memory${peak}: its JavaScript heap was full`;
    const own = "Raise the heap limit of the program itself, or let it keep less at once";
    return { message, hint: isPlugin ? hint : own };
  }
  if (says(GPU_FULL)) return { message: "Ran out of GPU memory", hint: gpuHint(lease) };
  return says(NOT_ALLOCATED) ? { message: `Ran out of memory${peak}`, hint } : undefined;
}

/** Twice of what was not enough. */
function askForMore({ peakMemoryBytes = 0 }: ChildEnd, { memoryBytes }: Lease): string {
  const gibi = Math.max(1, Math.ceil(2 * Math.max(peakMemoryBytes, memoryBytes) / GIBIBYTE));
  return `Ask for more, such as with resources: { memory: ${gibi}GiB }, or let it keep less at once`;
}

function gpuHint({ gpuMemoryBytes }: Lease): string {
  const less = "let it keep less at once, such as with smaller batches";
  return gpuMemoryBytes === 0
    ? `Give it a GPU with resources: { gpus: 1 }, or ${less}`
    : `It had ${
      gibibytes(gpuMemoryBytes)
    }: ask for more with resources: { gpu-memory: … }, or ${less}`;
}

function gibibytes(bytes: number): string {
  return bytes < GIBIBYTE / 10
    ? `${Math.ceil(bytes / 2 ** 20)} MiB`
    : `${(bytes / GIBIBYTE).toFixed(1)} GiB`;
}
