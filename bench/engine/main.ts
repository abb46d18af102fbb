// What the engine costs beside make, ninja, `deno task` and whatever else of its kind is installed, as whole
// processes, on the same machine, one after the other. Run: deno task bench:engine [STEPS …]
// Wall-clock times are the best of several; processor times tell more where the machine is busy.
import { chains, type Contender, CONTENDERS, JOBS, type Link } from "./contenders.ts";

const COLD_ROUNDS = 3;
const WARM_ROUNDS = 5;
/** Before the warm rounds of each: cairn reads files again that are younger than two seconds. */
const PAUSE_MS = 2500;
/** From so many steps on one cold round must do. */
const MANY = 5000;
/** A process that takes longer is ended, and what would have come after it is left out. */
const LIMIT_MS = 300_000;
const MEBIBYTE_KB = 1024;
/** Ticks per second of the processor times in /proc, the same on every Linux. */
const TICKS = 100;

/** What one process took, the processes that it started included. */
interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
  /** Peak memory of the process itself. */
  readonly peakMib: number;
}

/** Runs a contender to its end; undefined where it took too long. Throws where it fails. */
async function measure(contender: Contender, cwd: string): Promise<Cost | undefined> {
  const cpuBefore = childrenCpuMs();
  const startedAtMs = performance.now();
  const child = new Deno.Command(contender.program, {
    args: [...contender.args],
    env: { ...contender.env, NO_COLOR: "1" },
    cwd,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let peakMib = 0;
  const watch = setInterval(() => peakMib = peakOf(child.pid) ?? peakMib, 5);
  const limit = setTimeout(() => child.kill("SIGINT"), LIMIT_MS);
  const { success, stderr } = await child.output();
  const wallMs = performance.now() - startedAtMs;
  clearInterval(watch);
  clearTimeout(limit);
  if (wallMs >= LIMIT_MS) return undefined;
  if (!success) throw new Error(`${contender.name}: ${new TextDecoder().decode(stderr)}`);
  return { wallMs, cpuMs: childrenCpuMs() - cpuBefore, peakMib };
}

/** Processor time of all ended children, and theirs. */
function childrenCpuMs(): number {
  const fields = Deno.readTextFileSync("/proc/self/stat").replace(/^.*\) /, "").split(" ");
  return ((Number(fields[13]) + Number(fields[14])) * 1000) / TICKS;
}

function peakOf(pid: number): number | undefined {
  try {
    const peak = /VmHWM:\s+(\d+)/.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1];
    return peak === undefined ? undefined : Number(peak) / MEBIBYTE_KB;
  } catch {
    return undefined; // it has ended
  }
}

/** A contender's costs from nothing, with nothing to do, and with one of the leaves changed. */
interface Costs {
  readonly cold: Cost | undefined;
  readonly noOp?: Cost | undefined;
  readonly changed?: Cost | undefined;
}

async function costsOf(contender: Contender, steps: number): Promise<Costs> {
  const links = chains(steps);
  const colds: (Cost | undefined)[] = [];
  for (let round = 1; round < (steps < MANY ? COLD_ROUNDS : 1); round++) {
    await inNewFolder(contender, links, async (folder) => {
      colds.push(await measure(contender, folder));
    });
  }
  return await inNewFolder(contender, links, async (folder) => {
    colds.push(await measure(contender, folder));
    const cold = best(colds);
    if (cold === undefined) return { cold };
    const noOps: (Cost | undefined)[] = [];
    const changes: (Cost | undefined)[] = [];
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    for (let round = 0; round < WARM_ROUNDS; round++) noOps.push(await measure(contender, folder));
    for (let round = 0; round < WARM_ROUNDS; round++) {
      await Deno.writeTextFile(`${folder}/leaf/s0`, `changed ${round}\n`);
      changes.push(await measure(contender, folder));
    }
    await checkResult(contender, folder);
    return { cold, noOp: best(noOps), changed: best(changes) };
  });
}

async function inNewFolder<T>(
  contender: Contender,
  links: readonly Link[],
  work: (folder: string) => Promise<T>,
): Promise<T> {
  // Removed at the very end: ext4 makes files more slowly for minutes after many were removed.
  const folder = await Deno.makeTempDir({ dir: root, prefix: "work_" });
  await writeLeaves(folder, links);
  await Deno.writeTextFile(`${folder}/${contender.file}`, contender.describe(links));
  return await work(folder);
}

async function writeLeaves(folder: string, links: readonly Link[]): Promise<void> {
  await Deno.mkdir(`${folder}/leaf`);
  await Deno.mkdir(`${folder}/out`);
  for (const { name, number, before } of links) {
    if (before === undefined) await Deno.writeTextFile(`${folder}/leaf/${name}`, `${number}\n`);
  }
}

/** Proves that the last change of the leaf reached the end of its chain. */
async function checkResult({ name, result }: Contender, folder: string): Promise<void> {
  const text = await Deno.readTextFile(`${folder}/${result}`);
  if (!text.startsWith(`changed ${WARM_ROUNDS - 1}\n`)) throw new Error(`${name} made "${text}"`);
}

function best(costs: readonly (Cost | undefined)[]): Cost | undefined {
  const known = costs.filter((cost) => cost !== undefined);
  if (known.length === 0) return undefined;
  return {
    wallMs: Math.min(...known.map(({ wallMs }) => wallMs)),
    cpuMs: Math.min(...known.map(({ cpuMs }) => cpuMs)),
    peakMib: Math.max(...known.map(({ peakMib }) => peakMib)),
  };
}

function row(contender: Contender, steps: number, costs: Costs | "absent"): string {
  const cells = costs === "absent"
    ? ["not installed", "–", "–", "–"]
    : [times(costs.cold), times(costs.noOp), times(costs.changed), peak(costs)];
  return `| ${[contender.name, steps, ...cells].join(" | ")} |`;
}

function times(cost: Cost | undefined): string {
  if (cost === undefined) return "–";
  return `${(cost.wallMs / 1000).toFixed(2)} s (${(cost.cpuMs / 1000).toFixed(2)})`;
}

function peak({ cold, noOp, changed }: Costs): string {
  const most = Math.max(...[cold, noOp, changed].map((cost) => cost?.peakMib ?? 0));
  return `${most.toFixed(0)} MiB`;
}

function isInstalled(program: string): boolean {
  if (program.includes("/")) return true;
  return (Deno.env.get("PATH") ?? "").split(":").some((folder) => {
    try {
      return Deno.statSync(`${folder}/${program}`).isFile;
    } catch {
      return false;
    }
  });
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

const root = await Deno.makeTempDir({ prefix: "cairn_bench_" });
const sizes = Deno.args.length === 0 ? [1000, 10_000] : Deno.args.map(Number);
const load = Deno.loadavg()[0]?.toFixed(1);
print(`${navigator.hardwareConcurrency} processors, load ${load}, ${JOBS} jobs; wall (processor)`);
print("| engine | steps | cold | no-op | one changed leaf | peak |");
print("|---|---|---|---|---|---|");
try {
  for (const steps of sizes) {
    for (const contender of CONTENDERS) {
      if (steps > (contender.mostSteps ?? Infinity)) continue;
      const costs = isInstalled(contender.program) ? await costsOf(contender, steps) : "absent";
      print(row(contender, steps, costs));
    }
  }
} finally {
  await Deno.remove(root, { recursive: true });
}
