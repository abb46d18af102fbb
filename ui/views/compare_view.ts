// Runs beside each other: where their configurations differ, their curves, and the pictures that they made.
import { parseDigest, type Recipe, type Store } from "../../engine/mod.ts";
import { ActionProblem } from "../acts/actions.ts";
import { readTree } from "../artifacts/artifacts.ts";
import type { StepView } from "../runs/run_fold.ts";
import { type RunSummary, summarize } from "./run_view.ts";
import type { RunLibrary, RunReader } from "../runs/runs.ts";
import { treesOf } from "./step_view.ts";

/** One thing as each of the runs has it, in their order; null where a run has it not. */
export type Beside<Value> = readonly (Value | null)[];

/** A field of the configuration that is not the same in all runs. */
export interface FieldDifference {
  /** Absent for a parameter of the workflow. */
  readonly step?: string;
  readonly field: string;
  /** As one reads it in a workflow. */
  readonly values: Beside<string>;
}

/** A curve of a step over the same curve of other runs. */
export interface ComparedMetric {
  readonly step: string;
  readonly kind: string;
  readonly name: string;
  readonly points: Beside<readonly (readonly [at: number, value: number])[]>;
}

/** A picture that at least two runs made under the same name, and not alike. */
export interface ComparedPicture {
  readonly step: string;
  readonly port: string;
  readonly path: string;
  /** Digest of the artifact that holds the picture. */
  readonly trees: Beside<string>;
}

/** Runs beside each other. */
export interface Comparison {
  readonly runs: readonly RunSummary[];
  readonly differences: readonly FieldDifference[];
  /** How many fields all runs share. */
  readonly alike: number;
  readonly metrics: readonly ComparedMetric[];
  /** The first of those that differ. */
  readonly pictures: readonly ComparedPicture[];
  readonly differentPictures: number;
  readonly alikePictures: number;
}

/** How many runs fit beside each other. */
const MOST_COMPARED = 6;
const MOST_PICTURES = 24;
const PICTURE = /(?<!\.labels)\.(png|jpe?g|webp|gif)$/i; // labels are data in the form of pictures
/** Steps whose pictures and scores people look at first. */
const KINDS_FIRST = ["visualize", "test", "train"];

/** Compares runs; throws ActionProblem for one alone or too many, undefined where one is not there. */
export async function compareRuns(
  library: RunLibrary,
  store: Store,
  ids: readonly string[],
): Promise<Comparison | undefined> {
  if (ids.length < 2 || ids.length > MOST_COMPARED || new Set(ids).size < ids.length) {
    throw new ActionProblem(
      `Choose two to ${MOST_COMPARED} different runs to compare, in the list of runs`,
    );
  }
  const found = await Promise.all(ids.map((id) => library.find(id)));
  const readers = found.filter((reader) => reader !== undefined);
  if (readers.length < ids.length) return undefined;
  const fields = await Promise.all(readers.map(async (reader) => fieldsOf(await reader.recipe())));
  return {
    runs: await Promise.all(readers.map((reader) => summarize(library, reader))),
    ...compareFields(fields),
    metrics: await compareMetrics(library, readers),
    ...await comparePictures(store, readers),
  };
}

/** Fields by step and name; the workflow's own parameters are those of the step "". */
export type Fields = ReadonlyMap<string, ReadonlyMap<string, string>>;

function fieldsOf(recipe: Recipe | undefined): Fields {
  const steps = Object.entries(recipe?.steps ?? {}).map(([name, { config, inputs }]) => {
    const wires = inputs.map(({ port, from, output }) =>
      [`input ${port}`, `${from}.${output}`] as const
    );
    return [name, new Map([...flatten(config), ...wires])] as const;
  });
  return new Map([["", new Map(flatten(recipe?.params ?? {}))], ...steps]);
}

function flatten(value: unknown, name = ""): readonly (readonly [string, string])[] {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return Object.entries(value).flatMap(([key, inner]) =>
      flatten(inner, name === "" ? key : `${name}.${key}`)
    );
  }
  return [[name, typeof value === "string" ? value : JSON.stringify(value)]];
}

