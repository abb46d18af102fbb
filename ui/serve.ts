// `cairn ui`: serves the page to this machine's own browsers until interrupted.
import {
  type Arguments,
  type CliContext,
  EXIT,
  findProjectFolder,
  openState,
} from "../engine/mod.ts";
import { ownCommandLine } from "./acts/cairn_process.ts";
import { readToken } from "./access/guard.ts";
import { hostProblem, isLoopback, namesOf, welcome } from "./access/hosts.ts";
import type { PreviewRaster } from "./artifacts/raster_preview.ts";
import { makeHandler } from "./server/server.ts";
import type { Workshop } from "./acts/workshop.ts";

const USUAL_HOST = "127.0.0.1";
const ANY_PORT = 0;
const LAST_PORT = 65_535;

/** Serves the page on a port, the usual one unless told, and gives the exit code once that has ended. */
export async function serve(
  context: CliContext,
  args: Arguments,
  { usualPort, previewRaster }: {
    readonly usualPort: number;
    readonly previewRaster: PreviewRaster;
  },
): Promise<number> {
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
  const asked = args.text("host") ?? USUAL_HOST;
  const host = asked === "localhost" ? USUAL_HOST : asked;
  const names = isLoopback(host) ? undefined : namesOf(host);
  const ended = new AbortController(); // streams would keep the server from its end
  const server = listen(
    makeHandler(state, { workshop, previewRaster, ...(names === undefined ? {} : { names }) }),
    {
      host,
      ports: [args.count("port", LAST_PORT) ?? [usualPort, ANY_PORT]].flat(),
      signal: ended.signal,
      onListen: ({ port }) => terminal.write(welcome({ host, port, token })),
    },
  );
  if ("problem" in server) {
    terminal.writeError(server.problem);
    return EXIT.usage;
  }
  signal.addEventListener("abort", () => ended.abort(), { once: true });
  if (args.has("while-open")) endOfInput().then(() => ended.abort());
  await server.finished;
  return EXIT.done;
}

/** Listens on the first port that is free, or says why that cannot be. */
function listen(
  handle: (request: Request) => Promise<Response>,
  { host, ports, signal, onListen }: {
    readonly host: string;
    readonly ports: readonly number[];
    readonly signal: AbortSignal;
    readonly onListen: (address: Deno.NetAddr) => void;
  },
): Deno.HttpServer | { readonly problem: string } {
  for (const port of ports) {
    try {
      return Deno.serve({ hostname: host, port, signal, onListen }, handle);
    } catch (error) {
      if (error instanceof Deno.errors.AddrInUse) continue;
      const problem = hostProblem(host, error);
      if (problem === undefined) throw error;
      return { problem };
    }
  }
  return {
    problem: `error[port-in-use]: Port ${ports[0]} is in use\n` +
      `  hint: Name another one, or none to get a free one: cairn ui\n`,
  };
}

async function endOfInput(): Promise<void> {
  const piece = new Uint8Array(1024);
  while (await Deno.stdin.read(piece) !== null);
}
