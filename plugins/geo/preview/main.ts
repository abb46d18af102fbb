// Entry point of the process that draws one GeoTIFF: a file that may be damaged or huge, read with native
// libraries, is no guest for the server's own process. Prints a picture, or a problem, as JSON.
import { StepError } from "../../../engine/plugin.ts";
import { openTiff } from "../raster.ts";
import { drawRaster } from "./draw.ts";

const [path = "", shown = ""] = Deno.args;

async function answer(): Promise<unknown> {
  try {
    using raster = await openTiff(path, shown);
    return await drawRaster(raster);
  } catch (error) {
    if (error instanceof StepError) return { problem: error.message };
    return { problem: `Cannot read "${shown}": ${error instanceof Error ? error.message : error}` };
  }
}

await new Blob([JSON.stringify(await answer())]).stream().pipeTo(Deno.stdout.writable);
