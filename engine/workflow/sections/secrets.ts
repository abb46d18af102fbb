// Reads `secrets`: names of variables whose values no expression, no file and no log ever shows.
import { badSecretName, secretTwice } from "../../diagnostics/catalog.ts";
import type { Reading } from "../reading.ts";
import type { YamlEntry } from "../yaml/tree.ts";

/** Reads the names; "damaged" after a report. */
export function readSecrets(
  reading: Reading,
  entry: YamlEntry | undefined,
): readonly string[] | "damaged" {
  if (entry === undefined) return [];
  const { value: node } = entry;
  if (node.kind !== "list") {
    reading.wrong({ node, name: '"secrets"' }, "a list of variables, such as [TOKEN]");
    return "damaged";
  }
  const before = reading.problems.length;
  const names = new Set<string>();
  for (const item of node.items) {
    const name = reading.text({ node: item, name: "A secret" });
    if (name === undefined) continue;
    if (!/^[A-Za-z_]\w*$/.test(name.value)) reading.report(badSecretName(name.place, name.value));
    else if (names.has(name.value)) reading.report(secretTwice(name.place, name.value));
    names.add(name.value);
  }
  return reading.problems.length > before ? "damaged" : [...names];
}
