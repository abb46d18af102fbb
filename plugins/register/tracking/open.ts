// Opens the tracker of a run: finds the server and the experiment, and asks what would fail later.
import type { GraphStep, OpenTracker, RunRequest } from "../../../engine/mod.ts";
import { StepError } from "../../../engine/plugin.ts";
import { MlflowClient, MlflowError } from "../mlflow/client.ts";
import { longestValue } from "../mlflow/runs.ts";
import { gitTags } from "./git_tags.ts";
import { parametersOf } from "./parameters.ts";
import { experimentName, isNameOfPrompt, probeServer } from "../mlflow/probe.ts";
import { MlflowTracker } from "./tracker.ts";
import { answerWithinMs, findServer, problem } from "./server.ts";
import type { Variables } from "../mlflow/variables.ts";

/** Makes the tracker; throws DiagnosticsError where a person must mend something first. */
export const openTracker: OpenTracker = async (request) => {
  const { environment, signal, graph } = request;
  const server = await findServer(request);
  if (server === undefined) return undefined;
  const client = new MlflowClient(server.settings, signal, answerWithinMs);
  try {
    const { experiment, failure } = await askServer(request, client);
    if (experiment === undefined) return undefined;
    tellLongValues(request);
    const tags = {
      ...await gitTags(graph.workflow.projectFolder),
      ...userTag(environment),
      ...tagsOf(request),
    };
    return new MlflowTracker(request, { ...server, experiment, tags, failure });
  } catch (error) {
    if (error instanceof StepError) throw problem(error);
    throw error;
  }
};

/** What a server answered before the run. */
interface Answer {
  /** Name of the experiment; undefined where only the server knows it. */
  readonly experiment: string | undefined;
  /** Why the server cannot be had at the moment. */
  readonly failure: MlflowError | undefined;
}

/** Asks the server all that can be known before anything runs. */
async function askServer(request: RunRequest, client: MlflowClient): Promise<Answer> {
  let experiment: string | undefined;
  try {
    experiment = await chosenExperiment(request, client);
    await probeServer(client, experiment);
    await refuseNamesOfPrompts(request, client);
  } catch (error) {
    if (!(error instanceof MlflowError) || error.remedy !== "wait") throw error;
    const what = experiment === undefined
      ? "the run is not tracked, because MLFLOW_EXPERIMENT_ID says only a number"
      : "the run goes on, and what it has to tell waits";
    request.tell(`mlflow: ${error.message}; ${what}`);
    return { experiment, failure: error };
  }
  return { experiment, failure: undefined };
}

async function chosenExperiment(
  { graph, environment }: RunRequest,
  client: MlflowClient,
): Promise<string> {
  const named = registrations(graph.steps.values()).flatMap(({ resolved: { config } }) =>
    typeof config["experiment"] === "string" ? [config["experiment"]] : []
  );
  const name = named[0] ?? environment("MLFLOW_EXPERIMENT_NAME");
  if (name !== undefined && name !== "") return name;
  const id = environment("MLFLOW_EXPERIMENT_ID") ?? "";
  return id === "" ? graph.workflow.name : await experimentName(client, id);
}

function registrations(steps: Iterable<GraphStep>): readonly GraphStep[] {
  return [...steps].filter(({ plugin }) => plugin.name === "register");
}

async function refuseNamesOfPrompts(
  { graph }: RunRequest,
  client: MlflowClient,
): Promise<void> {
  for (const step of registrations(graph.steps.values())) {
    const { name } = step.resolved.config;
    if (typeof name !== "string" || !await isNameOfPrompt(client, name)) continue;
    throw problem(
      new StepError(`On the MLflow server "${name}" is a prompt, and cannot be a model, too`, {
        hint: "Choose another name, or delete the prompt",
      }),
      step,
    );
  }
}

/** MLflow cuts long values without a word. */
function tellLongValues({ graph, tell }: RunRequest): void {
  for (const { name, resolved } of graph.steps.values()) {
    for (const [option, value] of Object.entries(parametersOf(resolved.config))) {
      if (value.length <= longestValue) continue;
      tell(
        `mlflow: ${option} of "${name}" has ${value.length} characters, of which MLflow shows ` +
          `${longestValue}; all of it is in parameters.json of the step's run`,
      );
    }
  }
}

function userTag(environment: RunRequest["environment"]): Variables {
  const user = environment("USER") ?? environment("LOGNAME") ?? environment("USERNAME");
  return user === undefined || user === "" ? {} : { "mlflow.user": user };
}

/** Tags that registrations ask for. */
function tagsOf({ graph }: RunRequest): Variables {
  return Object.assign(
    {},
    ...registrations(graph.steps.values()).map(({ resolved: { config } }) => config["tags"]),
  );
}
