// A graph as text and back, for remembering one that was checked. Places are kept as offsets into files.
import type { Place } from "../diagnostics/diagnostic.ts";
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
export type GraphOrigin = Pick<GraphWorkflow, "file" | "path" | "files" | "projectFolder">;

interface WrittenGraph extends Omit<GraphWorkflow, keyof GraphOrigin> {
  readonly plugins: readonly ResolvedPlugin[];
  readonly steps: readonly WrittenStep[];
  readonly publish: Graph["publish"];
}

/** Offsets of a place, start and end, and the index of its file where that is not the workflow's own. */
type WrittenPlace = readonly [number, number] | readonly [number, number, number];

interface WrittenStep extends Omit<GraphStep, "place" | "plugin" | "resourcesPlace" | "condition"> {
  readonly place: WrittenPlace;
  /** Index in the list of plugins. */
  readonly plugin: number;
  /** Absent where it is the step's own place. */
  readonly resourcesPlace?: WrittenPlace;
  readonly condition?: Omit<GraphCondition, "place"> & { readonly place: WrittenPlace };
}

/** Writes a graph down; every place in it must lie in one of the workflow's files. */
export function writeGraph(graph: Graph): string {
  const plugins = [...new Set([...graph.steps.values()].map(({ plugin }) => plugin))];
  const indexes = new Map(plugins.map((plugin, index) => [plugin, index]));
  const { name, description, params, secrets, tokens, hashes, files } = graph.workflow;
  const fileIndexes = new Map(files.map(({ file }, index) => [file, index]));
  const writtenPlace = ({ file, span: { start, end } }: Place): WrittenPlace => {
    const index = fileIndexes.get(file) ?? 0;
    return index === 0 ? [start, end] : [start, end, index];
  };
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
    hashes,
    plugins,
    steps,
    publish: graph.publish,
  };
  return JSON.stringify(written);
}

/** Reads what writeGraph wrote about the same files. */
export function readGraph(text: string, origin: GraphOrigin): Graph {
  const { plugins, steps, publish, ...head } = JSON.parse(text) as WrittenGraph;
  const files = origin.files.map(({ file }) => file);
  const graphSteps = new Map(steps.map((written) => {
    const { place, plugin, resourcesPlace, condition, ...rest } = written;
    const own = placeIn(files, place);
    const step: GraphStep = {
      ...rest,
      place: own,
      plugin: plugins[plugin]!,
      resourcesPlace: resourcesPlace === undefined ? own : placeIn(files, resourcesPlace),
      ...(condition === undefined
        ? {}
        : { condition: { ...condition, place: placeIn(files, condition.place) } }),
    };
    return [rest.name, step];
  }));
  return {
    workflow: { ...origin, ...head },
    steps: graphSteps,
    consumers: consumersOf(graphSteps),
    publish,
  };
}

function placeIn(files: readonly SourceFile[], [start, end, index = 0]: WrittenPlace): Place {
  return { file: files[index]!, span: { start, end } };
}
