// `cairn mlflow sync` and `cairn mlflow push`: send what waits, or models that were registered without a
// server, and say what came of it.
import {
  type Arguments,
  type CliContext,
  DiagnosticsError,
  EXIT,
  findProjectFolder,
  openState,
} from "../../../engine/mod.ts";
import { StepError } from "../../../engine/plugin.ts";
import { MlflowClient } from "../mlflow/client.ts";
import { type MlflowSettings, mlflowSettings } from "../mlflow/settings.ts";
import { pushAliases, queueVersions } from "./push.ts";
import { serverVariables } from "../mlflow/variables.ts";
import { countWaiting, describeSent, sendWaiting } from "./waiting.ts";

/** Performs `mlflow sync` or `mlflow push [MODEL]` and gives the exit code. */
export async function mlflow(context: CliContext, args: Arguments): Promise<number> {
  const [word, model] = args.positionals;
  if (word !== "sync" && word !== "push") {
    throw usage(`Unknown word "${word}" after mlflow`, "Write `mlflow sync` or `mlflow push`");
  }
  if (word === "sync" && model !== undefined) {
    throw usage("`mlflow sync` sends all that waits", "Leave out the name of the model");
  }
  await using state = await openState(context, args, await findProjectFolder(`${context.cwd}/any`));
  const { terminal, signal } = context;
  if (word === "sync" && await countWaiting(state) === 0) {
    terminal.write("nothing waits for an MLflow server\n");
    return EXIT.done;
  }
  const settings = await readSettings(context);
  const request = { state, settings, signal, ...(args.has("once") ? { pausesMs: [] } : {}) };
  const client = new MlflowClient(settings, signal);
  try {
    if (word === "sync") return await send(context, request);
    const names = await queueVersions(client, state, model);
    const code = await countWaiting(state) === 0 ? EXIT.done : await send(context, request);
    if (code !== EXIT.done) return code;
    for (const line of await pushAliases(client, state, names)) terminal.write(`${line}\n`);
    return EXIT.done;
  } catch (error) {
    if (error instanceof StepError) throw usage(error.message, error.hint);
    throw error;
  }
}

async function send(
  { terminal }: CliContext,
  request: Parameters<typeof sendWaiting>[0],
): Promise<number> {
  const sent = await sendWaiting(request);
  const lines = describeSent(sent);
  for (const line of lines.trouble) terminal.writeError(`${line}\n`);
  for (const line of [...lines.sent, lines.rest]) terminal.write(`${line}\n`);
  const isRefused = sent.versions.refused.length > 0 || sent.refusedRuns.length > 0;
  return sent.waiting === 0 && !isRefused ? EXIT.done : EXIT.failed;
}

async function readSettings({ environment }: CliContext): Promise<MlflowSettings> {
  try {
    const variables = await serverVariables(environment, undefined);
    const settings = variables && mlflowSettings((name) => variables.sandboxed[name]);
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
