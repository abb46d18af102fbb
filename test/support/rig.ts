// A temporary project for tests that run the whole program: in this process where nothing is killed, as a
// process of its own where signals matter.
import assert from "node:assert/strict";
import type { Event } from "../../engine/events/event.ts";
import { type BuiltInPlugin, type CliContext, main, type Terminal } from "../../engine/mod.ts";
import { aliasCommand } from "../../plugins/register/alias_command.ts";
import { fromFileUrl } from "../architecture/root.ts";

const PROGRAM = fromFileUrl(new URL("../../main.ts", import.meta.url));
const POLL_MS = 5;
const PATIENCE_MS = 20_000;

/** The plugins of such a project. */
export const builtIn: readonly BuiltInPlugin[] = [{
  name: "command",
  specifier: import.meta.resolve("../../plugins/command/plugin.ts"),
}];

/** What a command printed and how it ended. */
export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** A folder with a project in it; disposing removes it. */
export class Project implements AsyncDisposable {
  /** Variables that commands in this process see before those of the process itself. */
  readonly environment = new Map<string, string>();
  /** What commands in this process work with besides. */
  parts: Partial<CliContext> = {};

  private constructor(readonly folder: string) {}

  /** Makes a project of files by relative path. */
  static async make(files: Readonly<Record<string, string>> = {}): Promise<Project> {
    const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "cairn_project_" }));
    const project = new Project(folder);
    await Deno.mkdir(project.path(".cairn"));
    for (const [name, text] of Object.entries(files)) await project.write(name, text);
    return project;
  }

  path(name: string): string {
    return `${this.folder}/${name}`;
  }

  async write(name: string, text: string): Promise<void> {
    const path = this.path(name);
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(path, text);
  }

  read(name: string): Promise<string> {
    return Deno.readTextFile(this.path(name));
  }

  /** Lines of a file; none where it does not exist. */
  async lines(name: string): Promise<readonly string[]> {
    const text = await this.read(name).catch(() => "");
    return text.split("\n").filter((line) => line !== "");
  }

  /** Performs a command in this process. */
  async cairn(...words: readonly string[]): Promise<CliResult> {
    return await this.cairnUntil(new AbortController().signal, ...words);
  }

  /** Performs a command in this process that a signal can interrupt. */
  async cairnUntil(signal: AbortSignal, ...words: readonly string[]): Promise<CliResult> {
    const terminal = new RecordingTerminal();
    const environment = (name: string): string | undefined =>
      this.environment.get(name) ?? Deno.env.get(name);
    const code = await main(words, {
      terminal,
      cwd: this.folder,
      environment,
      builtIn,
      probes: () => Promise.resolve([]),
      commands: [aliasCommand],
      signal,
      ...this.parts,
    });
    return { code, out: terminal.out, error: terminal.error };
  }

  /** Runs `workflow.yaml` and gives how each step ended. */
  async run(...flags: readonly string[]): Promise<RunResult> {
    const { code, out, error } = await this.cairn("run", "workflow.yaml", "--json", ...flags);
    const lines = out.split("\n").filter((line) => line !== "");
    return new RunResult(code, lines.map((line) => JSON.parse(line) as Event), error);
  }

  /** Starts the program as a process of its own. */
  spawn(...words: readonly string[]): Deno.ChildProcess {
    return this.spawnWith({}, ...words);
  }

  /** Starts the program as a process of its own with variables added to its environment. */
  spawnWith(env: Readonly<Record<string, string>>, ...words: readonly string[]): Deno.ChildProcess {
    return new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-A", PROGRAM, ...words],
      cwd: this.folder,
      env,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }

  /** Runs the program as a process of its own to its end. */
  async spawnToEnd(...words: readonly string[]): Promise<CliResult> {
    return await resultOf(this.spawn(...words));
  }

  /** Waits for a file that another process writes. */
  async appears(name: string): Promise<string> {
    return await eventually(`"${name}" to appear`, async () => {
      const text = await this.read(name).catch(() => "");
      return text === "" ? undefined : text;
    });
  }

  /** Names of all files in a folder and below, sorted; none where it does not exist. */
  files(name: string): readonly string[] {
    return filesBelow(this.path(name)).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** A run of `workflow.yaml`. */
export class RunResult {
  constructor(
    readonly code: number,
    readonly events: readonly Event[],
    readonly error: string,
  ) {}

  /** How each step ended: ran, reused, failed, skipped or cancelled. */
  get steps(): Readonly<Record<string, string>> {
    const endings = this.events.flatMap((event) => {
      switch (event.type) {
        case "step-finished":
          return [[event.step, "ran"] as const];
        case "step-reused":
        case "step-failed":
        case "step-skipped":
        case "step-cancelled":
          return [[event.step, event.type.slice("step-".length)] as const];
        default:
          return [];
      }
    });
    assert.equal(new Set(endings.map(([step]) => step)).size, endings.length, "a step ended twice");
    return Object.fromEntries(endings);
  }

  /** The events of one type. */
  of<Type extends Event["type"]>(type: Type): readonly Extract<Event, { type: Type }>[] {
    return this.events.filter((event): event is Extract<Event, { type: Type }> =>
      event.type === type
    );
  }

  /** The only failure. */
  get failure(): Extract<Event, { type: "step-failed" }> {
    const [failure, ...others] = this.of("step-failed");
    assert.ok(failure !== undefined && others.length === 0, "exactly one step fails");
    return failure;
  }

  /** Why a step ran. */
  reason(step: string): string | undefined {
    return this.of("step-started").find((event) => event.step === step)?.reason;
  }
}

/** Waits for a process and decodes what it printed. */
export async function resultOf(child: Deno.ChildProcess): Promise<CliResult> {
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), error: decoder.decode(stderr) };
}

/** Looks again and again at something that another process does; throws when it takes too long. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) assert.fail(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Says whether a process lives; one that has ended but was not waited for does not. */
export async function isAlive(pid: number): Promise<boolean> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => undefined);
  return stat !== undefined && stat.slice(stat.lastIndexOf(")") + 2)[0] !== "Z";
}

/** A command step in a workflow file; `run` may be several lines of shell. */
export function commandStep(
  name: string,
  run: string,
  fields: { readonly inputs?: string; readonly files?: readonly string[]; readonly more?: string } =
    {},
): string {
  const script = run.split("\n").map((line) => `        ${line}`).join("\n");
  return [
    `  ${name}:`,
    "    uses: command",
    ...(fields.inputs === undefined ? [] : [`    inputs: { ${fields.inputs} }`]),
    "    with:",
    `      run: |\n${script}`,
    "      outputs: { out: text }",
    ...(fields.files === undefined ? [] : [`      files: ${JSON.stringify(fields.files)}`]),
    ...(fields.more === undefined ? [] : [`    ${fields.more}`]),
    "",
  ].join("\n");
}

/** A workflow file of steps, with what else belongs to it. */
export function workflowOf(steps: readonly string[], more = ""): string {
  return `name: test\nsteps:\n${steps.join("")}${more}`;
}

class RecordingTerminal implements Terminal {
  readonly isInteractive = false;
  readonly hasColor = false;
  readonly columns = 100;
  out = "";
  error = "";

  write(text: string): void {
    this.out += text;
  }

  writeError(text: string): void {
    this.error += text;
  }
}

function filesBelow(folder: string, prefix = ""): string[] {
  try {
    return [...Deno.readDirSync(folder)].flatMap((entry) =>
      entry.isDirectory
        ? filesBelow(`${folder}/${entry.name}`, `${prefix}${entry.name}/`)
        : [`${prefix}${entry.name}`]
    );
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
