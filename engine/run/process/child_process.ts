// One child process in a group of its own: its lines, its time limit, and its certain end.
import { findProgram } from "./find_program.ts";
import { type MemoryUse, MemoryWatch } from "./memory_watch.ts";

export interface ChildSpec {
  readonly program: string;
  readonly args: readonly string[];
  /** The whole environment of the child. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Written to the child's input, which stays open until the child ends: its end means ours. */
  readonly input?: string;
  readonly timeoutMs?: number;
  readonly signal: AbortSignal;
  /** Takes a line of output; `answer` writes to the child's input, if that is open. */
  readonly onLine: (line: string, answer: (text: string) => void) => void;
}

/** How a child ended. */
export type ChildEnd =
  & (
    | { readonly how: "exited"; readonly code: number }
    | { readonly how: "killed"; readonly signal: string }
    | { readonly how: "timed-out" }
    | { readonly how: "cancelled" }
  )
  & {
    /** The most memory that it and its own children were seen to take; absent for short ones. */
    readonly peakMemoryBytes?: number;
    /** Whether the system killed it for lack of memory; absent where that is not known, or did not kill it. */
    readonly wasKilledForMemory?: boolean;
  };

/** Time between asking a child to end and ending it, and between its end and that of its output. */
export const GRACE_MS = 3000;
/** Where the system's own programs are. */
const SYSTEM_PATH = "/usr/bin:/bin";
/** Of what is read at once. */
const BUFFER_BYTES = 2 ** 15;
/** Buffers to read with, used again: thousands of children would leave as many for the collector. */
const spareBuffers: ArrayBuffer[] = [];
const memoryWatch = new MemoryWatch();
/** As shells tell of a child that was killed. */
const KILLED_CODE = 128 + 9;
/** Longer than any message of a step's process, see step_protocol.ts. */
const LONGEST_LINE = 2 ** 18;

/** Runs a child to its end; throws Deno.errors.NotFound where the program does not exist. */
export async function runChild(spec: ChildSpec): Promise<ChildEnd> {
  const child = spawn(spec);
  memoryWatch.start(child.pid);
  const ending = new Ending(child.pid);
  const onAbort = (): void => ending.stop("cancelled");
  spec.signal.addEventListener("abort", onAbort, { once: true });
  if (spec.signal.aborted) onAbort();
  const timer = spec.timeoutMs === undefined
    ? undefined
    : setTimeout(() => ending.stop("timed-out"), spec.timeoutMs);
  const writer = spec.input === undefined ? undefined : child.stdin.getWriter();
  const answer = (text: string): void => {
    writer?.write(new TextEncoder().encode(text)).catch(() => {}); // a child may end unread
  };
  answer(spec.input ?? "");
  const onLine = (line: string): void => spec.onLine(line, answer);
  const lines = [child.stdout, child.stderr].map((stream) => new Lines(stream, onLine));
  const status = await child.status;
  ending.over();
  const memory = memoryWatch.end(child.pid, {
    isSuspect: ending.cause === undefined && isSuspect(status),
  });
  clearTimeout(timer);
  spec.signal.removeEventListener("abort", onAbort);
  await writer?.close().catch(() => {});
  // A process that fled the group may hold the streams open for as long as it likes.
  const flight = setTimeout(() => lines.forEach((stream) => stream.giveUp()), GRACE_MS);
  await Promise.all(lines.map((stream) => stream.ended));
  clearTimeout(flight);
  const seen = whatWasSeen(await memory);
  if (ending.cause !== undefined) return { how: ending.cause, ...seen };
  return status.signal === null
    ? { how: "exited", code: status.code, ...seen }
    : { how: "killed", signal: status.signal, ...seen };
}

function whatWasSeen(
  { peakBytes, wasKilledForMemory }: MemoryUse,
): Pick<ChildEnd, "peakMemoryBytes" | "wasKilledForMemory"> {
  return {
    ...(peakBytes === undefined ? {} : { peakMemoryBytes: peakBytes }),
    ...(wasKilledForMemory === undefined ? {} : { wasKilledForMemory }),
  };
}

/** Whether somebody killed a process who did not say why. */
export function isSuspect(
  status: { readonly signal: string | null; readonly code: number },
): boolean {
  return status.signal === "SIGKILL" || status.code === KILLED_CODE;
}

/** Starts a child at the head of a process group. */
function spawn(spec: ChildSpec): Deno.ChildProcess {
  const program = findProgram(spec.program, { path: spec.env["PATH"], cwd: spec.cwd });
  if (program === undefined) throw new Deno.errors.NotFound(`no program "${spec.program}"`);
  // Deno would copy this process, however large, to make the group itself; a tiny program does it faster.
  const head = findProgram("setsid", { path: SYSTEM_PATH, cwd: "/" });
  return new Deno.Command(head ?? program, {
    args: head === undefined ? [...spec.args] : [program, ...spec.args],
    env: { ...spec.env },
    clearEnv: true,
    cwd: spec.cwd,
    stdin: spec.input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    detached: head === undefined,
  }).spawn();
}

/** Ends a process group: politely first. */
class Ending {
  cause: "timed-out" | "cancelled" | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  constructor(private readonly pid: number) {}

  stop(cause: "timed-out" | "cancelled"): void {
    if (this.cause !== undefined) return;
    this.cause = cause;
    this.#signal("SIGTERM");
    this.#timer = setTimeout(() => this.#signal("SIGKILL"), GRACE_MS);
  }

  /** After the child itself has ended: ends what it left behind, which might still write. */
  over(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#signal("SIGKILL");
  }

  #signal(signal: Deno.Signal): void {
    // A child that has only just started may not be the head of its group yet.
    if (!sent(-this.pid, signal) && !this.#isOver) sent(this.pid, signal);
  }
}

/** Sends a signal to a process, or to the group of a negative number; false where there is none. */
function sent(pid: number, signal: Deno.Signal): boolean {
  try {
    Deno.kill(pid, signal);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || isNoProcess(error)) return false;
    throw error;
  }
}

function isNoProcess(error: unknown): boolean {
  return error instanceof Error && /no such process|ESRCH/i.test(error.message);
}

/** Splits a stream into lines; a line without end is cut into pieces. */
class Lines {
  /** Resolves when the stream has ended or was given up, and all lines were told. */
  readonly ended: Promise<void>;
  readonly #reader: ReadableStreamBYOBReader;

  constructor(stream: ReadableStream<Uint8Array>, private readonly onLine: (line: string) => void) {
    this.#reader = stream.getReader({ mode: "byob" });
    this.ended = this.#read();
  }

  giveUp(): void {
    this.#reader.cancel().catch(() => {}); // it may have ended meanwhile
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    let buffer = spareBuffers.pop() ?? new ArrayBuffer(BUFFER_BYTES);
    for (;;) {
      const { done, value } = await this.#reader.read(new Uint8Array(buffer));
      if (value !== undefined) buffer = value.buffer;
      if (done || value === undefined) break;
      const pieces = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = pieces.pop() ?? "";
      for (const piece of pieces) this.onLine(piece);
      for (; rest.length > LONGEST_LINE; rest = rest.slice(LONGEST_LINE)) {
        this.onLine(rest.slice(0, LONGEST_LINE));
      }
    }
    if (rest !== "") this.onLine(rest);
    if (buffer.byteLength === BUFFER_BYTES) spareBuffers.push(buffer); // none comes back from a stream given up
  }
}
