// What this machine has: processors, memory, and the GPUs that the driver's own tool lists.
import type { Capacity, GpuMemory } from "./capacity.ts";

/** A GPU as the driver counts them. */
export interface Gpu extends GpuMemory {
  /** Name that never changes, such as `GPU-5d5ba0d6-…`. */
  readonly uuid: string;
  readonly name: string;
}

/** All that a machine has but what a workflow names itself. */
export interface Machine extends Omit<Capacity, "tokens"> {
  readonly gpus: readonly Gpu[];
}

const MEBIBYTE = 2 ** 20;

/** What to look at besides what costs nothing. */
export interface Inspection {
  /** Those hidden by CUDA_VISIBLE_DEVICES do not count. */
  readonly gpus: boolean;
  /** Whether a container may take less memory than the machine has. */
  readonly limits: boolean;
}

/** Looks at this machine. */
export async function inspectMachine({ gpus, limits }: Inspection): Promise<Machine> {
  const { total } = Deno.systemMemoryInfo();
  return {
    cpus: navigator.hardwareConcurrency,
    memoryBytes: limits ? Math.min(total, await memoryLimit()) : total,
    gpus: gpus ? await listGpus() : [],
  };
}

// Of control groups of version 2 and 1. Deno itself may not read there with the permissions of the engine.
const LIMIT_FILES = [
  "/sys/fs/cgroup/memory.max",
  "/sys/fs/cgroup/memory/memory.limit_in_bytes",
];

async function memoryLimit(): Promise<number> {
  if (Deno.build.os !== "linux") return Infinity;
  return parseMemoryLimit(await outputOf("cat", LIMIT_FILES) ?? "");
}

/** The least of the numbers in a text, one per line; "max" and no number at all are no limit. */
export function parseMemoryLimit(text: string): number {
  return Math.min(...text.split("\n").map(Number).filter((bytes) => bytes > 0));
}

/** What a program prints, also where it fails; undefined where there is none of that name. */
async function outputOf(program: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const command = new Deno.Command(program, { args: [...args], stdin: "null", stderr: "null" });
    return new TextDecoder().decode((await command.output()).stdout);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

const GPU_QUERY = [
  "--query-gpu=index,uuid,name,memory.total",
  "--format=csv,noheader,nounits",
];

async function listGpus(): Promise<readonly Gpu[]> {
  const all = parseGpuList(await outputOf("nvidia-smi", GPU_QUERY) ?? "");
  return visibleGpus(all, Deno.env.get("CUDA_VISIBLE_DEVICES"));
}

/** Reads lines such as "0, GPU-5d5ba0d6-…, NVIDIA H100, 81559"; lines of another form are left out. */
export function parseGpuList(text: string): readonly Gpu[] {
  return text.split("\n").flatMap((line) => {
    const [id, uuid, name, mebibytes] = line.split(",").map((field) => field.trim());
    const memory = Number(mebibytes);
    if (id === undefined || uuid === undefined || name === undefined) return [];
    if (!/^\d+$/.test(id) || !(memory > 0)) return [];
    return [{ id, uuid, name, memoryBytes: memory * MEBIBYTE }];
  });
}

/** The GPUs that CUDA_VISIBLE_DEVICES names, by index or the start of a uuid, up to the first that is none. */
export function visibleGpus(all: readonly Gpu[], variable: string | undefined): readonly Gpu[] {
  if (variable === undefined) return all;
  const visible: Gpu[] = [];
  for (const word of variable.split(",").map((word) => word.trim())) {
    const found = all.find(({ id, uuid }) =>
      word === id || (word.startsWith("GPU-") && uuid.startsWith(word))
    );
    if (found === undefined) break;
    visible.push(found);
  }
  return visible;
}
