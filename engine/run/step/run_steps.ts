// Runs steps of a run in the order of their dependencies, each through its life.
import type { GraphStep } from "../../graph/graph.ts";
import type { Ending } from "../../schedule/plan.ts";
import { schedule } from "../../schedule/scheduler.ts";
import type { RunContext } from "../run_context.ts";
import { reportNotStarted } from "./endings.ts";
import { runStep } from "./run_step.ts";

/** Brings steps to their ends; gives the worst one. What they depend on is among them, or has ended well. */
export async function runSteps(
  context: RunContext,
  steps: readonly Pick<GraphStep, "name" | "dependsOn">[],
): Promise<Ending> {
  const { graph, keepGoing, signal } = context;
  return await schedule({
    steps,
    perform: (name, mayStart) => runStep(context, graph.steps.get(name)!, mayStart),
    onNotStarted: (name, reason) => reportNotStarted(context, name, reason),
    keepGoing,
    signal,
  });
}
