// The dependency graph as text for other programs: Mermaid, DOT and JSON.
import type { Graph, GraphStep } from "./graph.ts";

/** Names of the formats. */
export const GRAPH_FORMATS = ["mermaid", "dot", "json"] as const;
/** A format that a graph can be rendered in. */
export type GraphFormat = (typeof GRAPH_FORMATS)[number];

/** An edge as it is drawn: data edges carry the output's name, order-only edges none. */
interface DrawnEdge {
  readonly from: string;
  readonly to: string;
  readonly output?: string;
}

/** Renders a graph, ending in a line break. */
export function renderGraph(graph: Graph, format: GraphFormat): string {
  switch (format) {
    case "mermaid":
      return mermaid(graph);
    case "dot":
      return dot(graph);
    case "json":
      return json(graph);
  }
}

function mermaid(graph: Graph): string {
  const ids = new Map([...graph.steps.keys()].map((name, index) => [name, `s${index}`]));
  const nodes = [...graph.steps.values()].map(({ name, plugin }) =>
    `  ${ids.get(name)}["${name}<br/>${plugin.name}"]`
  );
  const edges = drawnEdges(graph).map(({ from, to, output }) =>
    output === undefined
      ? `  ${ids.get(from)} -.-> ${ids.get(to)}`
      : `  ${ids.get(from)} -->|${output}| ${ids.get(to)}`
  );
  return lines(["flowchart LR", ...nodes, ...edges]);
}

function dot(graph: Graph): string {
  const text = (value: string): string => JSON.stringify(value);
  const nodes = [...graph.steps.values()].map(({ name, plugin }) =>
    `  ${text(name)} [label=${text(`${name}\n${plugin.name}`)}];`
  );
  const edges = drawnEdges(graph).map(({ from, to, output }) => {
    const style = output === undefined ? "style=dashed" : `label=${text(output)}`;
    return `  ${text(from)} -> ${text(to)} [${style}];`;
  });
  return lines([
    `digraph ${text(graph.workflow.name)} {`,
    "  rankdir=LR;",
    "  node [shape=box];",
    ...nodes,
    ...edges,
    "}",
  ]);
}

function json(graph: Graph): string {
  const steps = [...graph.steps.values()].map(({ name, plugin, condition, inputs, dependsOn }) => ({
    name,
    plugin: plugin.name,
    kind: plugin.kind,
    ...(condition === undefined ? {} : { if: condition.text }),
    inputs,
    dependsOn,
  }));
  return lines([JSON.stringify({ name: graph.workflow.name, steps }, null, 2)]);
}

function drawnEdges(graph: Graph): readonly DrawnEdge[] {
  return [...graph.steps.values()].flatMap((step) => [...dataEdges(step), ...orderEdges(step)]);
}

function dataEdges({ name, inputs }: GraphStep): readonly DrawnEdge[] {
  return inputs.map(({ from, output }) => ({ from, to: name, output }));
}

function orderEdges({ name, inputs, dependsOn }: GraphStep): readonly DrawnEdge[] {
  const carriers = new Set(inputs.map(({ from }) => from));
  return dependsOn.filter((from) => !carriers.has(from)).map((from) => ({ from, to: name }));
}

function lines(parts: readonly string[]): string {
  return `${parts.join("\n")}\n`;
}
