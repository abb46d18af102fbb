// How much memory running processes take, looked at from outside once a second: short steps cost nothing. Linux
// only. Deno may not read there itself with the permissions that the engine has, so the system's own tools do.

/** What was seen of a process group's memory. */
export interface MemoryUse {
  /** The most that was seen; undefined for a group that ended before anybody looked. */
  readonly peakBytes: number | undefined;
  /** Whether the kernel has just killed something for lack of memory; undefined where that is not known. */
  readonly wasKilledForMemory: boolean | undefined;
}

/** The memory of all process groups at one moment. */
export interface MemorySample {
  /** Bytes by process group: what it takes now, or what one of its processes took before if that was more. */
  readonly groups: ReadonlyMap<number, number>;
  /** How often the kernel has killed for lack of memory since it started; undefined where it does not say. */
  readonly kills: number | undefined;
}

const EVERY_MS = 1000;
/** Looking takes at most this part of the time. */
const MOST_SHARE = 1 / 100;
/** Nobody looks for the sake of processes younger than that. */
const YOUNG_MS = 500;
const LOOK = 'grep -hE "^(NSpgid|VmHWM|VmRSS):" /proc/[0-9]*/status; ' +
  'grep -h "^oom_kill " /proc/vmstat /sys/fs/cgroup/memory.events; true';

interface Watched {
  readonly sinceMs: number;
  peakBytes: number | undefined;
}

/** Watches process groups until they have ended. */
export class MemoryWatch {
  readonly #watched = new Map<number, Watched>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #looking: Promise<void> = Promise.resolve();
  #kills: number | undefined;

  /** `look` samples the memory; undefined where that is not possible. */
  constructor(private readonly look: () => Promise<MemorySample | undefined> = sampleMemory) {}

  /** Begins to watch a group. */
  start(group: number): void {
    if (Deno.build.os !== "linux") return;
    this.#watched.set(group, { sinceMs: performance.now(), peakBytes: undefined });
    if (this.#timer === undefined) this.#wait(EVERY_MS);
  }

  /** Ends watching a group that has ended; `isSuspect` where somebody killed it and nobody knows who. */
  async end(group: number, { isSuspect }: { readonly isSuspect: boolean }): Promise<MemoryUse> {
    const peakBytes = this.#watched.get(group)?.peakBytes;
    const isWatched = this.#watched.delete(group);
    if (this.#watched.size === 0) this.#stop();
    await this.#looking;
    const before = this.#kills;
    if (isSuspect && isWatched) await this.#sample();
    const isKnown = isSuspect && before !== undefined && this.#kills !== undefined;
    return { peakBytes, wasKilledForMemory: isKnown ? this.#kills! > before : undefined };
  }

  #wait(ms: number): void {
    this.#timer = setTimeout(() => this.#looking = this.#lookAndWait(), ms);
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #lookAndWait(): Promise<void> {
    const nowMs = performance.now();
    const isWorthIt = [...this.#watched.values()].some(({ sinceMs }) => nowMs - sinceMs > YOUNG_MS);
    if (isWorthIt) await this.#sample();
    const tookMs = performance.now() - nowMs;
    if (this.#watched.size > 0) this.#wait(Math.max(EVERY_MS, tookMs / MOST_SHARE));
    else this.#stop();
  }

  async #sample(): Promise<void> {
    const sample = await this.look();
    this.#kills = sample?.kills;
    for (const [group, watched] of this.#watched) {
      const bytes = sample?.groups.get(group);
      if (bytes !== undefined) watched.peakBytes = Math.max(watched.peakBytes ?? 0, bytes);
    }
  }
}

async function sampleMemory(): Promise<MemorySample | undefined> {
  try {
    const { stdout } = await new Deno.Command("/bin/sh", {
      args: ["-c", LOOK],
      clearEnv: true,
      env: { PATH: "/usr/bin:/bin" },
      stdin: "null",
      stderr: "null",
    }).output();
    return parseSample(new TextDecoder().decode(stdout));
  } catch {
    return undefined; // a system without these tools is not measured
  }
}

/** Reads what the system says of its processes, in kB, one after the other, and of those that it has killed. */
export function parseSample(text: string): MemorySample {
  const now = new Map<number, number>();
  const most = new Map<number, number>();
  let group = 0;
  let kills: number | undefined;
  for (const line of text.split("\n")) {
    const [name = "", value = ""] = line.split(/\s+/);
    const bytes = Number(value) * 1024;
    if (name === "NSpgid:") group = Number(value);
    else if (name === "VmHWM:") most.set(group, Math.max(most.get(group) ?? 0, bytes));
    else if (name === "VmRSS:") now.set(group, (now.get(group) ?? 0) + bytes);
    else if (name === "oom_kill") kills = (kills ?? 0) + Number(value);
  }
  const groups = new Map([...now].map(([id, sum]) => [id, Math.max(sum, most.get(id) ?? 0)]));
  return { groups, kills };
}
