// What the engine costs beside make, ninja and `deno task`: chains of ten tiny programs each, as whole
// processes, on the same machine, in turns. Run: deno run --allow-all bench/engine.ts [STEPS …]
// Wall-clock times are the best of several; processor times tell more where the machine is busy.

const CHAIN = 10;
const JOBS = 2;
const WARM_ROUNDS = 3;
/** A process that takes longer is ended, and what would have come after it is left out. */
const LIMIT_MS = 300_000;
const ENTRY = new URL("../main.ts", import.meta.url).pathname;
const MEBIBYTE_KB = 1024;
/** Ticks per second of the processor times in /proc, the same on every Linux. */
const TICKS = 100;

/** One step of a chain: appends its number to what the step before it wrote, or to a leaf. */
interface Link {
  readonly name: string;
  readonly number: number;
  /** Name of the step before it; undefined for the first of a chain. */
  readonly before: string | undefined;
}

/** An engine with how it is told what to do. */
interface Contender {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Name and text of the file that describes the work. */
  readonly file: string;
  readonly describe: (links: readonly Link[]) => string;
  /** Where the end of the first chain lies afterwards. */
  readonly result: string;
}

const CONTENDERS: readonly Contender[] = [
  {
    name: "cairn",
    program: Deno.execPath(),
    args: ["run", "--no-check", "--allow-all", ENTRY, "run", "work.yaml", "--jobs", String(JOBS)],
    file: "work.yaml",
    describe: (links) =>
      `name: chains\nsteps:\n${links.map(workflowStep).join("")}` +
      `publish: { result: s${CHAIN - 1}.out }\n`,
    result: "result/file",
  },
  {
    name: "ninja",
    program: "ninja",
    args: ["-j", String(JOBS)],
    file: "build.ninja",
    result: `out/s${CHAIN - 1}`,
    describe: (links) =>
      `rule r\n  command = $cmd\n${
        links.map((link) => `build out/${link.name}: r ${source(link)}\n  cmd = ${shellOf(link)}\n`)
          .join("")
      }`,
  },
  {
    name: "make",
    program: "make",
    args: ["-s", "-j", String(JOBS)],
    file: "Makefile",
    result: `out/s${CHAIN - 1}`,
    describe: (links) =>
      `all: ${links.map(({ name }) => `out/${name}`).join(" ")}\n${
        links.map((link) => `out/${link.name}: ${source(link)}\n\t${shellOf(link)}\n`).join("")
      }`,
  },
  {
    name: "deno task",
    program: Deno.execPath(),
    args: ["task", "--quiet", "all"],
    env: { DENO_JOBS: String(JOBS) },
    file: "deno.json",
    result: `out/s${CHAIN - 1}`,
    describe: (links) => JSON.stringify({ tasks: denoTasks(links) }),
  },
];

function workflowStep(link: Link): string {
  const { name, number, before } = link;
  const from = before === undefined ? `leaf/${name}` : "${{ inputs.before }}/file";
  const options = before === undefined ? `      files: [leaf/${name}]\n` : "";
  return `  ${name}:\n    uses: command\n` +
    (before === undefined ? "" : `    inputs: { before: ${before}.out }\n`) +
    `    with:\n${options}      outputs: { out: text }\n` +
    `      run: "cat ${from} > ${"${{ outputs.out }}"}/file; ` +
    `echo ${number} >> ${"${{ outputs.out }}"}/file"\n`;
}

function denoTasks(links: readonly Link[]): Readonly<Record<string, unknown>> {
  const last = links.filter((_, at) => at % CHAIN === CHAIN - 1).map(({ name }) => name);
  const tasks = links.map((link) => [link.name, {
    command: shellOf(link),
    files: [source(link)],
    output: [`out/${link.name}`],
    dependencies: link.before === undefined ? [] : [link.before],
  }]);
  return { ...Object.fromEntries(tasks), all: { dependencies: last } };
}

function source({ name, before }: Link): string {
  return before === undefined ? `leaf/${name}` : `out/${before}`;
}

function shellOf(link: Link): string {
  return `cat ${source(link)} > out/${link.name}; echo ${link.number} >> out/${link.name}`;
}

function chains(steps: number): readonly Link[] {
  return Array.from({ length: steps }, (_, number) => ({
    name: `s${number}`,
    number,
    before: number % CHAIN === 0 ? undefined : `s${number - 1}`,
  }));
}

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
  const folder = await Deno.makeTempDir({ prefix: "cairn_bench_" });
  try {
    const links = chains(steps);
    await writeLeaves(folder, links);
    await Deno.writeTextFile(`${folder}/${contender.file}`, contender.describe(links));
    const cold = await measure(contender, folder);
    if (cold === undefined) return { cold };
    const noOps: (Cost | undefined)[] = [];
    const changes: (Cost | undefined)[] = [];
    for (let round = 0; round < WARM_ROUNDS; round++) noOps.push(await measure(contender, folder));
    for (let round = 0; round < WARM_ROUNDS; round++) {
      await Deno.writeTextFile(`${folder}/leaf/s0`, `changed ${round}\n`);
      changes.push(await measure(contender, folder));
    }
    await checkResult(contender, folder);
    return { cold, noOp: best(noOps), changed: best(changes) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
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

const sizes = Deno.args.length === 0 ? [1000, 10_000] : Deno.args.map(Number);
const load = Deno.loadavg()[0]?.toFixed(1);
print(`${navigator.hardwareConcurrency} processors, load ${load}, ${JOBS} jobs; wall (processor)`);
print("| engine | steps | cold | no-op | one changed leaf | peak |");
print("|---|---|---|---|---|---|");
for (const steps of sizes) {
  for (const contender of CONTENDERS) {
    const costs = isInstalled(contender.program) ? await costsOf(contender, steps) : "absent";
    print(row(contender, steps, costs));
  }
}
