// Options that name files or folders outside: found by the marks in the plugin's schema, checked to exist.
import { relative, resolve } from "node:path";
import {
  pathInStepsFolder,
  pathMissing,
  pathOfWrongKind,
  pathUnreadable,
  strangersPath,
} from "../../diagnostics/catalog.ts";
import type { Diagnostic, Place } from "../../diagnostics/diagnostic.ts";
import type { Json, JsonObject, Step } from "../../workflow/workflow.ts";
import type { GraphPath, PathKind } from "../graph.ts";
import { alternatives, childSchema, isList, isObject } from "../plugins/option_schema.ts";
import type { ResolvedPlugin, ResolvedStep } from "../plugins/plugin_source.ts";

interface MarkedPath {
  readonly option: readonly (string | number)[];
  readonly written: string;
  readonly kind: PathKind;
}

/** Folders of a program's step itself, which no declared file may hide. */
const STEPS_OWN = ["inputs", "outputs", "scratch"];

type Found = "file" | "folder" | "missing" | { readonly unreadable: string };

/** Resolves and checks the paths of steps; each path is looked at once. */
export class PathCheck {
  readonly #found = new Map<string, Found>();

  constructor(
    readonly projectFolder: string,
    /** Folders that people might think paths start from. */
    readonly otherFolders: readonly string[],
    readonly report: (diagnostic: Diagnostic) => void,
  ) {}

  /** Resolves the paths among a step's options against the project folder. */
  paths(
    step: Step,
    plugin: ResolvedPlugin,
    { config, command }: ResolvedStep,
  ): readonly GraphPath[] {
    if (!isMarked(plugin.configSchema)) return [];
    const found: MarkedPath[] = [];
    collectPaths(plugin.configSchema, config, [], found);
    const paths: GraphPath[] = [];
    for (const { option, written, kind } of found) {
      // A path inside an artifact is known only when the step runs.
      if (written.includes("${{")) continue;
      if (plugin.lockFile !== undefined && given(step.with.value, option) !== written) {
        const { uses } = step;
        const name = option.join(".");
        this.report(strangersPath(uses.place, { uses: uses.value, option: name, written }));
        continue;
      }
      const absolute = resolve(this.projectFolder, written);
      const place = step.with.places.at(option, "value");
      // A step that does not take part in the run does not miss anything.
      if (step.condition?.rest !== false) this.#check(place, written, { absolute, kind });
      const [first = ""] = laidOutName(this.projectFolder, absolute).split("/");
      if (command !== undefined && STEPS_OWN.includes(first)) {
        this.report(pathInStepsFolder(place, written, first));
      }
      paths.push({ option, absolute, kind });
    }
    return paths;
  }

  #check(
    place: Place,
    written: string,
    { absolute, kind }: { readonly absolute: string; readonly kind: PathKind },
  ): void {
    const found = this.#find(absolute);
    if (typeof found === "object") this.report(pathUnreadable(place, absolute, found.unreadable));
    else if (found === "missing") {
      const elsewhere = this.#elsewhere(written);
      this.report(pathMissing(place, { written, absolute, elsewhere }));
    } else if (kind !== "any" && kind !== found) {
      this.report(pathOfWrongKind(place, { absolute, wanted: kind, present: found }));
    }
  }

  /** What to write instead, if the path exists from another folder. */
  #elsewhere(written: string): string | undefined {
    for (const folder of this.otherFolders) {
      const absolute = resolve(folder, written);
      if (this.#find(absolute) !== "missing") return relative(this.projectFolder, absolute);
    }
    return undefined;
  }

  #find(absolute: string): Found {
    let found = this.#found.get(absolute);
    if (found === undefined) {
      found = look(absolute);
      this.#found.set(absolute, found);
    }
    return found;
  }
}

/** Where a program finds a declared file in its working folder: one from outside keeps only its name. */
export function laidOutName(projectFolder: string, absolute: string): string {
  return absolute.startsWith(`${projectFolder}/`)
    ? absolute.slice(projectFolder.length + 1)
    : absolute.slice(absolute.lastIndexOf("/") + 1);
}

/** What the workflow itself writes for an option. */
function given(value: Json | undefined, option: GraphPath["option"]): Json | undefined {
  let at = value;
  for (const name of option) {
    if (typeof at !== "object" || at === null) return undefined;
    at = (at as Readonly<Record<string | number, Json>>)[name]; // a list or a map, either by its names
  }
  return at;
}

/** Says what lies at a path. */
export function pathKindAt(absolute: string): Exclude<Found, object> {
  const found = look(absolute);
  return typeof found === "object" ? "missing" : found;
}

function look(absolute: string): Found {
  try {
    return Deno.statSync(absolute).isDirectory ? "folder" : "file";
  } catch (error) {
    const isAbsent = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory;
    if (isAbsent) return "missing";
    const isDenied = error instanceof Deno.errors.PermissionDenied ||
      error instanceof Deno.errors.NotCapable;
    return { unreadable: isDenied ? "permission denied" : String(error) };
  }
}

/** Collects the texts that a JSON Schema marks with `cairnPath`, wherever they stand in a value. */
function collectPaths(
  schema: JsonObject,
  value: Json,
  option: readonly (string | number)[],
  found: MarkedPath[],
): void {
  for (const choice of alternatives(schema)) {
    const kind = choice["cairnPath"];
    if (typeof value === "string" && isPathKind(kind)) found.push({ option, written: value, kind });
    if (typeof value !== "object" || value === null) continue;
    for (const [name, inner] of isList(value) ? value.entries() : Object.entries(value)) {
      const child = childSchema(choice, name);
      if (isMarked(child)) collectPaths(child, inner, [...option, name], found);
    }
  }
}

const marked = new WeakMap<object, boolean>();

/** Says whether a schema marks anything as a path; asked of the same schema by thousands of steps. */
function isMarked(schema: Json | undefined): schema is JsonObject {
  if (!isObject(schema)) return false;
  const known = marked.get(schema) ?? JSON.stringify(schema).includes('"cairnPath"');
  marked.set(schema, known);
  return known;
}

function isPathKind(kind: Json | undefined): kind is PathKind {
  return kind === "file" || kind === "folder" || kind === "any";
}
