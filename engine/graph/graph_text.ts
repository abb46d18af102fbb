// A graph as text and back, for remembering one that was checked. Places are kept as offsets into the file.
import type { Place, Span } from "../diagnostics/diagnostic.ts";
import type { SourceFile } from "../diagnostics/source_file.ts";
import {
  consumersOf,
  type Graph,
  type GraphCondition,
  type GraphStep,
  type GraphWorkflow,
} from "./graph.ts";
import type { ResolvedPlugin } from "./plugins/plugin_source.ts";

/** What a graph's text leaves out, because it is known from where the file lies. */
export type GraphOrigin = Pick<GraphWorkflow, "file" | "path" | "projectFolder">;

interface WrittenGraph extends Omit<GraphWorkflow, keyof GraphOrigin> {
  readonly plugins: readonly ResolvedPlugin[];
  readonly steps: readonly WrittenStep[];
  readonly publish: Graph["publish"];
}

/** Offsets of a place in the file: start and end. */
type WrittenPlace = readonly [number, number];

interface WrittenStep extends Omit<GraphStep, "place" | "plugin" | "resourcesPlace" | "condition"> {
  readonly place: WrittenPlace;
  /** Index in the list of plugins. */
  readonly plugin: number;
  /** Absent where it is the step's own place. */
  readonly resourcesPlace?: WrittenPlace;
  readonly condition?: Omit<GraphCondition, "place"> & { readonly place: WrittenPlace };
}

/** Writes a graph down; every place in it must lie in the workflow's own file. */
export function writeGraph(graph: Graph): string {
  const plugins = [...new Set([...graph.steps.values()].map(({ plugin }) => plugin))];
  const indexes = new Map(plugins.map((plugin, index) => [plugin, index]));
  const { name, description, params, secrets, tokens } = graph.workflow;
  const steps = [...graph.steps.values()].map((step) => {
    const { place, plugin, resourcesPlace, condition, ...rest } = step;
    return {
      ...rest,
      place: writtenPlace(place),
      plugin: indexes.get(plugin) ?? 0,
      ...(resourcesPlace === place ? {} : { resourcesPlace: writtenPlace(resourcesPlace) }),
      ...(condition === undefined
        ? {}
        : { condition: { ...condition, place: writtenPlace(condition.place) } }),
    };
  });
  const written: WrittenGraph = {
    name,
    description,
    params,
    secrets,
    tokens,
    plugins,
    steps,
    publish: graph.publish,
  };
  return JSON.stringify(written);
}

/** Reads what writeGraph wrote about the same file. */
export function readGraph(text: string, origin: GraphOrigin): Graph {
  const written = JSON.parse(text) as WrittenGraph;
  const { name, description, params, secrets, tokens, plugins, steps, publish } = written;
  const { file } = origin;
  const graphSteps = new Map(steps.map((written) => {
    const { place, plugin, resourcesPlace, condition, ...rest } = written;
    const own = placeIn(file, place);
    const step: GraphStep = {
      ...rest,
      place: own,
      plugin: plugins[plugin]!,
      resourcesPlace: resourcesPlace === undefined ? own : placeIn(file, resourcesPlace),
      ...(condition === undefined
        ? {}
        : { condition: { ...condition, place: placeIn(file, condition.place) } }),
    };
    return [rest.name, step];
  }));
  return {
    workflow: { ...origin, name, description, params, secrets, tokens },
    steps: graphSteps,
    consumers: consumersOf(graphSteps),
    publish,
  };
}

function writtenPlace({ span }: Place): WrittenPlace {
  return [span.start, span.end];
}

function placeIn(file: SourceFile, [start, end]: WrittenPlace): Place {
  const span: Span = { start, end };
  return { file, span };
}
