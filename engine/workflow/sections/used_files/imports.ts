// The files that a workflow file imports: their parameters and steps count as its own.
import { dirname } from "node:path";
import { importCycle, partMissing } from "../../../diagnostics/catalog.ts";
import type { Diagnostic, Place } from "../../../diagnostics/diagnostic.ts";
import type { OpenFile, WorkflowFiles } from "../../files.ts";
import type { KnownKeys, Reading } from "../../reading.ts";
import type { FilePath } from "../../source.ts";
import type { Located } from "../../workflow.ts";
import type { YamlEntry } from "../../yaml/tree.ts";

/** One file of a workflow. */
export interface Part {
  readonly path: FilePath;
  readonly reading: Reading;
  readonly fields: ReadonlyMap<string, YamlEntry>;
}

/** The keys of a file that is imported. */
export const IMPORTED_KEYS = {
  where: "An imported file",
  keys: ["name", "description", "imports", "params", "steps"],
  ofRun: ["publish", "secrets", "tokens", "trust"],
} as const;

/** A file on the way from the first one, and where the one before it names it. */
interface Hop {
  readonly file: OpenFile;
  readonly place?: Place;
}

/** Reads a file and all that it imports, each once; what is imported comes first. Empty after a report. */
export async function readParts(
  files: WorkflowFiles,
  reading: Reading,
  first: { readonly file: OpenFile; readonly known: KnownKeys },
): Promise<readonly Part[]> {
  const parts: Part[] = [];
  const seen = new Set<string>();
  const visit = async (hops: readonly Hop[], file: OpenFile, known: KnownKeys): Promise<void> => {
    seen.add(file.real);
    const own = reading.of(file.file);
    const fields = own.fields(file.root, known);
    if (fields === undefined) return;
    for (const target of readImports(own, fields.get("imports"))) {
      const next = await openPart(files, own, target, dirname(file.path.absolute));
      if (next === undefined) continue;
      const from = hops.findIndex((hop) => hop.file.real === next.real);
      if (from !== -1) {
        own.report(cycleOf([...hops.slice(from), { file: next, place: target.place }]));
      } else if (!seen.has(next.real)) {
        await visit([...hops, { file: next, place: target.place }], next, IMPORTED_KEYS);
      }
    }
    parts.push({ path: file.path, reading: own, fields });
  };
  await visit([{ file: first.file }], first.file, first.known);
  return parts;
}

function readImports(reading: Reading, entry: YamlEntry | undefined): readonly Located<string>[] {
  if (entry === undefined) return [];
  const subject = { node: entry.value, name: '"imports"' };
  if (entry.value.kind !== "list") {
    reading.wrong(subject, "a list of files, such as [common.yaml]");
    return [];
  }
  return entry.value.items.flatMap((node) =>
    reading.text({ node, name: 'A file of "imports"' }) ?? []
  );
}

/** Opens a file that another one names, relative to a folder; undefined after a report. */
export function openPart(
  files: WorkflowFiles,
  reading: Reading,
  { value, place }: Located<string>,
  folder: string,
): Promise<OpenFile | undefined> {
  const path = files.path(value, folder);
  return files.open(path, (problem) => reading.report(atPlace(problem, place, { value, path })));
}

function atPlace(
  problem: Diagnostic,
  place: Place,
  { value, path }: { readonly value: string; readonly path: FilePath },
): Diagnostic {
  return problem.code === "file-missing"
    ? partMissing(place, value, path.absolute)
    : { place, ...problem };
}

function cycleOf(hops: readonly Hop[]): Diagnostic {
  const names = hops.map(({ file }) => file.path.shown);
  const [, ...links] = hops;
  const places = links.flatMap(({ place }) => place ?? []);
  return importCycle(names, places);
}
