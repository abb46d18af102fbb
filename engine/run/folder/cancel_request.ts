// Lets another process end a run: it asks for it by a file in the run's folder.

const LOOK_EVERY_MS = 250;

/** Aborts once somebody has asked for the end of a run; disposing stops looking. */
export class CancelWatch implements Disposable {
  readonly #asked = new AbortController();
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(path: string) {
    this.#timer = setInterval(() => {
      if (isPresent(path)) this.#asked.abort(new Error("the run was cancelled"));
    }, LOOK_EVERY_MS);
  }

  get signal(): AbortSignal {
    return this.#asked.signal;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** Asks for the end of a run; a run that is over does not notice. */
export async function requestCancel(path: string): Promise<void> {
  await Deno.writeTextFile(path, "");
}

function isPresent(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
