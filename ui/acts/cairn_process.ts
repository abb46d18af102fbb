// Acts as a person at the command line would: every change that the page makes is a command in a process
// of its own, so a run goes on when the page's server ends.

/** How a command ended. */
export interface CommandEnd {
  readonly code: number;
  readonly out: string;
  /** What it printed for people. */
  readonly error: string;
}

/** Starts commands of the command line; tests put their own in its place. */
export interface CommandLine {
  /** Performs a command to its end. */
  perform(words: readonly string[]): Promise<CommandEnd>;
  /** Starts a command and gives the first line that it prints, or how it ended without one. */
  start(words: readonly string[]): Promise<string | CommandEnd>;
}

/** The program that serves the page, started anew with other words. */
export function ownCommandLine(cwd: string): CommandLine {
  const options = { cwd, stdin: "null", isListener: false } as const;
  return {
    perform: (words) => endOf(startCairn(words, options)),
    start: (words) => firstLineOf(startCairn(words, options)),
  };
}

const PERMISSIONS = ["read", "write", "run", "env", "sys", "net"].map((name) => `--allow-${name}`);

/** Starts this program in a process of its own; only a listener may open a port, on this machine. */
export function startCairn(
  words: readonly string[],
  options: {
    readonly cwd: string;
    readonly stdin: "null" | "piped";
    readonly isListener: boolean;
  },
): Deno.ChildProcess {
  const { cwd, stdin, isListener } = options;
  const net = isListener ? ["--allow-net=127.0.0.1"] : [];
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", ...PERMISSIONS, ...net, Deno.mainModule, ...words],
    cwd,
    env: { NO_COLOR: "1", CAIRN_STARTED_FROM: "page" },
    stdin,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function endOf(child: Deno.ChildProcess): Promise<CommandEnd> {
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, out: decoder.decode(stdout), error: decoder.decode(stderr) };
}

/** Waits for the first line that a process prints, or for its end without one. */
export async function firstLineOf(child: Deno.ChildProcess): Promise<string | CommandEnd> {
  const errorText = new Response(child.stderr).text();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let out = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { code: (await child.status).code, out, error: await errorText };
    out += value;
    const end = out.indexOf("\n");
    if (end < 0) continue;
    drain(reader); // a full pipe would stop the run
    return out.slice(0, end);
  }
}

async function drain(reader: ReadableStreamDefaultReader<string>): Promise<void> {
  while (!(await reader.read()).done);
}
