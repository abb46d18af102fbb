// `cairn mlflow sync`: sends what waits for an MLflow server, and says what came of it.
import {
  type Arguments,
  type CliContext,
  DiagnosticsError,
  EXIT,
  findProjectFolder,
  stateFolder,
} from "../../../engine/mod.ts";
import { StepError } from "../../../engine/plugin.ts";
import { drain } from "./drain.ts";
import { isAnythingWaiting, openOutbox } from "./outbox.ts";
import { type MlflowSettings, mlflowSettings } from "./settings.ts";

/** Sends what waits and gives the exit code. */
export async function sync(context: CliContext, args: Arguments): Promise<number> {
  const [word] = args.positionals;
  if (word !== "sync") throw usage(`Unknown word "${word}" after mlflow`, "Write `mlflow sync`");
  const folder = stateFolder(context, args, await findProjectFolder(`${context.cwd}/any`));
  const { terminal, signal } = context;
  if (!await isAnythingWaiting(`${folder}/mlflow`)) {
    terminal.write("nothing waits for an MLflow server\n");
    return EXIT.done;
  }
  const settings = readSettings(context);
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

function readSettings({ environment }: CliContext): MlflowSettings {
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
