// Messages about the command line and about this machine.
import type { Diagnostic, Place } from "../diagnostic.ts";
import type { DiskProblem } from "../disk_problem.ts";
import { quote, quoteList, suggestion } from "../suggest.ts";

/** A command that does not exist. */
export function unknownCommand(word: string, commands: readonly string[]): Diagnostic {
  return usage(
    "unknown-command",
    `Unknown command ${quote(word)}`,
    suggestion(word, commands, "Commands"),
  );
}

/** An option that the command does not have. */
export function unknownFlag(
  flag: string,
  options: { readonly command: string; readonly known: readonly string[] },
): Diagnostic {
  const message = `Unknown option ${quote(flag)} for command ${quote(options.command)}`;
  return usage("unknown-flag", message, suggestion(flag, options.known, "Options"));
}

/** An option without the value that it needs, or with one that does not fit. */
export function badFlagValue(flag: string, wanted: string): Diagnostic {
  return usage("bad-flag-value", `Option ${quote(flag)} needs ${wanted}`, undefined);
}

/** Too few or too many words after a command. */
export function wrongArguments(command: string, usageLine: string): Diagnostic {
  return usage(
    "wrong-arguments",
    `Cannot understand the arguments of ${quote(command)}`,
    `Usage: ${usageLine}`,
  );
}

/** Something that `new` cannot make. */
export function unknownNew(word: string, kinds: readonly string[]): Diagnostic {
  const hint = suggestion(word, kinds, "It makes");
  return usage("unknown-kind", `Cannot make a new ${quote(word)}`, hint);
}

/** A name that new files cannot have; `meant` is the nearest one that they can, or empty. */
export function unfitName(name: string, meant: string): Diagnostic {
  const message = `${quote(name)} cannot be a name: it must be lower-case words joined by "-"`;
  const hint = meant === "" ? 'Choose one such as "word-count"' : `Write ${quote(meant)}`;
  return usage("unfit-name", message, hint);
}

/** The name of a plugin that comes with cairn. */
export function nameTaken(name: string): Diagnostic {
  const message = `A plugin ${quote(name)} comes with cairn already`;
  return usage(
    "name-taken",
    message,
    "Choose another name, so that nobody mistakes one for the other",
  );
}

/** Files that would be written over. */
export function filesExist(paths: readonly string[]): Diagnostic {
  const are = paths.length === 1 ? "exists" : "exist";
  const message = `Nothing was written: ${quoteList(paths)} ${are} already`;
  return usage("file-exists", message, "Choose another name, or move what is there");
}

/** A step named on the command line that the workflow does not have. */
export function unknownStepName(word: string, steps: readonly string[]): Diagnostic {
  return usage("unknown-step", `Unknown step ${quote(word)}`, suggestion(word, steps, "Steps"));
}

/** A step that one flag names and `--only` leaves out. */
export function leftOut(step: string, flag: string): Diagnostic {
  const message = `Option ${quote(flag)} names step ${quote(step)}, which --only leaves out`;
  return usage("step-left-out", message, `Leave out ${flag}, or add --only ${step}`);
}

/** A run that is not among the recorded ones. */
export function unknownRun(word: string, runs: readonly string[]): Diagnostic {
  return usage("unknown-run", `Unknown run ${quote(word)}`, suggestion(word, runs, "Latest runs"));
}

/** A run that cannot be deleted yet. */
export function runGoesOn(run: string): Diagnostic {
  return usage("run-goes-on", `Run ${quote(run)} goes on`, "Stop it, or wait until it has ended");
}

/** A store that cannot be opened. */
export function unusableStore(folder: string, problem: string): Diagnostic {
  const hint = "Choose another folder with --store";
  return usage("unusable-store", `Cannot use the store ${quote(folder)}: ${problem}`, hint);
}

/** A store that the disk or the operating system keeps us from opening. */
export function storeProblem(folder: string, problem: DiskProblem): Diagnostic {
  const message = `Cannot use the store ${quote(folder)}: ${problem.message}`;
  return usage("unusable-store", message, problem.hint);
}

/** A store that several machines might share. */
export function networkStore(folder: string, kind: string): Diagnostic {
  const message = `Cannot keep the store ${quote(folder)} on a network file system (${kind}): ` +
    "its locks are not reliable between machines";
  return usage("network-store", message, "Keep it on a disk of this machine: --store DIR");
}

/** A remote store whose address cannot be used; `source` is the flag or variable that gave it. */
export function badRemote(
  address: string,
  { source, problem, hint }: {
    readonly source: string;
    readonly problem: string;
    readonly hint: string;
  },
): Diagnostic {
  const message = `Cannot use the remote store ${quote(address)} of ${source}: ${problem}`;
  return usage("bad-remote", message, hint);
}

/** A remote store, or a result there, that cannot be used; what is asked for goes on without. */
export function remoteWarning(
  { remote, message, hint }: {
    readonly remote: string;
    readonly message: string;
    readonly hint?: string;
  },
): Diagnostic {
  const problem = usage("remote", `${message} (${quote(remote)})`, hint);
  return { ...problem, severity: "warning" };
}

/** A disk that refused in the middle of the work. */
export function diskFailure({ message, hint }: DiskProblem): Diagnostic {
  return usage("disk-failure", message, hint);
}

/** A system that tells of no more changes of files. */
export function cannotWatch(why: string): Diagnostic {
  const hint = "Raise the limit fs.inotify.max_user_watches, or run without --watch";
  return usage("cannot-watch", `Cannot watch the workflow's files: ${why}`, hint);
}

/** A step that asks for more than this machine has. */
export function moreThanMachine(
  step: string,
  options: {
    readonly wanted: string;
    readonly present: string;
    readonly place: Place;
    readonly isGpu: boolean;
  },
): Diagnostic {
  return {
    severity: "error",
    code: "not-enough-resources",
    message: `Step ${quote(step)} asks for ${options.wanted}, this machine has ${options.present}`,
    place: options.place,
    notes: [],
    hint: options.isGpu
      ? "GPUs are those of NVIDIA that nvidia-smi lists, which comes with the driver: install it, or use " +
        "another device"
      : "Ask for less in resources, or run on a larger machine",
  };
}

function usage(code: string, message: string, hint: string | undefined): Diagnostic {
  return { severity: "error", code, message, notes: [], ...(hint === undefined ? {} : { hint }) };
}
