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

/** Looks at this machine, at its GPUs only where asked to. Those hidden by CUDA_VISIBLE_DEVICES do not count. */
export async function inspectMachine(options: { readonly gpus: boolean }): Promise<Machine> {
  return {
    cpus: navigator.hardwareConcurrency,
    memoryBytes: Deno.systemMemoryInfo().total,
    gpus: options.gpus ? await listGpus() : [],
  };
}

async function listGpus(): Promise<readonly Gpu[]> {
  const command = new Deno.Command("nvidia-smi", {
    args: ["--query-gpu=index,uuid,name,memory.total", "--format=csv,noheader,nounits"],
    stdin: "null",
    stderr: "null",
  });
  try {
    const { success, stdout } = await command.output();
    const all = success ? parseGpuList(new TextDecoder().decode(stdout)) : [];
    return visibleGpus(all, Deno.env.get("CUDA_VISIBLE_DEVICES"));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
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
