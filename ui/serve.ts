// `cairn ui`: serves the page to this machine's own browsers until interrupted.
import {
  type Arguments,
  type CliContext,
  EXIT,
  findProjectFolder,
  openState,
} from "../engine/mod.ts";
import { ownCommandLine } from "./cairn_process.ts";
import { readToken } from "./guard.ts";
import { makeHandler } from "./server.ts";
import type { Workshop } from "./workshop.ts";

const HOST = "127.0.0.1";

/** Serves the page on a port and gives the exit code once that has ended. */
export async function serve(context: CliContext, args: Arguments, port: number): Promise<number> {
  const { terminal, cwd, signal } = context;
  const folder = await findProjectFolder(`${cwd}/any`);
  await using state = await openState(context, args, folder);
  const token = await readToken(state.folder);
  const workshop: Workshop = {
    folder,
    store: state.folder,
    token,
    builtIn: context.builtIn,
    environment: context.environment,
    cairn: ownCommandLine(folder),
  };
  const ended = new AbortController(); // streams would keep the server from its end
  const options = {
    hostname: HOST,
    port,
    signal: ended.signal,
    onListen: (): void => terminal.write(`Open http://${HOST}:${port}/#token=${token}\n`),
  };
  try {
    const server = Deno.serve(options, makeHandler(state, workshop));
    signal.addEventListener("abort", () => ended.abort(), { once: true });
    await server.finished;
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    terminal.writeError(
      `error[port-in-use]: Port ${port} is in use\n` +
        `  hint: Name another one: cairn ui --port ${port + 1}\n`,
    );
    return EXIT.usage;
  }
  return EXIT.done;
}
