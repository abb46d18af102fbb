// Decides whether a run is tracked on an MLflow server, without loading anything where it is not.
import type { OpenTracker } from "../../engine/mod.ts";

// Named by a variable, because Deno reads what a literal import names before the program starts.
const OPEN = import.meta.resolve("./tracking/open.ts");

/** Tracks a run where MLFLOW_TRACKING_URI is set, or a step names a server. */
export const openMlflowTracker: OpenTracker = async (request) => {
  const { environment, graph } = request;
  const isNamed = (environment("MLFLOW_TRACKING_URI") ?? "") !== "" ||
    [...graph.steps.values()].some(({ plugin, resolved }) =>
      /^register(ed)?$/.test(plugin.name) && resolved.config["server"] !== undefined
    );
  if (!isNamed) return undefined;
  const { openTracker } = await import(OPEN) as typeof import("./tracking/open.ts");
  return await openTracker(request);
};
