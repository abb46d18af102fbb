// Reads `publish` and sees to it that nothing is ever written outside of the project folder, over the
// engine's state, over the workflow itself, or twice to one place.
import { dirname, resolve } from "node:path";
import {
  targetAtHome,
  targetHoldsWorkflow,
  targetIsProject,
  targetIsState,
  targetOfMany,
  targetOutside,
  targetsOverlap,
  wrongValue,
} from "../../diagnostics/catalog.ts";
import type { Diagnostic, Place } from "../../diagnostics/diagnostic.ts";
import { describeValue } from "../describe_value.ts";
import { asText } from "../expression/values.ts";
import type { Reading } from "../reading.ts";
import { isWithin, realTarget } from "../source.ts";
import { StepNames } from "../step_names.ts";
import type { MatrixValues, Publication, Step } from "../workflow.ts";
import { type GroupLinks, seenName } from "./used_files/group_links.ts";
import { readReference } from "./step/inputs.ts";
import { labelsIn } from "./matrix/labels.ts";
import type { StepReference } from "./names.ts";
import type { YamlEntry } from "../yaml/tree.ts";

/** Absolute paths that targets are checked against. */
export interface ProjectPaths {
  readonly projectFolder: string;
  readonly workflowPath: string;
}

/** What publications may name, beside the paths that they must not touch. */
export interface Published extends ProjectPaths {
  readonly steps: readonly Step[];
  readonly links: GroupLinks;
}

interface Target {
  /** As written, expressions evaluated. */
  readonly text: string;
  readonly absolute: string;
  readonly place: Place;
}

/** One output that a publication names, and what tells it from the others of its matrix. */
interface End {
  readonly reference: Omit<Publication, "target">;
  /** Name of the step, as its file knows it. */
  readonly name: string;
  /** Folder of its own below the target; empty where the publication names just this output. */
  readonly folder: string;
  /** Values of the matrix that the publication names; "unknown" where it names no step. */
  readonly matrix: MatrixValues | undefined | "unknown";
}

