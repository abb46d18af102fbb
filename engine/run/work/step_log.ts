// A step's log file: everything that it reported and printed, bounded, with the last lines at hand.

const MOST_BYTES = 64 * 2 ** 20;
const LAST_LINES = 15;

/** Writes lines to a log file, which is made for the first one, and remembers the last ones. */
export class StepLogFile implements Disposable {
  #file: Deno.FsFile | undefined;
  readonly #last: string[] = [];
  #bytes = 0;
  #failure: unknown;

  constructor(
    readonly path: string,
    private readonly options: {
      /** Goes on after what the file holds already; without one the file begins anew. */
      readonly heading?: string | undefined;
      /** Takes out what no log may hold. */
      readonly mask?: (text: string) => string;
    } = {},
  ) {}

  /** Last lines written, oldest first. */
  get lastLines(): readonly string[] {
    return this.#last;
  }

  /** Whether the log has reached its bound, after which lines are dropped. */
  get isFull(): boolean {
    return this.#bytes >= MOST_BYTES;
  }

  /** Why a line could not be written, after which lines are dropped; undefined where all could. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Adds a line; never throws, because lines arrive while nobody waits for them. */
  write(text: string): void {
    const line = this.options.mask?.(text) ?? text;
    this.#last.push(line);
    if (this.#last.length > LAST_LINES) this.#last.shift();
    if (this.isFull || this.#failure !== undefined) return;
    this.#append(`${line}\n`);
    if (this.isFull) this.#append(`[log cut: a step's log holds ${MOST_BYTES / 2 ** 20} MiB]\n`);
  }

  #append(text: string): void {
    const bytes = new TextEncoder().encode(text);
    try {
      this.#file ??= this.#open();
      for (let at = 0; at < bytes.length;) at += this.#file.writeSync(bytes.subarray(at));
      this.#bytes += bytes.length;
    } catch (error) {
      this.#failure = error;
    }
  }

  #open(): Deno.FsFile {
    const { heading } = this.options;
    if (heading === undefined) {
      return Deno.openSync(this.path, { create: true, truncate: true, write: true });
    }
    const file = Deno.openSync(this.path, { create: true, append: true });
    const bytes = new TextEncoder().encode(`${heading}\n`);
    file.writeSync(bytes);
    this.#bytes = file.statSync().size;
    return file;
  }

  [Symbol.dispose](): void {
    this.#file?.close();
  }
}
