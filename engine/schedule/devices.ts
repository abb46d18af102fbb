// What this machine has: processors, memory, and the GPUs that the driver's own tool lists.
import type { Capacity } from "./resources.ts";

export interface Gpu {
  readonly id: string;
  readonly name: string;
  readonly memoryBytes: number;
}

export interface Machine {
  readonly capacity: Capacity;
  readonly gpus: readonly Gpu[];
}

const MEBIBYTE = 2 ** 20;

/** Looks at this machine, at its GPUs only where asked to. Those hidden by CUDA_VISIBLE_DEVICES do not count. */
export async function inspectMachine(options: { readonly gpus: boolean }): Promise<Machine> {
  const gpus = options.gpus ? await listGpus() : [];
  return {
    gpus,
    capacity: {
      cpus: navigator.hardwareConcurrency,
      memoryBytes: Deno.systemMemoryInfo().total,
      gpus: gpus.map((gpu) => gpu.id),
    },
  };
}

async function listGpus(): Promise<readonly Gpu[]> {
  const command = new Deno.Command("nvidia-smi", {
    args: ["--query-gpu=index,name,memory.total", "--format=csv,noheader,nounits"],
    stdin: "null",
    stderr: "null",
  });
  try {
    const { success, stdout } = await command.output();
    const visible = Deno.env.get("CUDA_VISIBLE_DEVICES")?.split(",").map((id) => id.trim());
    const all = success ? parseGpuList(new TextDecoder().decode(stdout)) : [];
    return visible === undefined ? all : all.filter((gpu) => visible.includes(gpu.id));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Reads lines such as "0, NVIDIA H100, 81559"; lines of another form are left out. */
export function parseGpuList(text: string): readonly Gpu[] {
  return text.split("\n").flatMap((line) => {
    const [id, name, mebibytes] = line.split(",").map((field) => field.trim());
    const memory = Number(mebibytes);
    if (id === undefined || name === undefined || !/^\d+$/.test(id) || !(memory > 0)) return [];
    return [{ id, name, memoryBytes: memory * MEBIBYTE }];
  });
}
