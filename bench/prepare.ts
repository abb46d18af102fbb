// Cutting one large orthophoto into tiles: `prepare` beside a plain OpenCV loop, in turns, on the same
// files. Run: CAIRN_PYTHON=/path/to/python deno run -A bench/prepare.ts [MASK.tif]
// The Python needs cv2. MASK.tif (8771x9533, such as one of LandCover.ai's) replaces the invented mask.
import { cpuUsage } from "node:process";
import sharp from "sharp";
import { encodeGeoTiff } from "../plugins/geo/write_geotiff.ts";
import { prepareOptions } from "../plugins/prepare/options.ts";
import { prepare } from "../plugins/prepare/prepare.ts";
import { makeScene, type Scene } from "../plugins/synthesize/synthesize.ts";

const WIDTH = 8771;
const HEIGHT = 9533;
const TILE = 512;
const ROUNDS = 5;

const OPENCV_LOOP = `
import json, resource, sys, time
import cv2
image_path, mask_path, out = sys.argv[1:]
start = time.perf_counter()
image, mask = cv2.imread(image_path), cv2.imread(mask_path, cv2.IMREAD_GRAYSCALE)
k = 0
for y in range(0, image.shape[0] - ${TILE} + 1, ${TILE}):
    for x in range(0, image.shape[1] - ${TILE} + 1, ${TILE}):
        at = (slice(y, y + ${TILE}), slice(x, x + ${TILE}))
        cv2.imwrite(f"{out}/{k}.jpg", image[at], [cv2.IMWRITE_JPEG_QUALITY, 95])
        cv2.imwrite(f"{out}/{k}.png", mask[at])
        k += 1
seconds = time.perf_counter() - start
used = resource.getrusage(resource.RUSAGE_SELF)
cpu = used.ru_utime + used.ru_stime
print(json.dumps({"seconds": seconds, "cpuSeconds": cpu, "memory": used.ru_maxrss / 1024}))
`;

interface Measured {
  readonly seconds: number;
  /** Processor time of the whole process: what is left to compare on a busy machine. */
  readonly cpuSeconds: number;
  /** Peak, MiB. */
  readonly memory: number;
}

/** One way of keeping the photograph's pixels in the file. */
type Layout = "uncompressed strips" | "LZW strips" | "Deflate tiles";

async function writeData(folder: string, layout: Layout, maskPath?: string): Promise<void> {
  const scene = makeScene({ size: 1024, resolution: 0.25 }, 0, 0);
  await Deno.mkdir(`${folder}/images`, { recursive: true });
  await Deno.mkdir(`${folder}/masks`, { recursive: true });
  const pixels = repeat(scene, 3);
  await sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } }).tiff({
    compression: layout === "uncompressed strips"
      ? "none"
      : layout === "LZW strips"
      ? "lzw"
      : "deflate",
    predictor: "horizontal",
    tile: layout === "Deflate tiles",
  }).toFile(`${folder}/images/ortho.tif`);
  const target = `${folder}/masks/ortho.tif`;
  if (maskPath !== undefined) return await Deno.copyFile(maskPath, target);
  const place = { epsg: 2180, origin: [0, 0], resolution: 0.25 } as const;
  const mask = {
    ...place,
    width: WIDTH,
    height: HEIGHT,
    bands: 1,
    data: repeat(scene, 1),
  } as const;
  await Deno.writeFile(target, encodeGeoTiff(mask));
}

/** Fills the large image with copies of a scene. */
function repeat({ image, mask }: Scene, bands: 1 | 3): Uint8Array {
  const [data, size] = [bands === 3 ? image : mask, Math.sqrt(mask.length)];
  const large = new Uint8Array(WIDTH * HEIGHT * bands);
  for (let y = 0; y < HEIGHT; y++) {
    const row = data.subarray((y % size) * size * bands, (y % size + 1) * size * bands);
    for (let x = 0; x < WIDTH; x += size) {
      const part = row.subarray(0, Math.min(size, WIDTH - x) * bands);
      large.set(part, (y * WIDTH + x) * bands);
    }
  }
  return large;
}

