// Our U-Net beside PyTorch's, in turns on the same machine: training steps, and the prediction of a large image.
// Run: CAIRN_PYTHON=/path/to/python deno run -A bench/training/main.ts [THREADS]
// The Python needs torch; without it only our own times are shown. On a busy machine, trust the processor's
// time with one thread.

/** What is timed. */
interface Setting {
  readonly mode: "step" | "predict";
  readonly size: number;
  readonly batch: number;
  readonly base: number;
}

const SETTINGS: readonly Setting[] = [
  { mode: "step", size: 64, batch: 4, base: 8 },
  { mode: "step", size: 128, batch: 8, base: 16 },
  { mode: "step", size: 256, batch: 2, base: 16 },
  { mode: "step", size: 512, batch: 1, base: 32 },
  { mode: "predict", size: 2048, batch: 1, base: 16 },
];
const DEPTH = 4;
const CLASSES = 5;
const WARM_UP = 2;
const RUNS = 5;
const ROUNDS = 3;

/** What a process measured, milliseconds and MiB. */
interface Measured {
  readonly times: readonly number[];
  /** Time of all threads together. */
  readonly processor: readonly number[];
  readonly peak: number;
}

const HEAD = ["", "ms", "processor ms", "peak MiB"] as const;

async function main(): Promise<void> {
  const threads = Number(Deno.args[0] ?? navigator.hardwareConcurrency);
  const python = Deno.env.get("CAIRN_PYTHON");
  await print(
    `Medians with ${threads} threads; in brackets, how many times PyTorch's default layout`,
  );
  if (python === undefined) await print("PyTorch is not beside it: CAIRN_PYTHON is not set");
  for (const setting of SETTINGS) {
    const { mode, size, batch, base } = setting;
    const title = mode === "step" ? `step ${size}² batch ${batch}` : `prediction ${size}²`;
    const rows = await compare(setting, { threads, python });
    const head = [`${title} base ${base}`, ...HEAD.slice(1)];
    await print("");
    for (const row of [head, head.map(() => "---"), ...rows]) await print(`| ${row.join(" | ")} |`);
  }
}

/** Rows of the table: each contender's medians. */
async function compare(
  setting: Setting,
  { threads, python }: { readonly threads: number; readonly python: string | undefined },
): Promise<string[][]> {
  const contenders: Record<string, () => Promise<Measured>> = {
    cairn: () =>
      measure(Deno.execPath(), ["run", "-A", local("ours.ts"), ...words(setting, threads)]),
  };
  for (const layout of python === undefined ? [] : ["contiguous", "channels_last"]) {
    contenders[`PyTorch ${layout}`] = () =>
      measure(python!, ["-B", local("pytorch.py"), ...words(setting, threads, layout)]);
  }
  const found = new Map<string, Measured[]>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, run] of Object.entries(contenders)) {
      found.set(name, [...found.get(name) ?? [], await run()]);
    }
  }
  const all = [...found].map(([name, rounds]) => [name, summary(rounds)] as const);
  const yardstick = all[1]?.[1];
  return all.map(([name, numbers]) => [
    name,
    ...numbers.map((value, at) => {
      const ratio = yardstick === undefined ? "" : ` (${(value / yardstick[at]!).toFixed(2)})`;
      return `${value.toFixed(0)}${ratio}`;
    }),
  ]);
}

function words(
  { mode, size, batch, base }: Setting,
  threads: number,
  ...layout: readonly string[]
): string[] {
  const shape = [size, batch, base, DEPTH, CLASSES, threads].map(String);
  return [mode, ...shape, ...layout, String(WARM_UP), String(RUNS)];
}

async function measure(program: string, args: readonly string[]): Promise<Measured> {
  const { success, stdout } = await new Deno.Command(program, {
    args: [...args],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`${program} failed`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

function summary(rounds: readonly Measured[]): [number, number, number] {
  return [
    median(rounds.flatMap(({ times }) => times)),
    median(rounds.flatMap(({ processor }) => processor)),
    median(rounds.map(({ peak }) => peak)),
  ];
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function local(name: string): string {
  return decodeURIComponent(new URL(name, import.meta.url).pathname);
}

async function print(line: string): Promise<void> {
  await Deno.stdout.write(new TextEncoder().encode(`${line}\n`));
}

await main();
