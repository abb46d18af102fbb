// The command line: joins engine, plugins and page, and loads only what the words ask for.
import { type CliContext, main, type Probe, processTerminal } from "./engine/cli.ts";
import { builtInPlugins } from "./plugins/mod.ts";
import { aliasCommand } from "./plugins/register/alias_command.ts";
import { mlflowCommand } from "./plugins/register/mlflow_command.ts";
import { openMlflowTracker, resolveModelAddresses } from "./plugins/register/run_hooks.ts";
import { type PreviewRaster, uiCommand } from "./ui/command.ts";

// Named by a variable, because Deno reads what a literal import names before the program starts.
const PROBES = import.meta.resolve("./plugins/probes.ts");

const PREVIEWS = import.meta.resolve("./plugins/geo/preview/preview.ts");

const PAGE = import.meta.resolve("./ui/page_beside_run.ts");

const openPage: NonNullable<CliContext["openPage"]> = async (context, place) => {
  const page = await import(PAGE) as typeof import("./ui/page_beside_run.ts");
  return await page.openPage(context, place);
};

async function previewRaster(
  ...given: Parameters<PreviewRaster>
): ReturnType<PreviewRaster> {
  const previews = await import(PREVIEWS) as typeof import("./plugins/geo/preview/preview.ts");
  return await previews.previewRaster(...given);
}

async function probes(): Promise<readonly Probe[]> {
  return (await import(PROBES) as typeof import("./plugins/probes.ts")).libraryProbes;
}

/** Performs a command of the command line in this process and gives its exit code. */
async function runProgram(words: readonly string[]): Promise<number> {
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort(new Error("the run was interrupted"));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, interrupt);
  }
  const context: CliContext = {
    terminal: processTerminal(),
    cwd: Deno.cwd(),
    environment: (name) => Deno.env.get(name),
    builtIn: builtInPlugins,
    probes,
    resolveAddresses: resolveModelAddresses,
    openTracker: openMlflowTracker,
    openPage,
    commands: [aliasCommand, uiCommand(previewRaster), mlflowCommand],
    signal: interrupted.signal,
  };
  return await main(words, context);
}

if (import.meta.main) Deno.exit(await runProgram(Deno.args));
