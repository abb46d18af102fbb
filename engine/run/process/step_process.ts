// Runs one step's work in a process: a plugin in Deno's sandbox, or a program. Knows nothing of reuse.
import { resolutionFlags } from "../../graph/plugins/resolution.ts";
import type { Lease, Permissions } from "../../plugin.ts";
import type { FailureKind } from "../../workflow/workflow.ts";
import { type ChildEnd, runChild } from "./child_process.ts";
import type { Denial } from "./denial.ts";
import { describeOutOfMemory, saysHeapFull } from "./out_of_memory.ts";
import { commandEnv, type Environment, permissionFlags, pluginEnv } from "./sandbox.ts";
import type { StepLogFile } from "../work/step_log.ts";
import type { StepAnswer, StepInputs, StepMessage, StepRequest } from "./step_protocol.ts";

/** Deno allows at least so much. */
const SMALLEST_HEAP_LIMIT = 2 ** 30;

/** What every kind of step process needs. */
export interface ProcessSpec {
  /** A new folder with empty `outputs/PORT` folders and `scratch`; the program's working folder. */
  readonly workFolder: string;
  readonly lease: Lease;
  readonly timeoutMs?: number;
  readonly signal: AbortSignal;
  readonly environment: Environment;
  readonly log: StepLogFile;
  readonly onMessage: (message: StepMessage, answer: (answer: StepAnswer) => void) => void;
  readonly onOutput: (line: string) => void;
}

/** A TypeScript plugin. */
export interface PluginProcessSpec extends ProcessSpec {
  /** URL of the plugin's module. */
  readonly specifier: string;
  /** Pins the code of a plugin from elsewhere. */
  readonly lockFile?: string;
  readonly request: Omit<StepRequest, "mark" | "scratch" | "lease">;
  readonly permissions: Permissions;
  /** Hosts that the plugin's own code comes from. */
  readonly importHosts: readonly string[];
  /** Files and folders that the step may read besides its inputs. */
  readonly readable: readonly string[];
}

