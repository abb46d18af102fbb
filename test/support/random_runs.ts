// Random runs to simulate: graphs in layers with chains and joins, on machines small and large.
import type { Capacity, Need } from "../../engine/schedule/capacity.ts";
import { randomFrom } from "./random.ts";
import type { SimulatedRun, SimulatedStep } from "./simulated_run.ts";

const GIBIBYTE = 2 ** 30;

type Random = ReturnType<typeof randomFrom>;

/** A run of 20 to 120 steps; each seed gives another. */
export function randomRun(seed: number): SimulatedRun {
  const random = randomFrom(seed);
  const capacity = randomMachine(random);
  const count = 20 + random(101);
  const width = 2 + random(12);
  const steps: SimulatedStep[] = [];
  for (let at = 0; at < count; at++) {
    // Steps depend on some of those a little before them: chains, forks and joins in layers.
    const near = steps.slice(Math.max(0, at - 2 * width), Math.max(0, at - random(width)));
    const before = new Set(
      Array.from({ length: random(3) }, () => near[random(Math.max(1, near.length))]?.name),
    );
    steps.push({
      name: `s${at}`,
      dependsOn: [...before].filter((name) => name !== undefined),
      need: randomNeed(random, capacity),
      durationMs: Math.round(1000 * Math.exp(random(1000) / 1000 * Math.log(120))),
    });
  }
  const jobs = random(4) === 0 ? { jobs: 2 + random(capacity.cpus) } : {};
  return { capacity, ...jobs, steps, pastMs: ({ durationMs }) => durationMs };
}

function randomMachine(random: Random): Capacity {
  const cpus = [2, 4, 8, 16, 32][random(5)]!;
  return {
    cpus,
    memoryBytes: cpus * [2, 4, 8][random(3)]! * GIBIBYTE,
    gpus: Array.from({ length: [0, 0, 1, 1, 2, 4][random(6)]! }, (_, at) => ({
      id: String(at),
      memoryBytes: 24 * GIBIBYTE,
    })),
    tokens: { license: 1 + random(4) },
  };
}

/** Mostly small steps, some for many processors, some for shared or whole GPUs, few for a token. */
function randomNeed(random: Random, { cpus, memoryBytes, gpus, tokens }: Capacity): Need {
  const kind = random(10);
  const isLarge = kind === 0;
  const usesGpu = gpus.length > 0 && kind >= 7;
  return {
    cpus: isLarge ? cpus - random(cpus / 2) : 1 + random(Math.max(1, cpus >> 2)),
    memoryBytes: random(3) === 0 ? Math.round(memoryBytes * (1 + random(8)) / 16) : GIBIBYTE,
    gpus: usesGpu ? (random(5) === 0 ? 1 + random(gpus.length) : 1) : 0,
    gpuMemoryBytes: usesGpu && random(2) === 0 ? [4, 6, 8, 12][random(4)]! * GIBIBYTE : undefined,
    tokens: random(12) === 0 ? { license: 1 + random(tokens["license"]!) } : {},
  };
}
