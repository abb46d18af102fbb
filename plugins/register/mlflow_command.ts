// `cairn mlflow sync`: sends what waits for an MLflow server. The end of a run that left something waiting
// starts it in a process of its own, because a run's process may not use the network.
import {
  type Arguments,
  type CliContext,
  type Command,
  DiagnosticsError,
  EXIT,
  findProjectFolder,
  stateFolder,
  STORE_FLAG,
} from "../../engine/mod.ts";
import { StepError } from "../../engine/plugin.ts";
import type { MlflowSettings } from "./mlflow/settings.ts";

// Named by variables, because Deno reads what a literal import names before the program starts.
const DRAIN = import.meta.resolve("./mlflow/drain.ts");
const OUTBOX = import.meta.resolve("./mlflow/outbox.ts");
const SETTINGS = import.meta.resolve("./mlflow/settings.ts");

export const mlflowCommand: Command = {
  name: "mlflow",
  summary: "sends versions that wait for an MLflow server: mlflow sync",
  positionals: ["sync"],
  flags: {
    ...STORE_FLAG,
    once: { type: "boolean", description: "does not try again where the server does not answer" },
  },
  perform: sync,
};

async function sync(context: CliContext, args: Arguments): Promise<number> {
  const [word] = args.positionals;
  if (word !== "sync") throw usage(`Unknown word "${word}" after mlflow`, "Write `mlflow sync`");
  const folder = stateFolder(context, args, await findProjectFolder(`${context.cwd}/any`));
  const { isAnythingWaiting, openOutbox } = await import(
    OUTBOX
  ) as typeof import("./mlflow/outbox.ts");
  const { terminal, signal } = context;
  if (!await isAnythingWaiting(`${folder}/mlflow`)) {
    terminal.write("nothing waits for an MLflow server\n");
    return EXIT.done;
  }
  const settings = await readSettings(context);
  const { drain } = await import(DRAIN) as typeof import("./mlflow/drain.ts");
  using outbox = await openOutbox(`${folder}/mlflow`);
  const registry = `${folder}/registry`;
  const pauses = args.has("once") ? { pausesMs: [] } : {};
  const drained = await drain(outbox, { settings, registry, signal, ...pauses });
  const { delivered, refused, waiting, stopped } = drained;
  for (const { name, version } of delivered.values()) {
    terminal.write(`sent "${name}" as version ${version}\n`);
  }
  for (const { folder, error } of refused) {
    terminal.writeError(`set aside as ${folder}: ${error.message}\n`);
  }
  if (stopped !== undefined) {
    const hint = stopped.hint === undefined ? "" : `  hint: ${stopped.hint}\n`;
    terminal.writeError(`${stopped.message}\n${hint}`);
  }
  terminal.write(waiting === 0 ? "nothing waits any more\n" : `${waiting} still waiting\n`);
  return waiting === 0 && refused.length === 0 ? EXIT.done : EXIT.failed;
}

async function readSettings({ environment }: CliContext): Promise<MlflowSettings> {
  const { mlflowSettings } = await import(SETTINGS) as typeof import("./mlflow/settings.ts");
  try {
    const settings = mlflowSettings(environment);
    if (settings !== undefined) return settings;
  } catch (error) {
    if (error instanceof StepError) throw usage(error.message, error.hint);
    throw error;
  }
  throw usage("MLFLOW_TRACKING_URI is not set", "Set it to the address of the MLflow server");
}

function usage(message: string, hint: string | undefined): DiagnosticsError {
  const advice = hint === undefined ? {} : { hint };
  return new DiagnosticsError([{
    severity: "error",
    code: "mlflow",
    message,
    notes: [],
    ...advice,
  }]);
}

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
