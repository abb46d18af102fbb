// Builds the dependency graph of a workflow: plugins, options, edges, paths, order. Reports every mistake
// that does not merely follow from another one.
import { dirname } from "node:path";
import { cycle, type CycleHop, unknownRoleOutput } from "../diagnostics/catalog.ts";
import { type Diagnostic, type Place, sortDiagnostics } from "../diagnostics/diagnostic.ts";
import type { Step, Workflow } from "../workflow/workflow.ts";
import { orderByNeeds } from "./cycle.ts";
import type { Graph, GraphInput, GraphPublication, GraphStep } from "./graph.ts";
import { Linker } from "./links.ts";
import { PathCheck } from "./paths.ts";
import { PluginLookup, type StepPlugin } from "./plugins/plugin_lookup.ts";
import type { PluginSource } from "./plugins/plugin_source.ts";
import { roleOutputs } from "./roles.ts";

/** A graph, or why there is none. */
export interface BuildResult {
  /** Absent where anything is wrong with the workflow. */
  readonly graph: Graph | undefined;
  /** Sorted by place; without those that loading the workflow gave. */
  readonly diagnostics: readonly Diagnostic[];
}

/** An edge to another step and the place that draws it. */
interface Edge {
  readonly to: string;
  readonly place: Place;
}

/**
 * Builds the graph of a workflow. A workflow with mistakes may be handed in to find the rest of them;
 * then only the diagnostics have a meaning. `cwd` is where the person stands, for hints about paths.
 */
export async function buildGraph(
  workflow: Workflow,
  plugins: PluginSource,
  cwd: string = workflow.projectFolder,
): Promise<BuildResult> {
  const problems: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic): void => void problems.push(diagnostic);
  const folder = dirname(workflow.path);
  const lookup = new PluginLookup(plugins, folder, report);
  const resolved = await lookup.resolveAll(workflow.steps);
  const steps = new Map(resolved.map((found) => [found.step.name.value, found]));
  const linker = new Linker(steps, report);
  const inputs = new Map(resolved.map((found) => [found.step.name.value, linker.inputs(found)]));
  for (const found of resolved) checkRoles(found, report);
  const edges = new Map(resolved.map(({ step }) => [step.name.value, edgesOf(step, linker)]));
  const { order, cycles } = orderByNeeds(
    [...steps.keys()],
    (name) => (edges.get(name) ?? []).map(({ to }) => to),
  );
  for (const members of cycles) report(cycleDiagnostic(members, edges));
  const paths = new PathCheck(workflow.projectFolder, [cwd, folder], report);
  const graphSteps = await assemble(order, { steps, inputs, edges, paths });
  const publish = resolvePublications(workflow, linker);
  const diagnostics = sortDiagnostics(problems);
  if (diagnostics.length > 0 || graphSteps.size < workflow.steps.length) {
    return { graph: undefined, diagnostics };
  }
  const { file, path, projectFolder, name, description, params } = workflow;
  const head = { file, path, projectFolder, name, description, params };
  const graph = { workflow: head, steps: graphSteps, consumers: consumersOf(graphSteps), publish };
  return { graph, diagnostics };
}

function edgesOf(step: Step, linker: Linker): readonly Edge[] {
  const edges = step.inputs
    .filter(({ step: from }) => linker.steps.has(from.value))
    .map(({ step: from }) => ({ to: from.value, place: from.place }));
  // Inputs were checked when they were linked; these were not.
  for (const { value, place } of step.after) {
    if (linker.step({ value, place }) !== undefined) edges.push({ to: value, place });
  }
  return edges;
}

function checkRoles({ step, resolved }: StepPlugin, report: (problem: Diagnostic) => void): void {
  if (resolved === undefined) return;
  const outputs = Object.keys(resolved.outputs);
  for (const { option, output } of roleOutputs(step.with.value)) {
    if (outputs.includes(output)) continue;
    report(unknownRoleOutput(step.with.places.at(option, "value"), output, outputs));
  }
}

function cycleDiagnostic(
  members: readonly string[],
  edges: ReadonlyMap<string, readonly Edge[]>,
): Diagnostic {
  const hops = members.flatMap((step, index): CycleHop[] => {
    const needs = members[(index + 1) % members.length] ?? step;
    const edge = edges.get(step)?.find(({ to }) => to === needs);
    return edge === undefined ? [] : [{ step, needs, place: edge.place }];
  });
  const [first, ...others] = hops;
  if (first === undefined) throw new Error("A cycle has at least one member");
  return cycle(first, others);
}

/** What is known of the steps, by name. */
interface Parts {
  readonly steps: ReadonlyMap<string, StepPlugin>;
  readonly inputs: ReadonlyMap<string, readonly GraphInput[]>;
  readonly edges: ReadonlyMap<string, readonly Edge[]>;
  readonly paths: PathCheck;
}

async function assemble(
  order: readonly string[],
  parts: Parts,
): Promise<ReadonlyMap<string, GraphStep>> {
  const graphSteps = new Map<string, GraphStep>();
  for (const name of order) {
    const { step, plugin, resolved } = parts.steps.get(name) ?? {};
    if (step === undefined || plugin === undefined || resolved === undefined) continue;
    const dependsOn = [...new Set((parts.edges.get(name) ?? []).map(({ to }) => to))];
    const paths = await parts.paths.paths(step, plugin, resolved);
    const inputs = parts.inputs.get(name) ?? [];
    const { resources, resourcesPlace, timeoutMs, seed } = step;
    graphSteps.set(name, {
      name,
      place: step.name.place,
      plugin,
      resolved,
      given: Object.keys(step.with.value),
      inputs,
      dependsOn,
      paths,
      resources,
      resourcesPlace,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      seed,
    });
  }
  return graphSteps;
}

function consumersOf(
  steps: ReadonlyMap<string, GraphStep>,
): ReadonlyMap<string, readonly string[]> {
  const consumers = new Map<string, string[]>([...steps.keys()].map((name) => [name, []]));
  for (const { name, dependsOn } of steps.values()) {
    for (const producer of dependsOn) consumers.get(producer)?.push(name);
  }
  return consumers;
}

function resolvePublications(workflow: Workflow, linker: Linker): readonly GraphPublication[] {
  // A workflow without steps has been reported; so would be every name in `publish`.
  if (workflow.steps.length === 0) return [];
  return workflow.publish.flatMap((publication) => {
    const output = linker.output(publication);
    const target = publication.target.value;
    return output === undefined ? [] : [{ target, step: publication.step.value, output }];
  });
}
