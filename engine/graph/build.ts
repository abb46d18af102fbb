// Builds the dependency graph of a workflow: plugins, options, edges, paths, order. Reports every mistake
// that does not merely follow from another one.
import { dirname } from "node:path";
import {
  cycle,
  type CycleHop,
  exitCodeOfPlugin,
  unknownRoleOutput,
} from "../diagnostics/catalog.ts";
import { type Diagnostic, type Place, sortDiagnostics } from "../diagnostics/diagnostic.ts";
import type { Workflow } from "../workflow/workflow.ts";
import { orderByNeeds } from "./edges/cycle.ts";
import { consumersOf, type Graph, type GraphPublication, type GraphStep } from "./graph.ts";
import { type LinkedStep, reportLeaks } from "./edges/leaks.ts";
import { type Connections, type Edge, Linker } from "./edges/links.ts";
import { PathCheck } from "./options/paths.ts";
import type { PluginLock } from "./plugins/plugin_lock.ts";
import { PluginLookup, type StepPlugin } from "./plugins/plugin_lookup.ts";
import type { PluginSource } from "./plugins/plugin_source.ts";
import { roleOutputs } from "./options/roles.ts";
import { checkSecrets, secretsOf } from "./options/secrets.ts";

/** A graph, or why there is none. */
export interface BuildResult {
  /** Absent where anything is wrong with the workflow. */
  readonly graph: Graph | undefined;
  /** Sorted by place; without those that loading the workflow gave. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Builds the graph of a workflow. A workflow with mistakes may be handed in to find the rest of them;
 * then only the diagnostics have a meaning. `cwd` is where the person stands, for hints about paths; `lock`
 * says which plugins from elsewhere are trusted.
 */
export async function buildGraph(
  workflow: Workflow,
  plugins: PluginSource,
  { cwd, lock }: { readonly cwd: string; readonly lock: PluginLock },
): Promise<BuildResult> {
  const problems: Diagnostic[] = [];
  const report = (diagnostic: Diagnostic): void => void problems.push(diagnostic);
  const folder = dirname(workflow.path);
  const lookup = new PluginLookup(plugins, { cwd, lock }, report);
  const resolved = await lookup.resolveAll(workflow.steps);
  const steps = new Map(resolved.map((found) => [found.step.name.value, found]));
  const linker = new Linker(steps, report);
  const connections = new Map(
    resolved.map((found) => [found.step.name.value, linker.connect(found)]),
  );
  const edges = (name: string): readonly Edge[] => connections.get(name)?.edges ?? [];
  for (const found of resolved) {
    checkRoles(found, report);
    checkRetry(found, report);
    checkSecrets(found, workflow.secrets, report);
  }
  for (const reference of workflow.groupOutputs) linker.outputs(reference);
  const { order, cycles } = orderByNeeds(
    [...steps.keys()],
    (name) => edges(name).map(({ to }) => to),
  );
  reportCycles(cycles, edges, report);
  reportLeaks(order, linked(steps, connections), report);
  const paths = new PathCheck(workflow.projectFolder, [cwd, folder], report);
  const graphSteps = assemble(order, { steps, connections, paths });
  const publish = resolvePublications(workflow, linker);
  const diagnostics = sortDiagnostics(problems);
  if (diagnostics.length > 0 || graphSteps.size < workflow.steps.length) {
    return { graph: undefined, diagnostics };
  }
  const { inputs: _, steps: __, groupOutputs: ___, publish: ____, trust: _____, ...head } =
    workflow;
  const graph = { workflow: head, steps: graphSteps, consumers: consumersOf(graphSteps), publish };
  return { graph, diagnostics };
}

function linked(
  steps: ReadonlyMap<string, StepPlugin>,
  connections: ReadonlyMap<string, Connections>,
): ReadonlyMap<string, LinkedStep> {
  return new Map(
    [...steps].map(([name, step]) => {
      return [name, { ...step, connections: connections.get(name) ?? { inputs: [], edges: [] } }];
    }),
  );
}

function checkRoles({ step, resolved }: StepPlugin, report: (problem: Diagnostic) => void): void {
  if (resolved === undefined) return;
  const outputs = Object.keys(resolved.outputs);
  for (const { option, output } of roleOutputs(step.with.value)) {
    if (outputs.includes(output)) continue;
    const place = namedIn(step.with.places.at(option, "value"), output);
    report(unknownRoleOutput(place, output, outputs));
  }
}

/** Only programs have exit codes that mean something. */
function checkRetry(
  { step: { retry }, plugin, resolved }: StepPlugin,
  report: (problem: Diagnostic) => void,
): void {
  const code = retry?.value.on.find((failure) => typeof failure === "number");
  const isProgram = plugin === undefined || resolved === undefined ||
    resolved.command !== undefined;
  if (retry === undefined || code === undefined || isProgram) return;
  report(exitCodeOfPlugin(retry.place, code, plugin.name));
}

/** Where an expression in a value names an output; the whole value where it is not written in these words. */
function namedIn(value: Place, output: string): Place {
  const { file, span } = value;
  const source = file.text.slice(span.start, span.end);
  const before = new RegExp(`\\boutputs\\s*\\.\\s*(?=${output}(?![\\w-]))`).exec(source);
  if (before === null) return value;
  const start = span.start + before.index + before[0].length;
  return { file, span: { start, end: start + output.length } };
}

/** Reports each cycle; those that the steps of a matrix draw at the same place, once. */
function reportCycles(
  cycles: readonly (readonly string[])[],
  edges: (step: string) => readonly Edge[],
  report: (problem: Diagnostic) => void,
): void {
  const reported = new Set<number | undefined>();
  for (const members of cycles) {
    const diagnostic = cycleDiagnostic(members, edges);
    const start = diagnostic.place?.span.start;
    if (!reported.has(start)) report(diagnostic);
    reported.add(start);
  }
}

function cycleDiagnostic(
  members: readonly string[],
  edges: (step: string) => readonly Edge[],
): Diagnostic {
  const hops = members.flatMap((step, index): CycleHop[] => {
    const needs = members[(index + 1) % members.length] ?? step;
    const edge = edges(step).find(({ to }) => to === needs);
    return edge === undefined ? [] : [{ step, needs, place: edge.place }];
  });
  const [first, ...others] = hops;
  if (first === undefined) throw new Error("A cycle has at least one member");
  return cycle(first, others);
}

/** What is known of the steps, by name. */
interface Parts {
  readonly steps: ReadonlyMap<string, StepPlugin>;
  readonly connections: ReadonlyMap<string, Connections>;
  readonly paths: PathCheck;
}

function assemble(
  order: readonly string[],
  parts: Parts,
): ReadonlyMap<string, GraphStep> {
  const graphSteps = new Map<string, GraphStep>();
  for (const name of order) {
    const { step, plugin, resolved } = parts.steps.get(name) ?? {};
    if (step === undefined || plugin === undefined || resolved === undefined) continue;
    const { inputs, condition, edges } = parts.connections.get(name) ??
      { inputs: [], condition: undefined, edges: [] };
    const dependsOn = edges.length < 2
      ? edges.map(({ to }) => to)
      : [...new Set(edges.map(({ to }) => to))];
    const paths = parts.paths.paths(step, plugin, resolved);
    const secrets = secretsOf(resolved);
    const { combination, resources, resourcesPlace, timeoutMs, retry, seed } = step;
    graphSteps.set(name, {
      name,
      place: step.name.place,
      ...(combination === undefined ? {} : { combination }),
      plugin,
      resolved,
      given: Object.keys(step.with.value),
      inputs,
      dependsOn,
      paths,
      ...(secrets.length === 0 ? {} : { secrets }),
      resources,
      resourcesPlace,
      ...(condition === undefined ? {} : { condition }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(retry === undefined ? {} : { retry: retry.value }),
      seed,
    });
  }
  return graphSteps;
}

function resolvePublications(workflow: Workflow, linker: Linker): readonly GraphPublication[] {
  // A workflow without steps has been reported; so would be every name in `publish`.
  if (workflow.steps.length === 0) return [];
  const wrong = new Set<number>();
  return workflow.publish.flatMap((publication) => {
    const target = publication.target.value;
    const { start } = publication.target.place.span;
    // What is wrong with one step of a matrix is most often wrong with all.
    const ends = wrong.has(start) ? [] : linker.outputs(publication);
    if (ends === undefined) wrong.add(start);
    return (ends ?? []).map(({ producer, output }) => ({
      target,
      step: producer.step.name.value,
      output,
    }));
  });
}
