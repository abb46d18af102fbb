// Opens the tracker of a run: finds the server and the experiment, asks what would fail later, and fixes what
// addresses of models mean for the whole of the run.
import {
  type Diagnostic,
  DiagnosticsError,
  type GraphStep,
  type OpenTracker,
  type TrackerRequest,
} from "../../../engine/mod.ts";
import { StepError } from "../../../engine/plugin.ts";
import { parseAddress } from "../address.ts";
import { MlflowClient, MlflowError } from "../mlflow/client.ts";
import { writePin } from "../mlflow/pins.ts";
import { resolveAddress } from "../mlflow/resolve.ts";
import { longestValue } from "../mlflow/runs.ts";
import { mlflowSettings } from "../mlflow/settings.ts";
import { gitTags } from "./git_tags.ts";
import { parametersOf } from "./known_run.ts";
import { experimentName, isNameOfPrompt, probeServer } from "./probe.ts";
import { MlflowTracker } from "./tracker.ts";
import { serverVariables, type Variables } from "./variables.ts";
import { waitingFolder } from "./waiting.ts";

const answerWithinMs = 10_000;

/** Makes the tracker; throws DiagnosticsError where a person must mend something first. */
export const openTracker: OpenTracker = async (request) => {
  const { environment, signal, graph } = request;
  const server = serverOf(request);
  try {
    const variables = await serverVariables(environment, server);
    const settings = variables && mlflowSettings((name) => variables.sandboxed[name]);
    if (variables === undefined || settings === undefined) return undefined;
    const client = new MlflowClient(settings, signal, answerWithinMs);
    const experiment = await askServer(request, client);
    if (experiment === undefined) return undefined;
    tellLongValues(request);
    const tags = {
      ...await gitTags(graph.workflow.projectFolder),
      ...userTag(environment),
      ...tagsOf(request),
    };
    return new MlflowTracker(request, { settings, variables, experiment, tags });
  } catch (error) {
    if (error instanceof StepError) throw problem(error);
    throw error;
  }
};

/** Asks the server all that can be known before anything runs; gives the experiment's name. */
async function askServer(
  request: TrackerRequest,
  client: MlflowClient,
): Promise<string | undefined> {
  let experiment: string | undefined;
  try {
    experiment = await chosenExperiment(request, client);
    await probeServer(client, experiment);
    await refuseNamesOfPrompts(request, client);
    await pinAddresses(request, client);
  } catch (error) {
    if (!(error instanceof MlflowError) || error.remedy !== "wait") throw error;
    const what = experiment === undefined
      ? "the run is not tracked, because MLFLOW_EXPERIMENT_ID says only a number"
      : "the run goes on, and what it has to tell waits";
    request.tell(`mlflow: ${error.message}; ${what}`);
  }
  return experiment;
}

async function chosenExperiment(
  { graph, environment }: TrackerRequest,
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

/** The server that steps name; they must agree, because a run is told of to one. */
function serverOf({ graph }: TrackerRequest): string | undefined {
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

function registrations(steps: Iterable<GraphStep>): readonly GraphStep[] {
  return [...steps].filter(({ plugin }) => plugin.name === "register");
}

async function refuseNamesOfPrompts(
  { graph }: TrackerRequest,
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

/** Fixes what the addresses of models on the server mean in this run. */
async function pinAddresses(
  { graph, state }: TrackerRequest,
  client: MlflowClient,
): Promise<void> {
  const { base: server } = client.settings;
  for (const step of graph.steps.values()) {
    if (step.plugin.name !== "registered" || step.resolved.config["from"] === "local") continue;
    const text = String(step.resolved.config["model"]);
    const address = parseAddress(text);
    if (address === undefined) continue;
    try {
      const found = await resolveAddress(client, address);
      await writePin(waitingFolder(state), { server, address: text }, found);
    } catch (error) {
      if (error instanceof MlflowError && error.remedy === "none") throw problem(error, step);
      throw error;
    }
  }
}

/** MLflow cuts long values without a word. */
function tellLongValues({ graph, tell }: TrackerRequest): void {
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

function userTag(environment: TrackerRequest["environment"]): Variables {
  const user = environment("USER") ?? environment("LOGNAME") ?? environment("USERNAME");
  return user === undefined || user === "" ? {} : { "mlflow.user": user };
}

/** Tags that registrations ask for. */
function tagsOf({ graph }: TrackerRequest): Variables {
  return Object.assign(
    {},
    ...registrations(graph.steps.values()).map(({ resolved: { config } }) => config["tags"]),
  );
}

function problem({ message, hint }: StepError, step?: GraphStep): DiagnosticsError {
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
