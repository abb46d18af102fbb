// `cairn mlflow sync` as a command, and what starts it: the end of a run that left something waiting, in a
// process of its own, because a run's process may not use the network. What it does is loaded when asked for.
import { type CliContext, type Command, STORE_FLAG } from "../../engine/mod.ts";

// Named by variables, because Deno reads what a literal import names before the program starts.
const SYNC = import.meta.resolve("./mlflow/sync.ts");
const OUTBOX = import.meta.resolve("./mlflow/outbox.ts");

export const mlflowCommand: Command = {
  name: "mlflow",
  summary: "sends versions that wait for an MLflow server: mlflow sync",
  positionals: ["sync"],
  flags: {
    ...STORE_FLAG,
    once: { type: "boolean", description: "does not try again where the server does not answer" },
  },
  perform: async (context, args) => {
    const { sync } = await import(SYNC) as typeof import("./mlflow/sync.ts");
    return await sync(context, args);
  },
};

const PERMISSIONS = ["read", "write", "env", "net"].map((name) => `--allow-${name}`);

/** Sends what waits after a run, where a server is set; a failure only leaves it waiting. */
export async function sendAfterRun(context: CliContext, folder: string): Promise<void> {
  if ((context.environment("MLFLOW_TRACKING_URI") ?? "") === "") return;
  const { isAnythingWaiting } = await import(OUTBOX) as typeof import("./mlflow/outbox.ts");
  if (!await isAnythingWaiting(`${folder}/mlflow`)) return;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", ...PERMISSIONS, Deno.mainModule],
      ...["mlflow", "sync", "--once", "--store", folder],
    ],
    cwd: context.cwd,
    stdin: "null",
    signal: context.signal,
  }).output();
  // Not on the output, which may be read as JSON.
  for (const text of [stderr, stdout]) {
    context.terminal.writeError(
      new TextDecoder().decode(text).replaceAll(/^(?=.)/gm, "mlflow: "),
    );
  }
}
