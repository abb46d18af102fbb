// Which MLflow server a run has to do with, and what people are told where that cannot be right.
import {
  type Diagnostic,
  DiagnosticsError,
  type GraphStep,
  type RunRequest,
} from "../../../engine/mod.ts";
import { StepError } from "../../../engine/plugin.ts";
import { type MlflowSettings, mlflowSettings } from "../mlflow/settings.ts";
import { type ServerVariables, serverVariables } from "../mlflow/variables.ts";

/** How long an answer may take before a run begins. */
export const answerWithinMs = 10_000;

/** A server, and how steps reach it. */
export interface Server {
  readonly settings: MlflowSettings;
  readonly variables: ServerVariables;
}

/** Finds the server; undefined where none is named, throws DiagnosticsError for what cannot be used. */
export async function findServer(request: RunRequest): Promise<Server | undefined> {
  const named = serverOf(request);
  try {
    const variables = await serverVariables(request.environment, named);
    const settings = variables && mlflowSettings((name) => variables.sandboxed[name]);
    return variables && settings && { settings, variables };
  } catch (error) {
    if (error instanceof StepError) throw problem(error);
    throw error;
  }
}

/** The server that steps name; they must agree, because a run is told of to one. */
function serverOf({ graph }: RunRequest): string | undefined {
  const naming = [...graph.steps.values()].flatMap((step) => {
    const server = step.resolved.config["server"];
    return isOurs(step) && typeof server === "string" ? [{ step, server }] : [];
  });
  const [first] = naming;
  const other = naming.find(({ server }) => server !== first?.server);
  if (other === undefined) return first?.server;
  throw problem(
    new StepError(`"${other.step.name}" names another MLflow server than "${first?.step.name}"`, {
      hint: "A run has one server: give both steps the same one",
    }),
    other.step,
  );
}

function isOurs({ plugin }: GraphStep): boolean {
  return plugin.name === "register" || plugin.name === "registered";
}

/** A failure in words, at its step where it has one. */
export function problem({ message, hint }: StepError, step?: GraphStep): DiagnosticsError {
  const diagnostic: Diagnostic = {
    severity: "error",
    code: "mlflow",
    message,
    notes: [],
    ...(hint === undefined ? {} : { hint }),
    ...(step === undefined ? {} : { place: step.place }),
  };
  return new DiagnosticsError([diagnostic]);
}
