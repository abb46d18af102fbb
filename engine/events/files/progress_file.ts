// How far the running steps of a run are, for other processes to see: a small file, rewritten now and
// then. It is a hint that passes, so it is neither checked nor kept.
import type { Event } from "../event.ts";

const AT_MOST_EVERY_MS = 250;

/** Ends of an attempt. */
const ENDS: ReadonlySet<Event["type"]> = new Set(["step-finished", "step-failed", "step-retrying"]);

/** Progress of each running step by name. */
export type Progress = Readonly<
  Record<string, { readonly done: number; readonly total: number; readonly unit: string }>
>;

/** Writes progress beside a run's journal; disposing removes the file. */
export class ProgressFile implements Disposable {
  readonly #progress = new Map<string, Progress[string]>();
  #writtenAtMs = 0;

  constructor(private readonly path: string) {}

  /** Takes the next event. */
  hear(event: Event): void {
    if (event.type === "step-progress") {
      const { step, done, total, unit, timeMs } = event;
      this.#progress.set(step, { done, total, unit });
      if (timeMs - this.#writtenAtMs >= AT_MOST_EVERY_MS) this.#write(timeMs);
    } else if (ENDS.has(event.type) && "step" in event) {
      this.#progress.delete(event.step);
    }
  }

  [Symbol.dispose](): void {
    try {
      Deno.removeSync(this.path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  #write(timeMs: number): void {
    this.#writtenAtMs = timeMs;
    const staged = `${this.path}.new`;
    Deno.writeTextFileSync(staged, JSON.stringify(Object.fromEntries(this.#progress)));
    Deno.renameSync(staged, this.path);
  }
}

/** Reads what a ProgressFile wrote last; nothing where no step has told how far it is. */
export async function readProgress(path: string): Promise<Progress> {
  const text = await Deno.readTextFile(path).catch(() => "{}");
  return JSON.parse(text) as Progress; // renamed into place, so it is whole
}
