// A step's options as written: their values with expressions evaluated, and the place of each of them.
import type { Place, Span } from "../../../diagnostics/diagnostic.ts";
import type { SourceFile } from "../../../diagnostics/source_file.ts";
import type { Reading } from "../../reading.ts";
import type { Json, JsonObject, Options, Places } from "../../workflow.ts";
import type { YamlEntry, YamlNode } from "../../yaml/tree.ts";

/** Reads `with`; undefined options could not be evaluated, which has been reported. */
export function readOptions(
  reading: Reading,
  entry: YamlEntry | undefined,
  fallback: Place,
): { readonly options: Options; readonly isComplete: boolean } {
  const none = { value: {}, places: { at: () => fallback } };
  if (entry === undefined || isNothing(entry.value)) return { options: none, isComplete: true };
  const map = reading.map({ node: entry.value, name: '"with"' });
  if (map === undefined) return { options: none, isComplete: false };
  const values: [string, Json][] = [];
  let isComplete = true;
  for (const { key, value } of map.entries) {
    const evaluated = reading.json(value);
    if (evaluated === undefined) isComplete = false;
    else if (!isLeftOut(value, evaluated)) values.push([key, evaluated]);
  }
  const value: JsonObject = Object.fromEntries(values);
  const places = new TreePlaces(reading.file, entry);
  return { options: { value, places }, isComplete };
}

/** Says whether an expression decided that what stands here is not given. */
export function isLeftOut(node: YamlNode, value: Json): boolean {
  return value === null && node.kind === "scalar" && node.value !== null;
}

function isNothing(node: YamlNode): boolean {
  return node.kind === "scalar" && node.value === null;
}

/** Finds places by walking the tree; the deepest part that exists stands for what lies below it. */
class TreePlaces implements Places {
  constructor(readonly file: SourceFile, readonly root: YamlEntry) {}

  at(path: readonly (string | number)[], part: "key" | "value"): Place {
    let node = this.root.value;
    let key: Span = this.root.keySpan;
    let reached = 0;
    for (const name of path) {
      const next = child(node, name);
      if (next === undefined) break;
      node = next.node;
      key = next.key ?? node.span;
      reached++;
    }
    const isHere = reached === path.length && reached > 0;
    // What is not there is looked for at the key of what should hold it.
    const isKey = isHere ? part === "key" : node.kind !== "scalar";
    return { file: this.file, span: isKey ? key : node.span };
  }
}

function child(
  node: YamlNode,
  name: string | number,
): { readonly node: YamlNode; readonly key?: Span } | undefined {
  if (node.kind === "list") {
    const item = typeof name === "number" ? node.items[name] : undefined;
    return item === undefined ? undefined : { node: item };
  }
  if (node.kind === "scalar") return undefined;
  const entry = node.entries.find(({ key }) => key === String(name));
  return entry === undefined ? undefined : { node: entry.value, key: entry.keySpan };
}
