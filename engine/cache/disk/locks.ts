// Locks that die with the process that holds them: no stale lock ever needs a human.

const RETRY_MS = 50;

/**
 * Holds an exclusive lock on a file while `work` runs. Where another process has it, that is told once, and waited
 * for until it gives the lock back or the signal is aborted.
 */
export async function withLock<T>(
  path: string,
  { signal, onWait }: { readonly signal: AbortSignal; readonly onWait?: () => void },
  work: () => Promise<T>,
): Promise<T> {
  using file = Deno.openSync(path, { create: true, write: true });
  if (!file.tryLockSync(true)) {
    onWait?.();
    do {
      signal.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    } while (!file.tryLockSync(true));
  }
  return await work();
}

/** Takes an exclusive lock at once, or gives undefined where another process holds it. */
export async function tryTakeLock(
  path: string,
  options: { readonly create: boolean },
): Promise<Disposable | undefined> {
  const file = await Deno.open(path, { create: options.create, write: true });
  if (await file.tryLock(true)) return file;
  file.close();
  return undefined;
}

/** Says whether a process holds an exclusive lock on a file; false where there is none. */
export async function isLocked(path: string): Promise<boolean> {
  try {
    using file = await Deno.open(path);
    return !await file.tryLock(false);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * A lock that many processes share or one has alone. Within a process it is taken once however many share
 * it, so that sharing costs next to nothing.
 */
export class SharedLock implements Disposable {
  readonly #file: Deno.FsFile;
  #sharers = 0;
  #taken: Promise<void> | undefined;

  constructor(private readonly path: string) {
    this.#file = Deno.openSync(path, { create: true, write: true });
  }

  /** Runs `work` while nobody has the lock alone. */
  async share<T>(work: () => Promise<T>): Promise<T> {
    this.#sharers++;
    try {
      await (this.#taken ??= this.#take());
      return await work();
    } finally {
      if (--this.#sharers === 0) this.#giveBack();
    }
  }

  /** Runs `work` while nobody shares the lock; tells when it has to wait for that. Never inside `share`. */
  async alone<T>(
    options: { readonly signal: AbortSignal; readonly onWait: () => void },
    work: () => Promise<T>,
  ): Promise<T> {
    return await withLock(this.path, options, work);
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  async #take(): Promise<void> {
    while (!this.#file.tryLockSync(false)) {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  #giveBack(): void {
    this.#taken = undefined;
    this.#file.unlockSync();
  }
}
