// Parts of a graph: what a step needs, what depends on it.
import type { Graph } from "./graph.ts";

/** The named steps and all that they need. */
export function withAncestors(graph: Graph, names: readonly string[]): ReadonlySet<string> {
  return reach(names, (name) => graph.steps.get(name)?.dependsOn ?? []);
}

/** The named steps and all that depends on them. */
export function withDescendants(graph: Graph, names: readonly string[]): ReadonlySet<string> {
  return reach(names, (name) => graph.consumers.get(name) ?? []);
}

/** The graph of some steps only; they must include all that they need. */
export function restrictTo(graph: Graph, names: ReadonlySet<string>): Graph {
  return {
    ...graph,
    steps: new Map([...graph.steps].filter(([name]) => names.has(name))),
    consumers: new Map(
      [...graph.consumers].filter(([name]) => names.has(name))
        .map(([name, consumers]) => [name, consumers.filter((consumer) => names.has(consumer))]),
    ),
    publish: graph.publish.filter(({ step }) => names.has(step)),
  };
}

function reach(
  names: readonly string[],
  next: (name: string) => readonly string[],
): ReadonlySet<string> {
  const reached = new Set(names);
  for (const name of reached) for (const other of next(name)) reached.add(other);
  return reached;
}
