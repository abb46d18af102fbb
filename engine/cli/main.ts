// The command line: finds the command, reads its arguments, prints what went wrong.
import { diskFailure, unknownCommand } from "../diagnostics/catalog.ts";
import { type Diagnostic, DiagnosticsError } from "../diagnostics/diagnostic.ts";
import { diskProblemOf } from "../diagnostics/disk_problem.ts";
import { renderDiagnostics } from "../diagnostics/render.ts";
import { checkCommand } from "./commands/check_command.ts";
import { type CliContext, type Command, EXIT, readArguments, usageOf } from "./command.ts";
import { doctorCommand } from "./commands/doctor_command.ts";
import { explainCommand } from "./commands/explain_command.ts";
import { gcCommand } from "./commands/gc_command.ts";
import { graphCommand } from "./commands/graph_command.ts";
import { newCommand } from "./commands/new_command.ts";
import { runCommand } from "./commands/run_command.ts";
import { runsCommand } from "./commands/runs_command.ts";
import { schemaCommand } from "./commands/schema_command.ts";
import { verifyCommand } from "./commands/verify_command.ts";
import { table } from "./report/words.ts";

const COMMANDS: readonly Command[] = [
  runCommand,
  checkCommand,
  explainCommand,
  graphCommand,
  runsCommand,
  verifyCommand,
  gcCommand,
  newCommand,
  schemaCommand,
  doctorCommand,
];

/** Performs the command that the words ask for and gives the exit code. */
export async function main(words: readonly string[], context: CliContext): Promise<number> {
  const [name, ...rest] = words;
  const { terminal } = context;
  const commands = [...COMMANDS, ...context.commands ?? []];
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    terminal.write(overview(commands));
    return name === undefined ? EXIT.usage : EXIT.done;
  }
  try {
    const command = commands.find((command) => command.name === name);
    if (command === undefined) {
      throw new DiagnosticsError([unknownCommand(name, commands.map((command) => command.name))]);
    }
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
