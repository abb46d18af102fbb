// How busy this machine's GPUs are, as the driver's own tool tells once a second. One process for the whole
// time: starting it anew would cost more than all its answers.
import type { GpuLoad } from "../../events/files/load_file.ts";

const MEBIBYTE = 2 ** 20;
const ASK = [
  "--query-gpu=index,utilization.gpu,memory.used,memory.total",
  "--format=csv,noheader,nounits",
  "--loop=1",
];

/** What was told of one GPU: the sum of its use since somebody asked, and the last line. */
interface Heard {
  sum: number;
  count: number;
  last: GpuLoad;
}

/** Listens to the driver's tool from `begin` until it is disposed. */
export class GpuWatch implements AsyncDisposable {
  readonly #heard = new Map<string, Heard>();
  #child: Deno.ChildProcess | undefined;
  #isBegun = false;
  #listening: Promise<void> = Promise.resolve();

  /** Starts to listen where that has not begun; a machine without the tool tells nothing. */
  begin(): void {
    if (this.#isBegun) return;
    this.#isBegun = true;
    try {
      this.#child = new Deno.Command("nvidia-smi", {
        args: ASK,
        stdin: "null",
        stdout: "piped",
        stderr: "null",
      }).spawn();
      this.#listening = this.#listen(this.#child.stdout).catch(() => {}); // for looking at only
    } catch {
      // there is no such tool, or it may not be started
    }
  }

  /** Mean use since the last call, and memory as it is now. */
  take(): readonly GpuLoad[] {
    return [...this.#heard.values()].map((heard) => {
      const use = heard.count === 0 ? heard.last.use : heard.sum / heard.count;
      [heard.sum, heard.count] = [0, 0];
      return { ...heard.last, use: Number(use.toFixed(3)) };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child === undefined) return;
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // it has ended
    }
    await this.#child.status;
    await this.#listening;
  }

  async #listen(stream: Deno.ChildProcess["stdout"]): Promise<void> {
    let rest = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const load of lines.flatMap(parseGpuLoad)) {
        const heard = this.#heard.get(load.id) ?? { sum: 0, count: 0, last: load };
        heard.sum += load.use;
        heard.count++;
        heard.last = load;
        this.#heard.set(load.id, heard);
      }
    }
  }
}

/** Reads a line such as "0, 97, 40536, 81559"; nothing where it is of another form. */
export function parseGpuLoad(line: string): readonly GpuLoad[] {
  const fields = line.split(",").map((field) => field.trim());
  if (fields.length !== 4 || !fields.every((field) => /^\d+$/.test(field))) return [];
  const [id = "", percent, used, total] = fields;
  return [{
    id,
    use: Number(percent) / 100,
    memoryBytes: Number(used) * MEBIBYTE,
    totalBytes: Number(total) * MEBIBYTE,
  }];
}
