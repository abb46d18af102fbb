// Options that name files or folders outside: found by the marks in the plugin's schema, checked to exist.
import { relative, resolve } from "node:path";
import { pathMissing, pathOfWrongKind, pathUnreadable } from "../diagnostics/catalog.ts";
import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
import type { Json, JsonObject, Step } from "../workflow/workflow.ts";
import type { GraphPath, PathKind } from "./graph.ts";
import type { ResolvedPlugin, ResolvedStep } from "./plugin_source.ts";

interface MarkedPath {
  readonly option: readonly (string | number)[];
  readonly written: string;
  readonly kind: PathKind;
}

type Found = "file" | "folder" | "missing" | { readonly unreadable: string };

/** Resolves and checks the paths of steps; each path is looked at once. */
export class PathCheck {
  readonly #found = new Map<string, Promise<Found>>();

  constructor(
    readonly projectFolder: string,
    /** Folders that people might think paths start from. */
    readonly otherFolders: readonly string[],
    readonly report: (diagnostic: Diagnostic) => void,
  ) {}

  /** Resolves the paths among a step's options against the project folder. */
  async paths(
    step: Step,
    plugin: ResolvedPlugin,
    { config }: ResolvedStep,
  ): Promise<readonly GraphPath[]> {
    const paths: GraphPath[] = [];
    for (const { option, written, kind } of markedPaths(plugin.configSchema, config, [])) {
      // A path inside an artifact is known only when the step runs.
      if (written.includes("${{")) continue;
      const absolute = resolve(this.projectFolder, written);
      await this.#check(step.with.places.at(option, "value"), written, { absolute, kind });
      paths.push({ option, absolute, kind });
    }
    return paths;
  }

  async #check(
    place: Place,
    written: string,
    { absolute, kind }: { readonly absolute: string; readonly kind: PathKind },
  ): Promise<void> {
    const found = await this.#find(absolute);
    if (typeof found === "object") this.report(pathUnreadable(place, absolute, found.unreadable));
    else if (found === "missing") {
      const elsewhere = await this.#elsewhere(written);
      this.report(pathMissing(place, { written, absolute, elsewhere }));
    } else if (kind !== "any" && kind !== found) {
      this.report(pathOfWrongKind(place, { absolute, wanted: kind, present: found }));
    }
  }

  /** What to write instead, if the path exists from another folder. */
  async #elsewhere(written: string): Promise<string | undefined> {
    for (const folder of this.otherFolders) {
      const absolute = resolve(folder, written);
      if (await this.#find(absolute) !== "missing") return relative(this.projectFolder, absolute);
    }
    return undefined;
  }

  #find(absolute: string): Promise<Found> {
    let found = this.#found.get(absolute);
    if (found === undefined) {
      found = look(absolute);
      this.#found.set(absolute, found);
    }
    return found;
  }
}

async function look(absolute: string): Promise<Found> {
  try {
    const { isDirectory } = await Deno.stat(absolute);
    return isDirectory ? "folder" : "file";
  } catch (error) {
    const isAbsent = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory;
    if (isAbsent) return "missing";
    const isDenied = error instanceof Deno.errors.PermissionDenied ||
      error instanceof Deno.errors.NotCapable;
    return { unreadable: isDenied ? "permission denied" : String(error) };
  }
}

/** Yields the texts that a JSON Schema marks with `cairnPath`, wherever they stand in a value. */
function* markedPaths(
  schema: Json | undefined,
  value: Json | undefined,
  option: readonly (string | number)[],
): Generator<MarkedPath> {
  if (!isObject(schema) || value === undefined) return;
  const kind = schema["cairnPath"];
  if (typeof value === "string") {
    if (kind === "file" || kind === "folder" || kind === "any") {
      yield { option, written: value, kind };
    }
  } else if (isList(value)) {
    for (const [index, item] of value.entries()) {
      yield* markedPaths(schema["items"], item, [...option, index]);
    }
  } else if (isObject(value)) {
    const properties = schema["properties"];
    for (const [name, inner] of Object.entries(value)) {
      const own = isObject(properties) && Object.hasOwn(properties, name)
        ? properties[name]
        : schema["additionalProperties"];
      yield* markedPaths(own, inner, [...option, name]);
    }
  }
  const choices = schema["anyOf"];
  if (isList(choices)) { for (const choice of choices) yield* markedPaths(choice, value, option); }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
