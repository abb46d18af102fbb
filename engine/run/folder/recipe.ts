// What a run was asked to do, written beside its journal before anything starts: for each step its
// options, its ports and the edges between them. The page shows it also for steps that never ran.
import type { Graph, GraphInput, GraphStep } from "../../graph/graph.ts";
import type { JsonObject } from "../../workflow/workflow.ts";

/** A step as it was asked for. */
export interface RecipeStep {
  /** Options with defaults. */
  readonly config: JsonObject;
  /** Names of the options that the workflow gives; the others are defaults. */
  readonly given: readonly string[];
  readonly inputs: readonly GraphInput[];
  /** Artifact type per output port. */
  readonly outputs: Readonly<Record<string, string>>;
}

/** All steps of a run by name. */
export interface Recipe {
  readonly description: string;
  /** Parameters of the workflow with their values. */
  readonly params: JsonObject;
  readonly steps: Readonly<Record<string, RecipeStep>>;
}

/** Writes down what a graph asks for. */
export function recipeOf({ workflow, steps }: Graph): Recipe {
  return {
    description: workflow.description,
    params: workflow.params,
    steps: Object.fromEntries([...steps].map(([name, step]) => [name, recipeStep(step)])),
  };
}

function recipeStep({ given, resolved, inputs }: GraphStep): RecipeStep {
  return {
    config: resolved.config,
    given,
    inputs,
    outputs: Object.fromEntries(
      Object.entries(resolved.outputs).map(([port, { type }]) => [port, type]),
    ),
  };
}

/** Reads a run's recipe; undefined for runs that were killed before it was whole. */
export async function readRecipe(path: string): Promise<Recipe | undefined> {
  const text = await Deno.readTextFile(path).catch(() => undefined);
  try {
    return text === undefined ? undefined : JSON.parse(text) as Recipe; // written by runWorkflow
  } catch {
    return undefined; // torn
  }
}
