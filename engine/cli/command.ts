// What a command of the command line is, and how its arguments are read.
import { parseArgs } from "node:util";
import { badFlagValue, unknownFlag, wrongArguments } from "../diagnostics/catalog.ts";
import { type Diagnostic, DiagnosticsError } from "../diagnostics/diagnostic.ts";
import type { BuiltInPlugin } from "../graph/plugins/registry.ts";
import type { Environment } from "../run/process/sandbox.ts";
import type { OpenTracker, ResolveAddresses } from "../run/tracker.ts";
import type { Terminal } from "./report/terminal.ts";

/** Ends of a program, as the shell sees them. */
export const EXIT = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** Something that `doctor` looks at. */
export interface Probe {
  readonly name: string;
  /** Says what was found; rejects where it does not work. */
  readonly look: () => Promise<string>;
}

/** What commands work with. */
export interface CliContext {
  readonly terminal: Terminal;
  readonly cwd: string;
  readonly environment: Environment;
  readonly builtIn: readonly BuiltInPlugin[];
  readonly probes: () => Promise<readonly Probe[]>;
  /** Finds out what addresses outside mean before a run or a forecast. */
  readonly resolveAddresses?: ResolveAddresses;
  /** Makes what follows a run from outside, where that is asked for. */
  readonly openTracker?: OpenTracker;
  /** Commands beside the engine's own. */
  readonly commands?: readonly Command[];
  /** Serves the page of a state until it is disposed, and says where; absent where there is no page. */
  readonly openPage?: (
    context: CliContext,
    place: { readonly folder: string; readonly store: string },
  ) => Promise<AsyncDisposable>;
  /** Aborted when the person wants the program to stop. */
  readonly signal: AbortSignal;
}

interface Flag {
  readonly type: "boolean" | "string";
  readonly multiple?: boolean;
  /** Stands for the value in the usage line. */
  readonly value?: string;
  readonly description: string;
}

/** One word after `cairn`. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Positional arguments: `[RUN]` for an optional one. */
  readonly positionals: readonly string[];
  readonly flags: Readonly<Record<string, Flag>>;
  readonly perform: (context: CliContext, args: Arguments) => Promise<number>;
}

/** Arguments of a command, already checked against its flags. */
export class Arguments {
  constructor(
    readonly positionals: readonly string[],
    private readonly values: Readonly<Record<string, unknown>>,
  ) {}

  has(flag: string): boolean {
    return this.values[flag] === true;
  }

  text(flag: string): string | undefined {
    const value = this.values[flag];
    return typeof value === "string" ? value : undefined;
  }

  texts(flag: string): readonly string[] {
    const value = this.values[flag];
    return Array.isArray(value) ? value as string[] : [];
  }

  /** A whole number from 1 to `most`; throws DiagnosticsError for anything else. */
  count(flag: string, most = 999_999): number | undefined {
    const text = this.text(flag);
    if (text === undefined) return undefined;
    if (/^[1-9]\d{0,5}$/.test(text) && Number(text) <= most) return Number(text);
    throw new DiagnosticsError([
      badFlagValue(`--${flag}`, `a whole number from 1 to ${most}, not "${text}"`),
    ]);
  }
}

/** Usage line of a command. */
export function usageOf(command: Command): string {
  const flags = Object.entries(command.flags).map(([name, flag]) => {
    const text = flag.value === undefined ? `--${name}` : `--${name} ${flag.value}`;
    return flag.multiple ? `[${text}]…` : `[${text}]`;
  });
  return ["cairn", command.name, ...command.positionals, ...flags].join(" ");
}

/** Reads the words after a command's name; throws DiagnosticsError with every problem. */
export function readArguments(command: Command, words: readonly string[]): Arguments {
  const options = Object.fromEntries(
    Object.entries(command.flags).map(([name, { type, multiple }]) => [
      name,
      { type, multiple: multiple ?? false },
    ]),
  );
  const { values, positionals, tokens } = parseArgs({
    args: [...words],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const known = Object.keys(command.flags).map((name) => `--${name}`);
  const problems: Diagnostic[] = tokens.flatMap((token) => {
    if (token.kind !== "option") return [];
    const flag = command.flags[token.name];
    if (flag === undefined) return [unknownFlag(token.rawName, { command: command.name, known })];
    if (flag.type === "string" && token.value === undefined) {
      return [badFlagValue(token.rawName, `a value: ${flag.value ?? "VALUE"}`)];
    }
    if (flag.type === "boolean" && token.value !== undefined) {
      return [badFlagValue(token.rawName, "no value")];
    }
    return [];
  });
  const required = command.positionals.filter((name) => !name.startsWith("[")).length;
  if (positionals.length < required || positionals.length > command.positionals.length) {
    problems.push(wrongArguments(command.name, usageOf(command)));
  }
  if (problems.length > 0) throw new DiagnosticsError(problems);
  return new Arguments(positionals, values);
}
