// Times our U-Net in a process of its own: training steps, or predictions of whole images. Prints JSON. Takes
// the arguments of pytorch.py, without the layout.
import process from "node:process";
import { type Architecture, layoutOf } from "../../plugins/nn/design.ts";
import { inferenceGraph } from "../../plugins/nn/inference_graph.ts";
import { createSession, tensorMaker } from "../../plugins/nn/runtime.ts";
import { createTrainer } from "../../plugins/nn/training/trainer.ts";
import { unet } from "../../plugins/nn/unet.ts";
import { initialWeights } from "../../plugins/nn/weights.ts";
import { seededRandom } from "../../plugins/random.ts";

const [mode, ...numbers] = Deno.args;
const [size, batch, base, depth, classes, threads, warmUp, runs] = numbers.map(Number) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];
const architecture: Architecture = { name: "unet", base, depth, bands: 3, classes };
const normalisation = { mean: [128, 128, 128], deviation: [64, 64, 64] };
const start = initialWeights(layoutOf(unet, architecture), 0);
const random = seededRandom(0);
const draw = (length: number, end: number): Uint8Array =>
  Uint8Array.from({ length }, () => end * random());

async function time(run: () => Promise<unknown>): Promise<void> {
  const [times, processor]: [number[], number[]] = [[], []];
  for (let at = 0; at < warmUp + runs; at++) {
    const [from, used] = [performance.now(), process.cpuUsage()];
    await run();
    times.push(performance.now() - from);
    const { user, system } = process.cpuUsage(used);
    processor.push((user + system) / 1000);
  }
  const status = await Deno.readTextFile("/proc/self/status");
  const peak = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
  const result = { times: times.slice(warmUp), processor: processor.slice(warmUp), peak };
  await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(result)));
}

async function timeSteps(): Promise<void> {
  const options = { design: unet, architecture, batch, size, normalisation, start, threads };
  await using trainer = await createTrainer(options);
  const image = draw(batch * 3 * size ** 2, 256);
  const label = draw(batch * size ** 2, classes);
  await time(() => trainer.step({ count: batch, image, label }, 1e-3));
}

async function timePredictions(): Promise<void> {
  const graph = inferenceGraph({ design: unet, architecture, normalisation, weights: start });
  await using session = await createSession(graph, { threads, weights: "inside" });
  const makeTensor = await tensorMaker();
  const image = makeTensor(Float32Array.from(draw(batch * 3 * size ** 2, 256)), [
    batch,
    3,
    size,
    size,
  ]);
  await time(() => session.run({ image }, ["logits"]));
}

await (mode === "step" ? timeSteps() : timePredictions());
