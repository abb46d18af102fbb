// Asks a remote store and stops waiting where it keeps still: whoever uses a remote goes through here, so
// that no server and no network drive can hold up a run.
import { type Remote, RemoteProblem, type Transfer } from "./remote.ts";

/** How long a remote store may keep still. */
export interface Patience {
  /** Until it answers a question. */
  readonly answerMs: number;
  /** Between two pieces of a file, or two parts that it takes. */
  readonly pieceMs: number;
}

const USUAL: Patience = { answerMs: 5_000, pieceMs: 30_000 };

/** A remote store with bounds; all its methods throw RemoteProblem, or the signal's reason once that is aborted. */
export class PatientRemote {
  constructor(private readonly remote: Remote, private readonly patience: Patience = USUAL) {}

  /** See {@link Remote.list}. */
  async list(folder: string, signal: AbortSignal): Promise<readonly string[]> {
    return await within(this.patience.answerMs, signal, () => this.remote.list(folder));
  }

  /** See {@link Remote.size}. */
  async size(key: string, signal: AbortSignal): Promise<number | undefined> {
    return await within(this.patience.answerMs, signal, () => this.remote.size(key));
  }

  /** Pieces of a file; undefined where it does not exist. */
  async read(key: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | undefined> {
    const stream = await within(this.patience.answerMs, signal, () => this.remote.read(key));
    return stream && this.#piecesOf(stream, signal);
  }

  /** See {@link Remote.write}. */
  async write(key: string, path: string, transfer: Transfer): Promise<void> {
    await within(this.patience.pieceMs, transfer.signal, ({ signal, live }) => {
      const onProgress = (bytes: number): void => {
        live();
        transfer.onProgress(bytes);
      };
      return this.remote.write(key, path, { signal, onProgress });
    });
  }

  async *#piecesOf(
    stream: ReadableStream<Uint8Array>,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const reader = stream.getReader();
    try {
      for (;;) {
        const { done, value } = await within(this.patience.pieceMs, signal, () => reader.read());
        if (done) return;
        yield value;
      }
    } finally {
      reader.cancel().catch(() => {});
    }
  }
}

/** What work that is waited for is given. */
interface Waiting {
  /** Aborted when nobody waits any more. */
  readonly signal: AbortSignal;
  /** To be called at every sign of life. */
  readonly live: () => void;
}

/** Waits for work that shows life every so often. */
async function within<T>(
  limitMs: number,
  signal: AbortSignal,
  work: (waiting: Waiting) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const given = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  const live = (): void => {
    clearTimeout(timer);
    if (isOver) return;
    timer = setTimeout(() => given.abort(new RemoteProblem("it does not answer", HINT)), limitMs);
  };
  const stop = (): void => given.abort(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  const ended = new Promise<never>((_, reject) =>
    given.signal.addEventListener("abort", () => reject(given.signal.reason), { once: true })
  );
  ended.catch(() => {});
  try {
    live();
    return await Promise.race([work({ signal: given.signal, live }), ended]);
  } catch (error) {
    if (error === given.signal.reason || error instanceof RemoteProblem) throw error;
    throw new RemoteProblem(error instanceof Error ? error.message : String(error), HINT);
  } finally {
    isOver = true;
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

const HINT = "See whether it can be reached from this machine and whether it has room";
