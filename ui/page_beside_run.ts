// The page beside a run, as `run --ui` wants it: a server in a process of its own, because a run may not
// listen to anything. It ends with the run, also where that is killed: its standard input ends then.
import type { CliContext } from "../engine/mod.ts";
import { firstLineOf, startCairn } from "./acts/cairn_process.ts";

/** Serves the page of a state until it is disposed, and says where; a run goes on without it where it cannot. */
export async function openPage(
  { terminal }: Pick<CliContext, "terminal">,
  place: { readonly folder: string; readonly store: string },
): Promise<AsyncDisposable> {
  const words = ["ui", `--store=${place.store}`, "--while-open"];
  const child = startCairn(words, { cwd: place.folder, stdin: "piped", isListener: true });
  const begun = await firstLineOf(child);
  terminal.writeError(typeof begun === "string" ? `${begun}\n` : begun.error);
  return {
    async [Symbol.asyncDispose](): Promise<void> {
      await child.stdin.close().catch(() => {}); // it may have ended by the same Ctrl-C
      await child.status;
    },
  };
}
