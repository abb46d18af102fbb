// Joins the engine, the plugins and the page. Run as a program it is the command line; imported it is the library.
import { type CliContext, main, processTerminal } from "./engine/mod.ts";
import { builtInPlugins } from "./plugins/mod.ts";
import { libraryProbes } from "./plugins/probes.ts";
import { uiCommand } from "./ui/command.ts";

export * from "./engine/mod.ts";
export { definePlugin, monotone, path, runtimeOnly, StepError } from "./engine/plugin.ts";
export { builtInPlugins } from "./plugins/mod.ts";

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
    probes: libraryProbes,
    commands: [uiCommand],
    signal: interrupted.signal,
  };
  return await main(words, context);
}

if (import.meta.main) Deno.exit(await runProgram(Deno.args));
