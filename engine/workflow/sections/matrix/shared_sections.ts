// Sections of a step that has a matrix: read anew for each combination where they use its values, else once.
import type { Reading } from "../../reading.ts";
import type { YamlEntry, YamlNode } from "../../yaml/tree.ts";

/** Returns a reader of a section that shares one result among combinations where it can. */
export function section<T>(
  entry: YamlEntry | undefined,
  read: (reading: Reading, entry: YamlEntry | undefined) => T,
): (reading: Reading) => T {
  if (entry !== undefined && uses(entry.value, /\bmatrix\b/)) {
    return (reading) => read(reading, entry);
  }
  let first: { readonly result: T } | undefined;
  return (reading) => (first ??= { result: read(reading, entry) }).result;
}

/** Says whether an expression anywhere in a value matches a pattern. */
export function uses(node: YamlNode, pattern: RegExp): boolean {
  switch (node.kind) {
    case "scalar":
      return typeof node.value === "string" && node.value.includes("${{") &&
        pattern.test(node.value);
    case "list":
      return node.items.some((item) => uses(item, pattern));
    case "map":
      return node.entries.some(({ value }) => uses(value, pattern));
  }
}
