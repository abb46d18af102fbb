// Draws GeoTIFFs for the page, each in a process of its own that may read that file alone and has its time.
import type { RasterPicture } from "./draw.ts";

const MAIN = import.meta.resolve("./main.ts");
const PATIENCE_MS = 30_000;
/** What Deno needs to find the modules that it has; nothing else is for a native library to see. */
const KEPT = ["HOME", "PATH", "DENO_DIR", "XDG_CACHE_HOME"];

let last: Promise<unknown> = Promise.resolve();

/** Draws a file that is shown under another name; throws an Error with words for people where it cannot. */
export function previewRaster(
  file: { readonly path: string; readonly name: string },
  signal: AbortSignal,
): Promise<RasterPicture> {
  const drawn = last.then(() => draw(file, signal)); // one after another: each may take all processors
  last = drawn.catch(() => {});
  return drawn;
}

async function draw(
  { path, name }: { readonly path: string; readonly name: string },
  signal: AbortSignal,
): Promise<RasterPicture> {
  signal.throwIfAborted();
  const timeout = AbortSignal.timeout(PATIENCE_MS);
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      `--allow-read=${path.replaceAll(",", ",,")}`,
      "--allow-ffi",
      "--allow-sys=cpus,hostname,networkInterfaces",
      "--allow-env",
      MAIN,
      path,
      name,
    ],
    clearEnv: true,
    env: keptEnvironment(),
    stdin: "null",
    stderr: "null",
    signal: AbortSignal.any([signal, timeout]),
  }).output();
  signal.throwIfAborted();
  if (timeout.aborted) throw new Error(`"${name}" takes too long to draw; download it instead`);
  if (!success) throw new Error(`"${name}" cannot be drawn; download it instead`);
  const answer = JSON.parse(new TextDecoder().decode(stdout)) as // main.ts printed it
  RasterPicture | { readonly problem: string };
  if ("problem" in answer) throw new Error(answer.problem);
  return answer;
}

function keptEnvironment(): Record<string, string> {
  return Object.fromEntries(KEPT.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}
