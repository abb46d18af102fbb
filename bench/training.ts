// One training step of the U-Net (forward, loss, gradients, Adam) beside PyTorch, in turns on the same
// machine. Run: CAIRN_PYTHON=/path/to/python deno run -A bench/training.ts [THREADS]
// The Python needs torch; without it only our own times are shown.
import { createTrainer, type Trainer } from "../plugins/nn/training/trainer.ts";
import { type Architecture, layoutOf } from "../plugins/nn/design.ts";
import { unet } from "../plugins/nn/unet.ts";
import { initialWeights } from "../plugins/nn/weights.ts";
import { seededRandom } from "../plugins/random.ts";

/** One size of step. */
interface Setting {
  readonly size: number;
  readonly batch: number;
  readonly base: number;
}

const SETTINGS: readonly Setting[] = [
  { size: 64, batch: 4, base: 8 },
  { size: 256, batch: 2, base: 16 },
];
const DEPTH = 4;
const CLASSES = 5;
const WARM_UP = 3;
const STEPS = 8;
const ROUNDS = 3;

const PYTORCH_STEPS = `
import json, sys, time
import torch
from torch import nn

size, batch, base, threads, channels_last = (int(value) for value in sys.argv[1:])
torch.set_num_threads(threads)

def double_convolution(into, out):
    return nn.Sequential(
        nn.Conv2d(into, out, 3, padding=1, bias=False), nn.BatchNorm2d(out), nn.ReLU(inplace=True),
        nn.Conv2d(out, out, 3, padding=1, bias=False), nn.BatchNorm2d(out), nn.ReLU(inplace=True))

class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        widths = [base * 2 ** level for level in range(${DEPTH} + 1)]
        self.first = double_convolution(3, widths[0])
        self.down = nn.ModuleList(double_convolution(a, b) for a, b in zip(widths, widths[1:]))
        steps = list(zip(widths[:0:-1], widths[-2::-1]))
        self.up = nn.ModuleList(nn.ConvTranspose2d(a, b, 2, stride=2) for a, b in steps)
        self.join = nn.ModuleList(double_convolution(a, b) for a, b in steps)
        self.last = nn.Conv2d(base, ${CLASSES}, 1)
        self.pool = nn.MaxPool2d(2)

    def forward(self, x):
        x, skips = self.first(x), []
        for block in self.down:
            skips.append(x)
            x = block(self.pool(x))
        for up, join in zip(self.up, self.join):
            x = join(torch.cat([skips.pop(), up(x)], dim=1))
        return self.last(x)

layout = torch.channels_last if channels_last else torch.contiguous_format
model = UNet().to(memory_format=layout).train()
optimiser = torch.optim.Adam(model.parameters())
loss_of = nn.CrossEntropyLoss(ignore_index=255)
image = torch.randn(batch, 3, size, size).to(memory_format=layout)
label = torch.randint(0, ${CLASSES}, (batch, size, size))
times = []
for step in range(${WARM_UP + STEPS}):
    start = time.perf_counter()
    optimiser.zero_grad()
    loss_of(model(image), label).backward()
    optimiser.step()
    times.append((time.perf_counter() - start) * 1000)
print(json.dumps({"times": times[${WARM_UP}:]}))
`;

async function main(): Promise<void> {
  const threads = Number(Deno.args[0] ?? navigator.hardwareConcurrency);
  const python = Deno.env.get("CAIRN_PYTHON");
  const rows = [["step", "cairn", "PyTorch", "PyTorch channels-last"], [
    "---",
    "---",
    "---",
    "---",
  ]];
  for (const setting of SETTINGS) rows.push(await compare(setting, { threads, python }));
  const lines = [
    `Median milliseconds of a step, ${threads} threads`,
    ...rows.map((row) => `| ${row.join(" | ")} |`),
    ...python === undefined ? ["PyTorch was not found: CAIRN_PYTHON is not set"] : [],
  ];
  await Deno.stdout.write(new TextEncoder().encode(`${lines.join("\n")}\n`));
}

interface Machine {
  readonly threads: number;
  readonly python: string | undefined;
}

async function compare(setting: Setting, machine: Machine): Promise<string[]> {
  const { size, batch, base } = setting;
  const [ours, contiguous, channelsLast]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(...await ourSteps(setting, machine.threads));
    contiguous.push(...await pytorchSteps(setting, machine, false));
    channelsLast.push(...await pytorchSteps(setting, machine, true));
  }
  const times = [ours, contiguous, channelsLast].map(median);
  return [`${size}² batch ${batch} base ${base}`, ...times];
}

async function ourSteps({ size, batch, base }: Setting, threads: number): Promise<number[]> {
  const architecture: Architecture = {
    name: "unet",
    base,
    depth: DEPTH,
    bands: 3,
    classes: CLASSES,
  };
  await using trainer = await createTrainer({
    design: unet,
    architecture,
    batch,
    size,
    normalisation: { mean: [128, 128, 128], deviation: [64, 64, 64] },
    start: initialWeights(layoutOf(unet, architecture), 0),
    threads,
  });
  return await timeSteps(trainer, { count: batch, pixels: size * size });
}

async function timeSteps(
  trainer: Trainer,
  { count, pixels }: { readonly count: number; readonly pixels: number },
): Promise<number[]> {
  const random = seededRandom(0);
  const draw = (length: number, end: number): Uint8Array =>
    Uint8Array.from({ length }, () => end * random());
  const batch = {
    count,
    image: draw(count * 3 * pixels, 256),
    label: draw(count * pixels, CLASSES),
  };
  const times: number[] = [];
  for (let step = 0; step < WARM_UP + STEPS; step++) {
    const start = performance.now();
    await trainer.step(batch, 1e-3);
    times.push(performance.now() - start);
  }
  return times.slice(WARM_UP);
}

async function pytorchSteps(
  { size, batch, base }: Setting,
  { threads, python }: Machine,
  channelsLast: boolean,
): Promise<number[]> {
  if (python === undefined) return [];
  const numbers = [size, batch, base, threads, Number(channelsLast)].map(String);
  const output = await new Deno.Command(python, {
    args: ["-c", PYTORCH_STEPS, ...numbers],
    stderr: "inherit",
  }).output();
  if (!output.success) throw new Error(`${python} failed: does it have torch?`);
  const { times } = JSON.parse(new TextDecoder().decode(output.stdout)) as { times: number[] };
  return times;
}

function median(times: readonly number[]): string {
  const middle = times.toSorted((a, b) => a - b)[times.length >> 1];
  return middle === undefined ? "not found" : middle.toFixed(0);
}

await main();