/** Runs `prepare` in this process, which must be a fresh one, and prints what it took. */
async function runPrepare(folder: string, out: string): Promise<void> {
  const start = performance.now();
  await prepare({
    config: prepareOptions.parse({
      images: `${folder}/images`,
      masks: `${folder}/masks`,
      tile: TILE,
    }),
    inputs: { source: undefined },
    outputs: { tiles: out },
    scratch: out,
    lease: {
      cpus: navigator.hardwareConcurrency,
      memoryBytes: 2 ** 30,
      gpus: [],
      gpuMemoryBytes: 0,
    },
    seed: 0,
    signal: new AbortController().signal,
    log: () => {},
    warn: () => {},
    progress: () => {},
  });
  const seconds = (performance.now() - start) / 1000;
  const peak = /VmHWM:\s+(\d+)/.exec(await Deno.readTextFile("/proc/self/status"))?.[1];
  const { user, system } = cpuUsage();
  const cpuSeconds = (user + system) / 1e6;
  print(JSON.stringify({ seconds, cpuSeconds, memory: Number(peak) / 1024 }));
}

async function measure(command: string, args: readonly string[]): Promise<Measured> {
  const out = await Deno.makeTempDir({ prefix: "cairn_bench_out_" });
  try {
    const { success, stdout, stderr } = await new Deno.Command(command, {
      args: [...args, out],
    }).output();
    if (!success) throw new Error(`${command} failed: ${new TextDecoder().decode(stderr)}`);
    return JSON.parse(new TextDecoder().decode(stdout)) as Measured; // printed by our own code
  } finally {
    await Deno.remove(out, { recursive: true });
  }
}

async function compare(python: string, layout: Layout, maskPath?: string): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "cairn_bench_" });
  try {
    await writeData(folder, layout, maskPath);
    const files = [`${folder}/images/ortho.tif`, `${folder}/masks/ortho.tif`];
    const runs: { ours: Measured; theirs: Measured }[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      runs.push({
        theirs: await measure(python, ["-c", OPENCV_LOOP, ...files]),
        ours: await measure(Deno.execPath(), [
          "run",
          "-A",
          import.meta.filename ?? "",
          "once",
          folder,
        ]),
      });
    }
    return row(layout, runs);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function row(layout: Layout, runs: readonly { ours: Measured; theirs: Measured }[]): string {
  const speed = (kind: "ours" | "theirs"): number =>
    (WIDTH * HEIGHT) / 1e6 / fastest(runs.map((run) => run[kind].seconds));
  const memory = (kind: "ours" | "theirs"): number =>
    Math.max(...runs.map((run) => run[kind].memory));
  const cpu = (kind: "ours" | "theirs"): number => fastest(runs.map((run) => run[kind].cpuSeconds));
  const cells = [
    speed("ours").toFixed(1),
    speed("theirs").toFixed(1),
    (speed("ours") / speed("theirs")).toFixed(2),
    cpu("ours").toFixed(2),
    cpu("theirs").toFixed(2),
    memory("ours").toFixed(0),
    memory("theirs").toFixed(0),
  ];
  return `| ${layout} | ${cells.join(" | ")} |`;
}

/** Of several rounds, the one that other work on the machine disturbed least. */
function fastest(seconds: readonly number[]): number {
  return Math.min(...seconds);
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

const [first, second, third] = Deno.args;
if (first === "once") {
  await runPrepare(second ?? "", third ?? "");
} else {
  const python = Deno.env.get("CAIRN_PYTHON") ?? "python3";
  print(
    "| image | prepare Mpx/s | OpenCV Mpx/s | ratio | prepare CPU s | OpenCV CPU s | " +
      "prepare MiB | OpenCV MiB |",
  );
  print("|---|---|---|---|---|---|---|---|");
  for (const layout of ["uncompressed strips", "LZW strips", "Deflate tiles"] as const) {
    print(await compare(python, layout, first));
  }
}
