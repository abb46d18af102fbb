// Reads YAML the fast way where its text is plain. The full parser is loaded only for other text: that alone
// takes longer than a run of reused steps.
import type { SourceFile } from "../../diagnostics/source_file.ts";
import type { ParsedYaml } from "./parse.ts";
import { readPlainYaml } from "./plain.ts";
import { MAX_DEPTH } from "./tree.ts";

// Named by a variable, because Deno reads what a literal import names before the program starts.
const PARSE = import.meta.resolve("./parse.ts");

/** Parses one YAML document. */
export async function readYaml(file: SourceFile): Promise<ParsedYaml> {
  const plain = readPlainYaml(file.text, MAX_DEPTH);
  if (plain !== undefined) return { root: plain, diagnostics: [] };
  const { parseFully } = await import(PARSE) as typeof import("./parse.ts");
  return parseFully(file);
}
