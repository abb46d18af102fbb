// Reads `publish` and sees to it that nothing is ever written outside of the project folder, over the
// engine's state, over the workflow itself, or twice to one place.
import { dirname, resolve } from "node:path";
import {
  targetHoldsWorkflow,
  targetIsProject,
  targetIsState,
  targetOutside,
  targetsOverlap,
} from "../../diagnostics/catalog.ts";
import type { Diagnostic, Place } from "../../diagnostics/diagnostic.ts";
import type { Reading } from "../reading.ts";
import { readReference } from "./inputs.ts";
import type { Publication } from "../workflow.ts";
import type { YamlEntry } from "../yaml/tree.ts";

/** Absolute paths that targets are checked against. */
export interface ProjectPaths {
  readonly projectFolder: string;
  readonly workflowPath: string;
}

interface Target {
  /** As written. */
  readonly text: string;
  readonly absolute: string;
  readonly place: Place;
}

/** Reads the outputs to copy to where people look. */
export async function readPublications(
  reading: Reading,
  entry: YamlEntry | undefined,
  paths: ProjectPaths,
): Promise<readonly Publication[]> {
  if (entry === undefined) return [];
  const map = reading.map({ node: entry.value, name: '"publish"' });
  const publications: Publication[] = [];
  const targets = new TargetSet();
  for (const { key, keySpan, value } of map?.entries ?? []) {
    const reference = readReference(reading, value, `What is published to "${key}"`);
    const text = reading.template(key, keySpan);
    if (typeof text !== "string") continue;
    const absolute = resolve(paths.projectFolder, text);
    const target = { text, absolute, place: reading.place(keySpan) };
    const problem = await targetProblem(target, paths) ?? targets.add(target);
    if (problem !== undefined) reading.report(problem);
    else if (reference !== undefined) {
      publications.push({ target: { value: absolute, place: target.place }, ...reference });
    }
  }
  return publications;
}

async function targetProblem(target: Target, paths: ProjectPaths): Promise<Diagnostic | undefined> {
  const { text, absolute, place } = target;
  const { projectFolder, workflowPath } = paths;
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

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

/** Where writing to a path would end: links in the part of it that exists are followed. */
export async function realTarget(path: string): Promise<string> {
  try {
    return await Deno.realPath(path);
  } catch {
    const parent = dirname(path);
    if (parent === path) return path;
    return `${await realTarget(parent)}${path.slice(parent === "/" ? 0 : parent.length)}`;
  }
}

/** Targets seen so far, for finding two that are equal or lie in each other without comparing all. */
class TargetSet {
  readonly #targets = new Map<string, Target>();
  /** For each folder above a target, one such target. */
  readonly #above = new Map<string, Target>();

  /** Adds a target, or says with which one it overlaps. */
  add(target: Target): Diagnostic | undefined {
    const other = this.#overlap(target.absolute);
    if (other !== undefined) {
      const isSame = other.absolute === target.absolute;
      const end = { target: other.text, place: other.place, isSame };
      return targetsOverlap(target.place, target.text, end);
    }
    this.#targets.set(target.absolute, target);
    for (const folder of foldersAbove(target.absolute)) this.#above.set(folder, target);
    return undefined;
  }

  #overlap(path: string): Target | undefined {
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
