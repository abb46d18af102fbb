// How busy the machine was while a run went on: a line now and then, kept beside the run's journal. It is
// for looking at only, so it is not checked, and a run does without where it cannot be written.
import { Tail } from "./tail.ts";

/** A GPU at one time. */
export interface GpuLoad {
  readonly id: string;
  /** Share of the time in which it worked, 0 to 1. */
  readonly use: number;
  readonly memoryBytes: number;
  readonly totalBytes: number;
}

/** The whole machine at one time, with all that runs on it. */
export interface LoadSample {
  /** Milliseconds since 1970. */
  readonly timeMs: number;
  /** Share of all processors' time that was used since the sample before, 0 to 1. */
  readonly cpu: number;
  /** What is not to be had any more. */
  readonly memoryBytes: number;
  readonly totalBytes: number;
  /** Empty where none can be read. */
  readonly gpus: readonly GpuLoad[];
}

const FIRST_EVERY_MS = 1000;
const SAMPLES_PER_PACE = 300;

/**
 * Time until the next sample when there are so many. It doubles now and then, so that a run of a day has
 * some 2,500 samples and one of a month 4,000, the last ones still close together beside its length.
 */
export function sampleAfterMs(samples: number): number {
  return FIRST_EVERY_MS * 2 ** Math.floor(samples / SAMPLES_PER_PACE);
}

/** Appends samples to a file that is made with the first one. */
export class LoadFile implements Disposable {
  #file: Deno.FsFile | undefined;
  #count = 0;

  constructor(private readonly path: string) {}

  /** How many samples were written. */
  get count(): number {
    return this.#count;
  }

  append(sample: LoadSample): void {
    this.#file ??= Deno.openSync(this.path, { create: true, append: true });
    this.#file.writeSync(new TextEncoder().encode(`${JSON.stringify(sample)}\n`));
    this.#count++;
  }

  [Symbol.dispose](): void {
    this.#file?.close();
  }
}

/** Reads samples while another process may be writing them. */
export class LoadReader {
  readonly #tail: Tail;

  constructor(path: string) {
    this.#tail = new Tail(path);
  }

  /** Samples since the last call; none where the run had no time for any. */
  async next(): Promise<readonly LoadSample[]> {
    const lines = await this.#tail.next().catch((error) => {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    });
    return lines.flatMap(parseSample);
  }
}

function parseSample(line: string): readonly LoadSample[] {
  try {
    return [JSON.parse(line) as LoadSample]; // LoadFile wrote it
  } catch {
    return []; // torn, by a disk that was full
  }
}
