// How near to the best possible the scheduler comes: the length of simulated runs against a bound that no
// schedule can beat, the longer of the critical path and the work per resource. Run: deno task bench:scheduler
import type { Capacity, Need } from "../engine/schedule/capacity.ts";
import { criticalPaths } from "../engine/schedule/priority.ts";
import { randomFrom } from "../test/support/random.ts";
import { randomRun } from "../test/support/random_runs.ts";
import { simulate, type SimulatedRun, type SimulatedStep } from "../test/support/simulated_run.ts";

const RUNS = 1000;

/** What a step takes of each resource, as a part of all that there is. */
function shares(need: Need, capacity: Capacity, jobs: number): readonly number[] {
  const gpuMemory = capacity.gpus.reduce((sum, gpu) => sum + gpu.memoryBytes, 0);
  const ofGpu = need.gpuMemoryBytes ?? capacity.gpus[0]?.memoryBytes ?? 0;
  return [
    1 / jobs,
    need.cpus / capacity.cpus,
    need.memoryBytes / capacity.memoryBytes,
    gpuMemory === 0 ? 0 : need.gpus * ofGpu / gpuMemory,
    ...Object.entries(capacity.tokens).map(([name, all]) => (need.tokens[name] ?? 0) / all),
  ];
}

/** No schedule is shorter: what one resource must do, and what must be done one after the other. */
function lowerBoundMs({ steps, capacity, jobs = Infinity }: SimulatedRun): number {
  const durations = new Map(steps.map(({ name, durationMs }) => [name, durationMs]));
  const paths = criticalPaths(steps, durations);
  const work: number[] = [];
  for (const { need, durationMs } of steps) {
    shares(need, capacity, jobs).forEach((share, at) =>
      work[at] = (work[at] ?? 0) + share * durationMs
    );
  }
  return Math.max(...paths.values(), ...work);
}

async function ratio(run: SimulatedRun): Promise<number> {
  return await simulate(run) / lowerBoundMs(run);
}

/** What a run knows of how long its steps will take. */
const KNOWLEDGE: Readonly<Record<string, (seed: number) => SimulatedRun["pastMs"]>> = {
  "known durations": () => ({ durationMs }) => durationMs,
  "durations off by up to half": (seed) => {
    const random = randomFrom(seed);
    const factors = new Map<SimulatedStep, number>();
    return (step) => {
      const factor = factors.get(step) ?? 0.5 + random(1001) / 1000;
      factors.set(step, factor);
      return step.durationMs * factor;
    };
  },
  "first run, nothing known": () => () => undefined,
};

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

const runs = Array.from({ length: RUNS }, (_, at) => randomRun(at + 1));
print(`${RUNS} random runs: length / lower bound`);
print("| scheduler | median | p90 | max |");
print("|---|---|---|---|");
for (const [name, knowledge] of Object.entries(KNOWLEDGE)) {
  const ratios: number[] = [];
  for (const [seed, run] of runs.entries()) {
    ratios.push(await ratio({ ...run, pastMs: knowledge(seed) }));
  }
  ratios.sort((a, b) => a - b);
  const at = (part: number): string => ratios[Math.ceil(part * RUNS) - 1]!.toFixed(3);
  print(`| ${name} | ${at(0.5)} | ${at(0.9)} | ${at(1)} |`);
}
