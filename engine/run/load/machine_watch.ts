// Looks at the machine while a run goes on, so that one can see afterwards what held the run up. A run that
// is over at once is not looked at; one that goes on costs a look a second, later fewer.
import type { CpuInfo } from "node:os";
import { LoadFile, sampleAfterMs } from "../../events/files/load_file.ts";
import { GpuWatch } from "./gpu_watch.ts";

/** A run that has ended by then was too short to be looked at. */
const BEGIN_AFTER_MS = 200;

/** Writes samples of the machine's load into a file until it is disposed. */
export class MachineWatch implements AsyncDisposable {
  readonly #file: LoadFile;
  readonly #gpus = new GpuWatch();
  #cpuTimes: () => CpuTimes = () => ({ busy: 0, all: 0 });
  #before: CpuTimes | undefined;
  #isOver = false;
  #timer: ReturnType<typeof setTimeout>;

  constructor(path: string) {
    this.#file = new LoadFile(path);
    this.#timer = setTimeout(() => this.#begin(), BEGIN_AFTER_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#timer);
    if (this.#before !== undefined) this.#sample();
    this.#file[Symbol.dispose]();
    await this.#gpus[Symbol.asyncDispose]();
  }

  async #begin(): Promise<void> {
    const { cpus } = await import("node:os"); // not loaded for runs that are over at once
    if (this.#isOver) return;
    this.#cpuTimes = () => sumOf(cpus());
    try {
      this.#before = this.#cpuTimes();
    } catch {
      return; // it may not be asked
    }
    this.#timer = setTimeout(() => this.#look(), sampleAfterMs(0) - BEGIN_AFTER_MS);
  }

  #look(): void {
    if (!this.#sample()) return;
    this.#gpus.begin();
    this.#timer = setTimeout(() => this.#look(), sampleAfterMs(this.#file.count));
  }

  /** Writes how things are; false where that cannot be written or known. */
  #sample(): boolean {
    try {
      const now = this.#cpuTimes();
      const { total, available } = Deno.systemMemoryInfo();
      this.#file.append({
        timeMs: Date.now(),
        cpu: shareBusy(this.#before ?? now, now),
        memoryBytes: Math.max(0, total - available),
        totalBytes: total,
        gpus: this.#gpus.take(),
      });
      this.#before = now;
      return true;
    } catch {
      return false; // a full disk, or a system that does not tell: no reason to end a run
    }
  }
}

/** Milliseconds of all processors since the machine was started. */
interface CpuTimes {
  readonly busy: number;
  readonly all: number;
}

function sumOf(processors: readonly CpuInfo[]): CpuTimes {
  let [busy, all] = [0, 0];
  for (const { times: { user, nice, sys, idle, irq } } of processors) {
    busy += user + nice + sys + irq;
    all += user + nice + sys + irq + idle;
  }
  return { busy, all };
}

function shareBusy(before: CpuTimes, now: CpuTimes): number {
  const all = now.all - before.all;
  const share = all > 0 ? (now.busy - before.busy) / all : 0;
  return Number(Math.min(1, Math.max(0, share)).toFixed(3));
}
