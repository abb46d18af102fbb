// The command line: finds the command, reads its arguments, prints what went wrong.
import { diskFailure, unknownCommand } from "../diagnostics/catalog.ts";
import { type Diagnostic, DiagnosticsError } from "../diagnostics/diagnostic.ts";
import { diskProblemOf } from "../diagnostics/disk_problem.ts";
import { renderDiagnostics } from "../diagnostics/render.ts";
import { type CliContext, type Command, EXIT, readArguments, usageOf } from "./command.ts";
import { table } from "./report/words.ts";

/** The engine's own commands, in the order in which they are told. */
const OWN = [
  "run",
  "check",
  "explain",
  "graph",
  "runs",
  "verify",
  "gc",
  "new",
  "schema",
  "doctor",
] as const;

/** Performs the command that the words ask for and gives the exit code. */
export async function main(words: readonly string[], context: CliContext): Promise<number> {
  const [name, ...rest] = words;
  const { terminal } = context;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    terminal.write(overview([...await Promise.all(OWN.map(load)), ...context.commands ?? []]));
    return name === undefined ? EXIT.usage : EXIT.done;
  }
  try {
    const command = await find(name, context.commands ?? []);
    if (rest.includes("--help") || rest.includes("-h")) {
      terminal.write(helpOf(command));
      return EXIT.done;
    }
    return await command.perform(context, readArguments(command, rest));
  } catch (error) {
    if (context.signal.aborted && error === context.signal.reason) return EXIT.interrupted;
    const { code, diagnostics } = describeError(error);
    terminal.writeError(renderDiagnostics(diagnostics, { color: terminal.hasColor }));
    return code;
  }
}

/** The command of a name; throws DiagnosticsError where there is none. */
async function find(name: string, others: readonly Command[]): Promise<Command> {
  const own = OWN.find((own) => own === name);
  if (own !== undefined) return await load(own);
  const other = others.find((command) => command.name === name);
  if (other !== undefined) return other;
  throw new DiagnosticsError([
    unknownCommand(name, [...OWN, ...others.map((command) => command.name)]),
  ]);
}

/** Loads one of the engine's own commands: the program starts sooner without the others. */
async function load(name: typeof OWN[number]): Promise<Command> {
  const module: Readonly<Record<string, Command>> = await import(
    import.meta.resolve(`./commands/${name}_command.ts`)
  );
  return module[`${name}Command`]!;
}

/** What a person can mend, in words; throws any other error on. */
function describeError(error: unknown): { code: number; diagnostics: readonly Diagnostic[] } {
  if (error instanceof DiagnosticsError) {
    return { code: EXIT.usage, diagnostics: error.diagnostics };
  }
  const problem = diskProblemOf(error);
  if (problem === undefined) throw error;
  return { code: EXIT.failed, diagnostics: [diskFailure(problem)] };
}

function overview(commands: readonly Command[]): string {
  const rows = commands.map((command) => [`  ${command.name}`, command.summary]);
  return `cairn runs workflows of reusable steps.\n\nCommands\n${table(rows)}\n` +
    `"cairn COMMAND --help" tells more.\n`;
}

function helpOf(command: Command): string {
  const rows = Object.entries(command.flags).map(([name, flag]) => [
    `  --${name}${flag.value === undefined ? "" : ` ${flag.value}`}`,
    flag.description,
  ]);
  return `${usageOf(command)}\n  ${command.summary}\n${
    rows.length === 0 ? "" : `\n${table(rows)}`
  }`;
}
