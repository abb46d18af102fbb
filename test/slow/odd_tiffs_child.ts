// Runs `prepare` on odd TIFF files, one after the other, as the test beside it asks. Prints one line per
// file, and at the end the peak of its memory in KiB.
import { cpuUsage } from "node:process";
import { StepError } from "../../engine/plugin.ts";
import { openRaster } from "../../plugins/geo/raster.ts";
import { encodeGeoTiff } from "../../plugins/geo/write_geotiff.ts";
import { preparePlugin } from "../../plugins/prepare/plugin.ts";
import { runPlugin } from "../support/run_plugin.ts";

const LARGEST_MASK = 20_000_000;

/** What became of a file. */
export interface Outcome {
  readonly file: string;
  readonly ended: "tiles" | "StepError" | "crash";
  readonly message: string;
  /** Processor time, which does not depend on what else the machine does. */
  readonly seconds: number;
}

/** Puts an empty mask beside a file whose size can be read, the file itself beside another. */
async function writeMask(file: string, target: string): Promise<void> {
  try {
    using raster = await openRaster(file, "/nonexistent");
    const { width, height } = raster;
    if (width * height <= LARGEST_MASK) {
      const place = { epsg: 2180, origin: [0, 0], resolution: 1 } as const;
      const data = new Uint8Array(width * height);
      return await Deno.writeFile(
        target,
        encodeGeoTiff({ ...place, width, height, bands: 1, data }),
      );
    }
  } catch {
    // The file is its own mask then.
  }
  await Deno.symlink(file, target);
}

async function tryFile(file: string, folder: string): Promise<Outcome> {
  await Deno.mkdir(`${folder}/images`, { recursive: true });
  await Deno.mkdir(`${folder}/masks`, { recursive: true });
  await Deno.symlink(file, `${folder}/images/odd.tif`);
  await writeMask(file, `${folder}/masks/odd.tif`);
  const start = cpuUsage();
  const outcome = (ended: Outcome["ended"], message: string): Outcome => ({
    file,
    ended,
    message,
    seconds: (cpuUsage(start).user + cpuUsage(start).system) / 1e6,
  });
  try {
    const config = {
      images: `${folder}/images`,
      masks: `${folder}/masks`,
      tile: 512,
      edge: "pad",
      scale: [0, 255],
    };
    await using run = await runPlugin(preparePlugin, { config });
    return outcome("tiles", run.logs.join());
  } catch (error) {
    if (error instanceof StepError) return outcome("StepError", error.message);
    return outcome("crash", error instanceof Error ? error.stack ?? error.message : String(error));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

if (import.meta.main) {
  const scratch = await Deno.makeTempDir({ prefix: "cairn_odd_" });
  try {
    for (const file of Deno.args) {
      const line = JSON.stringify(await tryFile(file, `${scratch}/one`));
      print(line);
    }
    print(/VmHWM:\s+(\d+)/.exec(await Deno.readTextFile("/proc/self/status"))?.[1] ?? "0");
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}
