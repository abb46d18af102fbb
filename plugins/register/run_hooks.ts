// What an MLflow server has to do with a run, without loading anything where it has nothing to do with it.
import type { GraphStep, OpenTracker, ResolveAddresses, RunRequest } from "../../engine/mod.ts";

// Named by variables, because Deno reads what a literal import names before the program starts.
const TRACKER = import.meta.resolve("./tracking/open.ts");
const MEANINGS = import.meta.resolve("./tracking/meanings.ts");

/** Tracks a run where MLFLOW_TRACKING_URI is set, or a step names a server. */
export const openMlflowTracker: OpenTracker = async (request) => {
  if (!isServerNamed(request)) return undefined;
  const { openTracker } = await import(TRACKER) as typeof import("./tracking/open.ts");
  return await openTracker(request);
};

/** Finds out what addresses of models on a server mean. */
export const resolveModelAddresses: ResolveAddresses = async (request) => {
  const steps = [...request.graph.steps.values()];
  const isAsking = ({ plugin, resolved: { config } }: GraphStep): boolean =>
    plugin.name === "registered" && config["from"] !== "local";
  if (!steps.some(isAsking) || !isServerNamed(request)) return request.graph;
  const { resolveOnServer } = await import(MEANINGS) as typeof import("./tracking/meanings.ts");
  return await resolveOnServer(request);
};

function isServerNamed({ environment, graph }: RunRequest): boolean {
  return (environment("MLFLOW_TRACKING_URI") ?? "") !== "" ||
    [...graph.steps.values()].some(({ plugin, resolved }) =>
      /^register(ed)?$/.test(plugin.name) && resolved.config["server"] !== undefined
    );
}
