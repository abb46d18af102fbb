// Reads the steps of a workflow. A part that cannot be read is marked as damaged and the rest goes on. A step
// with a matrix becomes one step for each of its combinations.
import { badName, missingKey, noSteps } from "../../diagnostics/catalog.ts";
import type { Reading } from "../reading.ts";
import type { Combination, Located, Step, StepPart, Tokens } from "../workflow.ts";
import type { YamlEntry } from "../yaml/tree.ts";
import { readCondition } from "./condition.ts";
import { readInputs } from "./inputs.ts";
import { readMatrix } from "./matrix/matrix.ts";
import { section, uses } from "./matrix/shared_sections.ts";
import { isName } from "./names.ts";
import { readOptions } from "./options.ts";
import { readRetry } from "./retry.ts";
import { readDuration, readResources, readSeed } from "./step_limits.ts";

/** The keys of a step. */
export const STEP_KEYS = {
  keys: [
    "uses",
    "if",
    "matrix",
    "with",
    "inputs",
    "after",
    "resources",
    "timeout",
    "retry",
    "seed",
  ],
} as const;

/** What steps are given by their workflow. */
export interface Given {
  /** That of steps which give none. */
  readonly seed: number;
  /** Names of secrets that options may name. */
  readonly secrets: readonly string[] | "damaged";
  /** How many there are of each; undefined where that could not be read. */
  readonly tokens: Tokens | undefined;
}

/** Reads the map of steps. */
export function readSteps(
  reading: Reading,
  entry: YamlEntry | undefined,
  given: Given,
): readonly Step[] {
  const start = reading.place({ start: 0, end: 0 });
  if (entry === undefined) {
    reading.report(noSteps(start));
    return [];
  }
  const map = reading.map({ node: entry.value, name: '"steps"' });
  if (map?.entries.length === 0) reading.report(noSteps(reading.place(entry.keySpan)));
  const steps: Step[] = [];
  let fromMatrices = 0;
  for (const written of map?.entries ?? []) {
    const made = readStep(reading, written, { ...given, fromMatrices });
    if (made[0]?.combination !== undefined) fromMatrices += made.length;
    for (const step of made) steps.push(step);
  }
  return steps;
}

type Fields = ReadonlyMap<string, YamlEntry>;

function readStep(
  reading: Reading,
  entry: YamlEntry,
  given: Given & { readonly fromMatrices: number },
): readonly Step[] {
  const name = { value: entry.key, place: reading.place(entry.keySpan) };
  if (!isName(entry.key)) reading.report(badName(name.place, "step", entry.key));
  const fields = reading.fields(entry.value, { where: `Step "${entry.key}"`, ...STEP_KEYS });
  const plugin = fields && readUses(reading, fields.get("uses"), name);
  const damaged = new Set<StepPart>(fields === undefined ? ["uses", "with", "inputs"] : []);
  if (plugin === undefined) damaged.add("uses");
  const read = stepReader(fields ?? new Map(), { ...given, name, uses: plugin, damaged });
  const matrix = fields?.get("matrix");
  if (matrix === undefined) return [read(reading, name)];
  const combinations = readMatrix(reading, matrix, {
    name: entry.key,
    stepsBefore: given.fromMatrices,
    uses: (key) => uses(entry.value, new RegExp(`\\bmatrix\\s*\\.\\s*${key}\\b`)),
  });
  if (combinations === undefined) {
    damaged.add("matrix");
    return [read(reading.within({ ...reading.scope, matrix: "damaged" }), name)];
  }
  const keys = new Set(combinations.flatMap(({ values }) => Object.keys(values)));
  const absent = Object.fromEntries([...keys].map((key) => [key, null]));
  return combinations.map((combination) => {
    const scope = { ...reading.scope, matrix: { ...absent, ...combination.values } };
    const full = { value: `${entry.key}[${combination.label}]`, place: name.place };
    return read(reading.within(scope), full, combination);
  });
}

function readUses(
  reading: Reading,
  entry: YamlEntry | undefined,
  name: Located<string>,
): Located<string> | undefined {
  if (entry !== undefined) return reading.text({ node: entry.value, name: '"uses"' });
  const where = `Step "${name.value}"`;
  return reading.report(missingKey(name.place, where, "uses", "the plugin, such as uses: prepare"));
}

/** What is known of a step before the sections that may use its matrix are read. */
interface StepHead extends Given {
  readonly name: Located<string>;
  /** Absent where it could not be read. */
  readonly uses: Located<string> | undefined;
  readonly damaged: ReadonlySet<StepPart>;
}

/** Returns a reader of the step, for one combination after the other. */
function stepReader(
  fields: Fields,
  head: StepHead,
): (reading: Reading, name: Located<string>, combination?: Combination) => Step {
  const plugin = head.uses ?? { value: "", place: head.name.place };
  const ports = connectedPorts(fields.get("inputs"));
  const resources = fields.get("resources");
  const options = section(
    fields.get("with"),
    (reading, entry) =>
      readOptions(
        reading.within({ ...reading.scope, inputs: ports, secrets: head.secrets }),
        entry,
        plugin.place,
      ),
  );
  const inputs = section(fields.get("inputs"), readInputs);
  const after = section(fields.get("after"), readAfter);
  const runsIf = section(fields.get("if"), readCondition);
  const limits = section(
    resources,
    (reading, entry) => readResources(reading, entry, head.tokens),
  );
  const timeout = section(
    fields.get("timeout"),
    (reading, entry) => readDuration(reading, entry),
  );
  const repetition = section(fields.get("retry"), readRetry);
  const seed = section(fields.get("seed"), readSeed);
  const place = resources === undefined
    ? head.name.place
    : { file: head.name.place.file, span: resources.keySpan };
  return (reading, name, combination) => {
    const { options: given, isComplete: isWhole } = options(reading);
    const { links, isComplete: isLinked } = inputs(reading);
    const condition = runsIf(reading);
    const timeoutMs = timeout(reading);
    const retry = repetition(reading);
    return {
      name,
      ...(combination === undefined ? {} : { combination }),
      uses: plugin,
      with: given,
      inputs: links,
      after: after(reading),
      resources: limits(reading),
      resourcesPlace: place,
      ...(condition === undefined ? {} : { condition }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(retry === undefined ? {} : { retry }),
      seed: seed(reading) ?? head.seed,
      damaged: isWhole && isLinked ? head.damaged : new Set<StepPart>([
        ...head.damaged,
        ...(isWhole ? [] : ["with"] as const),
        ...(isLinked ? [] : ["inputs"] as const),
      ]),
    };
  };
}

function connectedPorts(entry: YamlEntry | undefined): readonly string[] {
  return entry?.value.kind === "map" ? entry.value.entries.map(({ key }) => key) : [];
}

function readAfter(reading: Reading, entry: YamlEntry | undefined): readonly Located<string>[] {
  if (entry === undefined) return [];
  const nodes = entry.value.kind === "list" ? entry.value.items : [entry.value];
  return nodes.flatMap((node) => reading.text({ node, name: '"after"' }) ?? []);
}