/** Reads the outputs to copy to where people look: one publication for each of them. */
export async function readPublications(
  reading: Reading,
  entry: YamlEntry | undefined,
  given: Published,
): Promise<readonly Publication[]> {
  if (entry === undefined) return [];
  const map = reading.map({ node: entry.value, name: '"publish"' });
  const names = new StepNames(given.steps.map(({ name: { value: name } }) => ({ name })));
  const steps = new Map(given.steps.map((step) => [step.name.value, step]));
  const publications: Publication[] = [];
  const targets = new TargetSet();
  for (const written of map?.entries ?? []) {
    const reference = readReference(
      reading,
      written.value,
      `What is published to "${written.key}"`,
    );
    const ends = reference && endsOf(reference, { ...given, names, byName: steps });
    const isTemplate = /\$\{\{[^}]*\bmatrix\b/.test(written.key);
    for (const group of isTemplate && ends !== undefined ? ends.map((end) => [end]) : [ends]) {
      const target = readTarget(reading, written, { isTemplate, ends: group, given });
      const problem = target && (await targetProblem(target, given) ?? targets.add(target, group));
      if (problem !== undefined) {
        reading.report(problem);
        break; // the next one of a matrix has the same most often
      }
      for (const end of group ?? []) publications.push(...publicationOf(end, target, isTemplate));
    }
  }
  return publications;
}

function publicationOf(
  { reference, folder, matrix }: End,
  target: Target | undefined,
  isTemplate: boolean,
): readonly Publication[] {
  const { place } = reference.step;
  // That it names no step is reported once steps are connected, with or without a target.
  if (matrix === "unknown") return [{ target: { value: "", place }, ...reference }];
  if (target === undefined) return [];
  const isWhole = isTemplate || folder === "";
  const value = isWhole ? target.absolute : `${target.absolute}/${folder}`;
  return [{ target: { value, place: target.place }, ...reference }];
}

/** Evaluates a target, with the values of the matrix where it names them; undefined after a report. */
function readTarget(
  reading: Reading,
  { key, keySpan }: YamlEntry,
  { isTemplate, ends, given }: {
    readonly isTemplate: boolean;
    readonly ends: readonly End[] | undefined;
    readonly given: Published;
  },
): Target | undefined {
  const place = reading.place(keySpan);
  const [end] = ends ?? [];
  // Where it is not known which steps are meant, that has been or will be reported.
  const matrix = end === undefined || end.matrix === "unknown" ? "damaged" : end.matrix;
  const inner = isTemplate && matrix !== undefined
    ? reading.within({ ...reading.scope, matrix })
    : reading;
  const value = inner.template(key, keySpan);
  if (value === undefined) return undefined;
  const text = value === null ? undefined : asText(value);
  if (text !== undefined) {
    return { text, absolute: resolve(given.projectFolder, text), place };
  }
  const present = describeValue(value);
  return reading.report(
    wrongValue(place, { subject: 'A target of "publish"', wanted: "a text", present }),
  );
}

/** What a reference names, each step of a matrix alone; undefined where a group's mistake was reported. */
function endsOf(
  reference: StepReference,
  { links, names, byName }: Published & {
    readonly names: StepNames;
    readonly byName: ReadonlyMap<string, Step>;
  },
): readonly End[] | undefined {
  const port = reference.step; // no input takes it
  const groups = links.groupsOf(reference.step.value);
  const [group] = groups?.isMatrix === false ? groups.groups : [];
  return links.links({ port, ...reference })?.flatMap((link): readonly End[] => {
    const { step, output, via } = link;
    const named = names.find(step.value);
    const full = "names" in named ? named.names : [step.value];
    const isMatrix = "names" in named && named.isMatrix;
    return full.map((value) => {
      const name = seenName(link, value, isMatrix);
      const own = byName.get(value)?.combination?.values;
      const one = groups === undefined ? !isMatrix && name : group?.name;
      return {
        reference: { step: { ...step, value }, ...(output === undefined ? {} : { output }) },
        name,
        folder: folderOf(name, one || reference.step.value),
        matrix: groups !== undefined ? via?.group : "names" in named ? own : "unknown",
      };
    });
  });
}

/** What tells a step's name from the reference to it: the values of its matrices. */
function folderOf(name: string, reference: string): string {
  if (name === reference) return "";
  const rest = name.startsWith(reference) ? name.slice(reference.length) : name;
  return labelsIn(rest) || rest.replaceAll("/", ".");
}

async function targetProblem(target: Target, paths: ProjectPaths): Promise<Diagnostic | undefined> {
  const { text, absolute, place } = target;
  const { projectFolder, workflowPath } = paths;
  if (/^~(\/|$)/.test(text)) return targetAtHome(place, text);
  if (absolute === projectFolder) return targetIsProject(place, text, projectFolder);
  const real = isWithin(absolute, projectFolder) ? await realTarget(absolute) : absolute;
  const realProject = await realTarget(projectFolder);
  if (!isWithin(absolute, projectFolder) || !isWithin(real, realProject)) {
    return targetOutside(place, { target: text, absolute: real, project: projectFolder });
  }
  if (isWithin(absolute, `${projectFolder}/.cairn`) || isWithin(real, `${realProject}/.cairn`)) {
    return targetIsState(place, text);
  }
  return isWithin(workflowPath, absolute)
    ? targetHoldsWorkflow(place, text, workflowPath)
    : undefined;
}

/** A target and what is published there. */
interface NamedTarget extends Target {
  readonly name: string;
}

/** Targets seen so far, for finding two that are equal or lie in each other without comparing all. */
class TargetSet {
  readonly #targets = new Map<string, NamedTarget>();
  /** For each folder above a target, one such target. */
  readonly #above = new Map<string, NamedTarget>();

  /** Adds a target for some outputs, or says with which one it overlaps. */
  add(target: Target, ends: readonly End[] | undefined): Diagnostic | undefined {
    const name = ends?.[0]?.name ?? "";
    const other = this.#overlap(target.absolute);
    if (other?.place.span === target.place.span) {
      return targetOfMany(target.place, target.text, [other.name, name]);
    }
    if (other !== undefined) {
      const isSame = other.absolute === target.absolute;
      const end = { target: other.text, place: other.place, isSame };
      return targetsOverlap(target.place, target.text, end);
    }
    const added = { ...target, name };
    this.#targets.set(target.absolute, added);
    for (const folder of foldersAbove(target.absolute)) this.#above.set(folder, added);
    return undefined;
  }

  #overlap(path: string): NamedTarget | undefined {
    const below = this.#targets.get(path) ?? this.#above.get(path);
    if (below !== undefined) return below;
    for (const folder of foldersAbove(path)) {
      const other = this.#targets.get(folder);
      if (other !== undefined) return other;
    }
    return undefined;
  }
}

function* foldersAbove(path: string): Generator<string> {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    yield folder;
  }
}
