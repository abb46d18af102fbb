// The engines that are measured, each told of the same work in its own words: chains of ten tiny programs,
// the first of which reads a leaf. Each appends its number to what the one before it wrote.

export const CHAIN = 10;
export const JOBS = 2;
const ENTRY = new URL("../../main.ts", import.meta.url).pathname;

/** One step of a chain. */
export interface Link {
  readonly name: string;
  readonly number: number;
  /** Name of the step before it; undefined for the first of a chain. */
  readonly before: string | undefined;
}

/** An engine with how it is told what to do. */
export interface Contender {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Name and text of the file that describes the work. */
  readonly file: string;
  readonly describe: (links: readonly Link[]) => string;
  /** Where the end of the first chain lies afterwards. */
  readonly result: string;
  /** More would take minutes. */
  readonly mostSteps?: number;
}

/** So many steps in chains. */
export function chains(steps: number): readonly Link[] {
  return Array.from({ length: steps }, (_, number) => ({
    name: `s${number}`,
    number,
    before: number % CHAIN === 0 ? undefined : `s${number - 1}`,
  }));
}

const LAST = `s${CHAIN - 1}`;

const cairn: Omit<Contender, "name" | "describe"> = {
  program: Deno.execPath(),
  args: ["run", "--no-check", "--allow-all", ENTRY, "run", "work.yaml", "--jobs", String(JOBS)],
  file: "work.yaml",
  result: "result/file",
};

export const CONTENDERS: readonly Contender[] = [
  {
    ...cairn,
    name: "cairn, steps in the file",
    describe: (links) =>
      `name: chains\nsteps:\n${links.map(workflowStep).join("")}publish: { result: ${LAST}.out }\n`,
  },
  { ...cairn, name: "cairn, steps of a matrix", describe: matrixWorkflow },
  {
    name: "ninja",
    program: "ninja",
    args: ["-j", String(JOBS)],
    file: "build.ninja",
    result: `out/${LAST}`,
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
    result: `out/${LAST}`,
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
    result: `out/${LAST}`,
    describe: (links) => JSON.stringify({ tasks: denoTasks(links) }),
  },
  {
    name: "Snakemake",
    program: "snakemake",
    args: ["--cores", String(JOBS), "--quiet", "all", "--scheduler", "greedy"],
    file: "Snakefile",
    result: `out/${LAST}`,
    mostSteps: 1000,
    describe: snakefile,
  },
  {
    name: "doit",
    program: "doit",
    args: ["-n", String(JOBS), "-v", "0"],
    file: "dodo.py",
    result: `out/${LAST}`,
    mostSteps: 1000,
    describe: (links) =>
      `def task_link():\n${
        links.map((link) =>
          `    yield {"name": "${link.name}", "actions": [${JSON.stringify(shellOf(link))}], ` +
          `"file_dep": ["${source(link)}"], "targets": ["out/${link.name}"]}\n`
        ).join("")
      }`,
  },
];

function workflowStep({ name, number, before }: Link): string {
  const from = before === undefined ? `leaf/${name}` : "${{ inputs.before }}/file";
  const options = before === undefined ? `      files: [leaf/${name}]\n` : "";
  return `  ${name}:\n    uses: command\n` +
    (before === undefined ? "" : `    inputs: { before: ${before}.out }\n`) +
    withOf({ options, from, number: String(number) });
}

/** Ten steps, each with a matrix of all chains. */
function matrixWorkflow(links: readonly Link[]): string {
  const firsts = links.filter(({ before }) => before === undefined).map(({ number }) => number);
  const steps = Array.from({ length: CHAIN }, (_, at) => {
    const isFirst = at === 0;
    const from = isFirst ? "leaf/s${{ matrix.chain }}" : "${{ inputs.before }}/file";
    return `  s${at}:\n    uses: command\n    matrix: { chain: [${firsts.join(", ")}] }\n` +
      (isFirst ? "" : `    inputs: { before: "s${at - 1}[chain=\${{ matrix.chain }}].out" }\n`) +
      withOf({
        options: isFirst ? '      files: ["leaf/s${{ matrix.chain }}"]\n' : "",
        from,
        number: `\${{ matrix.chain + ${at} }}`,
      });
  });
  return `name: chains\nsteps:\n${steps.join("")}publish: { result: "${LAST}[chain=0].out" }\n`;
}

function withOf(
  { options, from, number }: {
    readonly options: string;
    readonly from: string;
    readonly number: string;
  },
): string {
  const out = "${{ outputs.out }}/file";
  return `    with:\n${options}      outputs: { out: text }\n` +
    `      run: "cat ${from} > ${out}; echo ${number} >> ${out}"\n`;
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

/** One rule for each place in a chain; what comes before a number's last digit is its chain. */
function snakefile(links: readonly Link[]): string {
  const ends = links.filter(({ number }) => number % CHAIN === CHAIN - 1);
  const rules = Array.from({ length: CHAIN }, (_, at) => {
    const from = at === 0 ? "leaf/s{chain}0" : `out/s{chain}${at - 1}`;
    return `rule r${at}:\n  input: "${from}"\n  output: "out/s{chain}${at}"\n` +
      `  wildcard_constraints: chain="[0-9]*"\n` +
      `  shell: "cat {input} > {output}; echo {wildcards.chain}${at} >> {output}"\n`;
  });
  const wanted = ends.map(({ name }) => `"out/${name}"`).join(", ");
  return `rule all:\n  input: [${wanted}]\n${rules.join("")}`;
}

function source({ name, before }: Link): string {
  return before === undefined ? `leaf/${name}` : `out/${before}`;
}

function shellOf(link: Link): string {
  return `cat ${source(link)} > out/${link.name}; echo ${link.number} >> out/${link.name}`;
}