/** Finds where fields differ; a step that a run lacks is one difference. */
export function compareFields(
  runs: readonly Fields[],
): Pick<Comparison, "differences" | "alike"> {
  const differences: FieldDifference[] = [];
  let alike = 0;
  for (const step of namesIn(runs)) {
    const place = step === "" ? {} : { step };
    const sides = runs.map((fields) => fields.get(step));
    if (sides.includes(undefined)) {
      const values = sides.map((side) => side === undefined ? null : "is there");
      differences.push({ ...place, field: "the step", values });
      continue;
    }
    const known = sides.filter((side) => side !== undefined);
    for (const field of namesIn(known)) {
      const values = known.map((side) => side.get(field) ?? null);
      if (new Set(values).size > 1) differences.push({ ...place, field, values });
      else alike++;
    }
  }
  return { differences, alike };
}

function namesIn(maps: readonly ReadonlyMap<string, unknown>[]): readonly string[] {
  return [...new Set(maps.flatMap((map) => [...map.keys()]))];
}

async function compareMetrics(
  library: RunLibrary,
  readers: readonly RunReader[],
): Promise<readonly ComparedMetric[]> {
  const metrics: ComparedMetric[] = [];
  for (const { name: step, kind } of stepsOf(readers)) {
    const sides = await Promise.all(readers.map(async (reader) => {
      const view = reader.fold.steps.get(step);
      const origin = view && await library.origin(reader, view);
      return origin?.reader.fold.metrics(origin.step) ?? [];
    }));
    for (const name of new Set(sides.flat().map((metric) => metric.name))) {
      const points = sides.map((side) =>
        side.find((metric) => metric.name === name)?.points ?? null
      );
      metrics.push({ step, kind, name, points });
    }
  }
  return metrics;
}

async function comparePictures(
  store: Store,
  readers: readonly RunReader[],
): Promise<Pick<Comparison, "pictures" | "differentPictures" | "alikePictures">> {
  const different: ComparedPicture[] = [];
  let alike = 0;
  for (const { name: step } of stepsOf(readers)) {
    const sides = await Promise.all(readers.map((reader) => picturesOf(store, reader, step)));
    for (const key of namesIn(sides)) {
      const pictures = sides.map((side) => side.get(key));
      const made = pictures.filter((picture) => picture !== undefined);
      const [first] = made;
      if (first === undefined || made.length < 2) continue;
      const { port, path } = first;
      if (made.every(({ digest }) => digest === first.digest)) alike++;
      else different.push({ step, port, path, trees: pictures.map((one) => one?.tree ?? null) });
    }
  }
  return {
    pictures: different.slice(0, MOST_PICTURES),
    differentPictures: different.length,
    alikePictures: alike,
  };
}

interface Picture {
  readonly port: string;
  readonly path: string;
  readonly tree: string;
  readonly digest: string;
}

async function picturesOf(
  store: Store,
  reader: RunReader,
  name: string,
): Promise<ReadonlyMap<string, Picture>> {
  const step = reader.fold.steps.get(name);
  const pictures = new Map<string, Picture>();
  if (step === undefined) return pictures;
  for (const [port, digest] of Object.entries(await treesOf(store, step))) {
    const tree = parseDigest(digest)?.slice("sha256:".length) ?? "";
    const { entries } = await readTree(store, tree).catch(() => undefined) ?? { entries: [] };
    for (const entry of entries) {
      if (entry.type !== "file" || !PICTURE.test(entry.path)) continue;
      const { path, digest } = entry;
      pictures.set(`${port}/${path}`, { port, path, tree, digest });
    }
  }
  return pictures;
}

/** Each step that any of the runs has, those that people look at first before the others. */
function stepsOf(readers: readonly RunReader[]): readonly StepView[] {
  const steps = new Map(readers.flatMap(({ fold }) => [...fold.steps]));
  const isFirst = ({ kind }: StepView): boolean => KINDS_FIRST.includes(kind);
  const first = KINDS_FIRST.flatMap((kind) =>
    [...steps.values()].filter((step) => step.kind === kind)
  );
  return [...first, ...[...steps.values()].filter((step) => !isFirst(step))];
}
