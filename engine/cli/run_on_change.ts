// `run --watch`: runs a workflow again whenever something changes that decides how the run ends.
import { relative, resolve } from "node:path";
import { cannotWatch } from "../diagnostics/catalog.ts";
import { DiagnosticsError } from "../diagnostics/diagnostic.ts";
import { renderDiagnostics } from "../diagnostics/render.ts";
import { ChangeWatch } from "../run/watch/change_watch.ts";
import { pathsOfMistakes, type WatchedPaths, watchedPaths } from "../run/watch/watched_paths.ts";
import { findProjectFolder } from "../workflow/source.ts";
import { type Arguments, type CliContext, EXIT } from "./command.ts";
import { type OpenRun, stateFolder } from "./open_workflow.ts";
import { count } from "./report/words.ts";

/** One run of the workflow; `onOpened` is called before anything runs. */
export type RunOnce = (
  context: CliContext,
  round: {
    readonly isFirst: boolean;
    readonly onOpened: (opened: OpenRun) => Promise<void>;
  },
) => Promise<unknown>;

/** Runs until the person wants no more; a run that goes on when something changes is cut short. */
export async function runOnChange(
  context: CliContext,
  args: Arguments,
  runOnce: RunOnce,
): Promise<number> {
  using watch = new ChangeWatch();
  const report = new WatchReport(context, args);
  const workflow = resolve(context.cwd, args.positionals[0] ?? "");
  let paths: WatchedPaths = { files: new Set([workflow]), folders: [], ignored: [] };
  follow(watch, paths);
  for (let isFirst = true; !context.signal.aborted; isFirst = false) {
    watch.forget();
    const changing = new Changing(watch, context.signal);
    const onOpened = async ({ graph, state }: OpenRun): Promise<void> => {
      paths = await watchedPaths(graph, state);
      follow(watch, paths);
      report.mended();
    };
    const { signal } = changing;
    try {
      await runOnce({ ...context, signal }, { isFirst, onOpened });
      if (!signal.aborted) report.waiting(paths);
    } catch (error) {
      const isOver = signal.aborted && error === signal.reason;
      if (!isOver && !(error instanceof DiagnosticsError)) throw error;
      if (!isOver && error instanceof DiagnosticsError) {
        report.mistakes(error);
        follow(watch, await placesOfMistakes(context, args, paths.ignored));
      }
    }
    report.changed(await changing.paths);
  }
  return EXIT.interrupted;
}

/** The next change, which ends what goes on; nothing where the person ends the program before. */
class Changing {
  readonly #changed = new AbortController();
  readonly signal: AbortSignal;
  readonly paths: Promise<readonly string[]>;

  constructor(watch: ChangeWatch, interrupted: AbortSignal) {
    this.signal = AbortSignal.any([interrupted, this.#changed.signal]);
    this.paths = watch.next(interrupted).then((paths) => {
      this.#changed.abort(new Error("something changed"));
      return paths;
    }, () => []);
  }
}

async function placesOfMistakes(
  context: CliContext,
  args: Arguments,
  ignored: readonly string[] = [],
): Promise<WatchedPaths> {
  const workflow = resolve(context.cwd, args.positionals[0] ?? "");
  const project = await findProjectFolder(workflow);
  return pathsOfMistakes(workflow, project, [...ignored, stateFolder(context, args, project)]);
}

/** Begins to watch; throws DiagnosticsError where the system watches no more. */
function follow(watch: ChangeWatch, paths: WatchedPaths): void {
  try {
    watch.follow(paths);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new DiagnosticsError([cannotWatch(error.message)]);
  }
}

/** Says what goes on between runs, to people only. */
class WatchReport {
  readonly #isQuiet: boolean;
  #mistakes = "";

  constructor(private readonly context: CliContext, args: Arguments) {
    this.#isQuiet = args.has("json");
  }

  waiting({ files, folders }: WatchedPaths): void {
    const alone = [...files].filter((path) => !folders.includes(path)).length;
    const parts = [count(alone, "file")];
    if (folders.length > 0) parts.push(count(folders.length, "folder"));
    this.#say(`watching   ${parts.join(" and ")}; Ctrl-C ends`);
  }

  changed([first, ...others]: readonly string[]): void {
    if (first === undefined || this.#mistakes !== "") return;
    const more = others.length === 0 ? "" : ` and ${others.length} more`;
    this.#say(`\nchanged    ${relative(this.context.cwd, first)}${more}`);
  }

  /** Tells of mistakes, once as long as they stay the same. */
  mistakes({ diagnostics }: DiagnosticsError): void {
    const { terminal } = this.context;
    const text = renderDiagnostics(diagnostics, { color: terminal.hasColor });
    if (text === this.#mistakes) return;
    this.#mistakes = text;
    terminal.writeError(text);
    this.#say("watching   the project, until this is mended; Ctrl-C ends");
  }

  mended(): void {
    if (this.#mistakes !== "") this.#say("\nmended");
    this.#mistakes = "";
  }

  #say(line: string): void {
    if (!this.#isQuiet) this.context.terminal.write(`${line}\n`);
  }
}
