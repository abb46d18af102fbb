// Locks that die with the process that holds them: no stale lock ever needs a human.

const RETRY_MS = 50;

/** Holds an exclusive lock on a file while `work` runs; waits for another holder, or until aborted. */
export async function withLock<T>(
  path: string,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  using file = await Deno.open(path, { create: true, write: true });
  while (!await file.tryLock(true)) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
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