/** A program. */
export interface CommandProcessSpec extends ProcessSpec {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** How a step's work ended. */
export type ProcessEnd =
  & (
    | { readonly how: "done" }
    | { readonly how: "cancelled" }
    | {
      readonly how: "failed";
      /** Absent where another attempt would fail just so. */
      readonly kind?: FailureKind;
      /** Of a program that ended by itself. */
      readonly exitCode?: number;
      readonly message: string;
      readonly hint?: string;
      readonly stack?: string;
      readonly denial?: Denial;
    }
  )
  & {
    /** The most memory that it was seen to take; absent for short steps. */
    readonly peakMemoryBytes?: number;
  };

/** Runs a plugin in its sandbox. */
export async function runPluginProcess(spec: PluginProcessSpec): Promise<ProcessEnd> {
  const scratch = `${spec.workFolder}/scratch`;
  const mark = `\u001e${crypto.randomUUID()} `;
  const request: StepRequest = { mark, scratch, lease: spec.lease, ...spec.request };
  const sandbox = {
    permissions: spec.permissions,
    importHosts: spec.importHosts,
    readable: [...spec.readable, ...pathsOf(request.inputs)],
    writable: [
      ...Object.values(request.outputs),
      ...Object.values(request.shared),
      scratch,
      request.saving,
    ],
    lease: spec.lease,
    scratch,
  };
  const untold = [...sandbox.readable, ...sandbox.writable].find((path) => path.includes(","));
  if (untold !== undefined) return notTold(untold);
  const main = `${spec.workFolder}/main.ts`;
  await Deno.writeTextFile(main, entryOf(spec.specifier));
  let reported: ProcessEnd | undefined;
  const seen = { isHeapFull: false };
  const end = await runChild({
    program: Deno.execPath(),
    args: [
      "run",
      "--quiet",
      ...resolutionFlags(spec),
      ...await heapFlags(spec.lease),
      ...permissionFlags(sandbox, spec.environment),
      ...isPinned(spec) ? ["--cached-only"] : [],
      main,
    ],
    env: pluginEnv(sandbox, spec.environment),
    cwd: spec.workFolder,
    input: `${JSON.stringify(request)}\n`,
    ...limitsOf(spec),
    onLine: (line, write) => {
      const at = line.indexOf(mark);
      const message = at === -1 ? undefined : parseMessage(line.slice(at + mark.length));
      if (message === undefined) return printed(line, spec, seen);
      if (at > 0) printed(line.slice(0, at), spec, seen);
      if (message.type === "done") reported = { how: "done" };
      else if (message.type === "error") reported = failureOf(message);
      note(message, spec, (answer) => write(`${JSON.stringify(answer)}\n`));
    },
  });
  return judge(end, reported, { ...spec, ...seen, isPlugin: true });
}

/** Lets a plugin's heap grow to what the step was granted, where that is more than Deno allows by itself. */
async function heapFlags({ memoryBytes }: Lease): Promise<readonly string[]> {
  if (memoryBytes <= SMALLEST_HEAP_LIMIT) return [];
  const { getHeapStatistics } = await import("node:v8"); // takes a while to load
  const { heap_size_limit: limit } = getHeapStatistics();
  return memoryBytes <= limit
    ? []
    : [`--v8-flags=--max-old-space-size=${Math.floor(memoryBytes / 2 ** 20)}`];
}

/** Deno's flags for what a process may read and write have no way to write a comma. */
function notTold(path: string): ProcessEnd {
  const message = `Deno's sandbox cannot be told of a path with a comma: "${path}"`;
  return { how: "failed", message, hint: "Rename the file or folder" };
}

/** Runs a program. */
export async function runCommandProcess(spec: CommandProcessSpec): Promise<ProcessEnd> {
  const [program = "", ...args] = spec.argv;
  const seen = { isHeapFull: false };
  try {
    const end = await runChild({
      program,
      args,
      env: commandEnv(
        spec.env,
        { lease: spec.lease, scratch: spec.workFolder },
        spec.environment,
      ),
      cwd: spec.workFolder,
      ...limitsOf(spec),
      onLine: (line) => printed(line, spec, seen),
    });
    const done = end.how === "exited" && end.code === 0;
    return judge(end, done ? { how: "done" } : undefined, { ...spec, ...seen, isPlugin: false });
  } catch (error) {
    return notStarted(program, error);
  }
}

/** Why a program cannot be started, in words; throws what is no fault of the workflow. */
function notStarted(program: string, error: unknown): ProcessEnd {
  if (error instanceof Deno.errors.NotFound) {
    const hint = "Install it, or give a path that is declared in files";
    return { how: "failed", message: `Cannot find the program "${program}"`, hint };
  }
  const refusal = error instanceof Error
    ? /^Failed to spawn '.*?': (.+)/.exec(error.message)
    : null;
  if (refusal === null) throw error;
  const hint =
    "Its arguments and variables are texts without the character NUL, of at most 128 KiB each";
  return { how: "failed", message: `Cannot start the program "${program}": ${refusal[1]}`, hint };
}

/**
 * Whether all code of a plugin is in Deno's cache, which was looked at when its fingerprint was made: what it asks
 * its server for while it runs would not be its code, and would tell that server what it likes.
 */
function isPinned({ lockFile, importHosts }: PluginProcessSpec): boolean {
  return lockFile !== undefined && importHosts.length > 0;
}

/** The module that a step's process starts with: static imports need no permission. */
function entryOf(specifier: string): string {
  const main = new URL("./step_main.ts", import.meta.url).href;
  return `import * as module from ${JSON.stringify(specifier)};\n` +
    `import { performStep } from ${JSON.stringify(main)};\n` +
    `await performStep(module);\n`;
}

function pathsOf(inputs: StepInputs): readonly string[] {
  return Object.values(inputs).flat().map((input) => input.path);
}

function limitsOf(
  spec: ProcessSpec,
): { readonly signal: AbortSignal; readonly timeoutMs?: number } {
  const { signal, timeoutMs } = spec;
  return { signal, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
}

/** What a process printed of itself. */
interface Seen {
  isHeapFull: boolean;
}

function printed(line: string, spec: ProcessSpec, seen: Seen): void {
  if (saysHeapFull(line)) seen.isHeapFull = true;
  if (!spec.log.isFull) spec.onOutput(line);
  spec.log.write(line);
}

/** A message; undefined where something else was printed in the middle of it. */
function parseMessage(json: string): StepMessage | undefined {
  try {
    return JSON.parse(json) as StepMessage; // only step_main knows the mark
  } catch {
    return undefined;
  }
}

function note(
  message: StepMessage,
  spec: ProcessSpec,
  answer: (answer: StepAnswer) => void,
): void {
  if (message.type === "log") spec.log.write(message.text);
  if (message.type === "warn") spec.log.write(`warning: ${message.text}`);
  if (message.type === "error") {
    for (const line of message.stack?.split("\n") ?? []) spec.log.write(line);
  }
  spec.onMessage(message, answer);
}

function failureOf(message: Extract<StepMessage, { type: "error" }>): ProcessEnd {
  const { message: text, hint, stack, denial } = message;
  return {
    how: "failed",
    message: text,
    ...(denial === undefined ? { kind: "failed" } : {}),
    ...(hint === undefined ? {} : { hint }),
    ...(stack === undefined ? {} : { stack }),
    ...(denial === undefined ? {} : { denial }),
  };
}

function judge(
  end: ChildEnd,
  reported: ProcessEnd | undefined,
  spec: ProcessSpec & Seen & { readonly isPlugin: boolean },
): ProcessEnd {
  const { peakMemoryBytes } = end;
  const peak = peakMemoryBytes === undefined ? {} : { peakMemoryBytes };
  if (end.how === "cancelled") return { how: "cancelled", ...peak };
  if (end.how === "timed-out") {
    const seconds = (spec.timeoutMs ?? 0) / 1000;
    const hint = "Raise the step's timeout, or give it less to do";
    const message = `Took longer than its timeout of ${seconds} s`;
    return { how: "failed", kind: "timeout", message, hint, ...peak };
  }
  if (reported !== undefined) return { ...reported, ...peak };
  const lack = describeOutOfMemory(end, { ...spec, lastLines: spec.log.lastLines });
  const failure = lack === undefined
    ? describeEnd(end)
    : { kind: "out-of-memory" as const, ...lack };
  return { how: "failed", ...failure, ...peak };
}

/** What there is to say of a process that ended without saying why. */
function describeEnd(
  end: Extract<ChildEnd, { readonly how: "exited" | "killed" }>,
): Omit<Extract<ProcessEnd, { readonly how: "failed" }>, "how"> {
  if (end.how === "exited") {
    const message = `Its process ended with exit code ${end.code}`;
    return { kind: "failed", exitCode: end.code, message };
  }
  if (end.signal !== "SIGKILL") {
    return { kind: "killed", message: `Its process crashed with ${end.signal}` };
  }
  return end.wasKilledForMemory === false
    ? {
      kind: "killed",
      message: "Its process was killed with SIGKILL, not by cairn",
      hint: "The system did not lack memory: somebody else, or a limit of this machine, ended it",
    }
    : {
      kind: "killed",
      message: "Its process was killed by the system",
      hint: "Most often memory ran out: ask for less, or declare more in resources",
    };
}
