// Reads the steps of a workflow. A part that cannot be read is marked as damaged and the rest goes on. A step
// with a matrix becomes one step for each of its combinations.
import {
  badName,
  clash,
  missingKey,
  stepNamedInputs,
  stepNameTooLong,
} from "../../../diagnostics/catalog.ts";
import type { Place } from "../../../diagnostics/diagnostic.ts";
import type { Reading } from "../../reading.ts";
import type { Combination, Located, Step, StepPart } from "../../workflow.ts";
import type { YamlEntry } from "../../yaml/tree.ts";
import { readMatrix } from "../matrix/matrix.ts";
import { uses } from "../matrix/shared_sections.ts";
import { fitsAsFile, isName, LONGEST_NAME } from "../names.ts";
import { INPUTS } from "../namespace.ts";
import { type Fields, type StepGivens, stepReader } from "./step_parts.ts";

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

/** The steps of one file, and how to read them. */
export interface StepSection {
  readonly reading: Reading;
  /** Absolute path of the file's folder. */
  readonly folder: string;
  readonly entry: YamlEntry;
}

/** What the steps of a file are read with. */
export interface StepContext extends StepGivens {
  /** How many steps matrices and groups have made so far, in all files. */
  readonly made: { count: number };
  /** Reads a step that uses a workflow file into the steps of that file. */
  group(use: GroupUse): Promise<readonly Step[]>;
}

/** A step that uses a workflow file. */
export interface GroupUse {
  readonly reading: Reading;
  readonly fields: Fields;
  /** Full name. */
  readonly name: Located<string>;
  readonly combination?: Combination | undefined;
  readonly uses: Located<string>;
  readonly folder: string;
  readonly context: StepContext;
}

/** Reads maps of steps, whose names must differ. */
export async function readSteps(
  sections: readonly StepSection[],
  context: StepContext,
): Promise<readonly Step[]> {
  const steps: Step[] = [];
  const places = new Map<string, Place>();
  for (const { reading, entry, folder } of sections) {
    for (const written of reading.map({ node: entry.value, name: '"steps"' })?.entries ?? []) {
      const place = reading.place(written.keySpan);
      const other = places.get(written.key);
      if (other !== undefined) reading.report(clash(place, "step", written.key, other));
      else {
        places.set(written.key, place);
        const made = await readStep(reading, written, { folder, context });
        for (const step of made) steps.push(step);
      }
    }
  }
  return steps;
}

/** Where a step stands. */
interface Site {
  readonly folder: string;
  readonly context: StepContext;
}

async function readStep(
  reading: Reading,
  entry: YamlEntry,
  { folder, context }: Site,
): Promise<readonly Step[]> {
  const written = { value: entry.key, place: reading.place(entry.keySpan) };
  if (!isName(entry.key)) reading.report(badName(written.place, "step", entry.key));
  if (entry.key === INPUTS && context.namespace.inputs !== undefined) {
    reading.report(stepNamedInputs(written.place));
  }
  const name = context.namespace.step(written);
  const fields = reading.fields(entry.value, { where: `Step "${entry.key}"`, ...STEP_KEYS });
  const plugin = fields && readUses(reading, fields.get("uses"), written);
  const damaged = new Set<StepPart>(fields === undefined ? ["uses", "with", "inputs"] : []);
  if (plugin === undefined) damaged.add("uses");
  const head = { name, uses: plugin, damaged, folder, context };
  const read = stepReader(fields ?? new Map(), head);
  const isGroup = plugin !== undefined && isWorkflowFile(plugin.value);
  const use: ((...given: Parameters<typeof read>) => GroupUse) | undefined =
    fields === undefined || !isGroup ? undefined : (reading, name, combination) => (
      { reading, fields, name, combination, uses: plugin, folder, context }
    );
  const make: (...given: Parameters<typeof read>) => Step | Promise<readonly Step[]> =
    use === undefined ? read : (...given) => context.group(use(...given));
  const matrix = fields?.get("matrix");
  if (matrix === undefined && !isGroup) checkInGroup(reading, name, context);
  if (matrix === undefined) return [await make(reading, name)].flat();
  const combinations = readMatrix(reading, matrix, {
    name: name.value,
    stepsBefore: context.made.count,
    uses: (key) => uses(entry.value, new RegExp(`\\bmatrix\\s*\\.\\s*${key}\\b`)),
  });
  if (combinations === undefined) {
    if (use !== undefined) return [damagedGroup(use(reading, name))];
    damaged.add("matrix");
    return [read(reading.within({ ...reading.scope, matrix: "damaged" }), name)];
  }
  if (!isGroup) context.made.count += combinations.length;
  const keys = new Set(combinations.flatMap(({ values }) => Object.keys(values)));
  const absent = Object.fromEntries([...keys].map((key) => [key, null]));
  const steps: Step[] = [];
  for (const combination of combinations) {
    const scope = { ...reading.scope, matrix: { ...absent, ...combination.values } };
    const full = { value: `${name.value}[${combination.label}]`, place: name.place };
    const made = make(reading.within(scope), full, combination);
    if (!(made instanceof Promise)) steps.push(made);
    else for (const step of await made) steps.push(step);
  }
  return steps;
}

/** Counts a step of a group, and sees to it that its name is not too long. */
function checkInGroup(
  reading: Reading,
  { value, place }: Located<string>,
  { made, namespace }: StepContext,
): void {
  if (namespace.prefix === "") return;
  made.count++;
  if (!fitsAsFile(value)) reading.report(stepNameTooLong(place, value, LONGEST_NAME));
}

/** Says whether `uses` names a workflow file, whose steps stand in the place of the step. */
export function isWorkflowFile(uses: string): boolean {
  return /^\.{0,2}\/.+\.ya?ml$/.test(uses);
}

/** A step in the place of those that a file would have made; its mistakes were reported. */
export function damagedGroup({ name, uses, folder, context }: GroupUse): Step {
  return {
    name,
    uses,
    folder,
    with: { value: {}, places: { at: () => name.place } },
    inputs: [],
    after: [],
    resources: {},
    resourcesPlace: name.place,
    seed: context.seed,
    damaged: new Set(["uses", "matrix", "with", "inputs"]),
  };
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
