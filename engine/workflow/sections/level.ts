// One file with its imports: parameters first, then the steps that use them.
import { dirname } from "node:path";
import { noSteps } from "../../diagnostics/catalog.ts";
import type { Scope } from "../expression/evaluate.ts";
import type { Reading } from "../reading.ts";
import { Groups, type Level, type LevelRequest } from "./used_files/groups.ts";
import type { Part } from "./used_files/imports.ts";
import { readParams } from "./params/params.ts";
import { readSecrets } from "./secrets.ts";
import { readSeed } from "./step/step_limits.ts";
import { readSteps } from "./step/steps.ts";
import { readTokenPool } from "./tokens.ts";

/** Reads a file with its imports, the own part last; `groups` reads the steps that use files. */
export async function readLevel(
  parts: readonly Part[],
  { params: given, context, files }: LevelRequest,
  groups: Groups,
): Promise<Level> {
  const own = parts.at(-1);
  if (own === undefined) throw new Error("A file that is read has at least its own part");
  const params = await readParams(
    parts.flatMap(({ reading, fields }) => {
      const entry = fields.get("params");
      return entry === undefined ? [] : [{ reading, node: entry.value }];
    }),
    given,
  );
  const scope: Scope = { ...own.reading.scope, params: params.values };
  for (const part of parts) checkWords(part.reading.within(scope), part);
  const reading = own.reading.within(scope);
  const supplies = context.supplies ?? {
    secrets: readSecrets(own.reading, own.fields.get("secrets")),
    tokens: readTokenPool(reading, own.fields.get("tokens")),
  };
  const sections = parts.flatMap((part) => {
    const entry = part.fields.get("steps");
    const folder = dirname(part.path.absolute);
    return entry === undefined ? [] : [{ reading: part.reading.within(scope), entry, folder }];
  });
  const steps = await readSteps(sections, {
    seed: readSeed(reading, own.fields.get("seed")) ?? context.seed,
    namespace: context.namespace,
    supplies,
    made: groups.made,
    group: (use) => groups.read(use, files),
  });
  const isEmpty = sections.every(({ entry: { value } }) =>
    value.kind === "map" && value.entries.length === 0
  );
  if (isEmpty) {
    const [first] = sections;
    reading.report(noSteps(
      first === undefined
        ? reading.place({ start: 0, end: 0 })
        : first.reading.place(first.entry.keySpan),
    ));
  }
  return { params, supplies, steps, reading };
}

/** What only people read must be text all the same. */
function checkWords(reading: Reading, { fields }: Part): void {
  for (const key of ["name", "description"]) {
    const words = fields.get(key)?.value;
    if (words !== undefined) reading.text({ node: words, name: `"${key}"` });
  }
}
