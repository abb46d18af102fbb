// Reads the steps of a workflow. A part that cannot be read is marked as damaged and the rest goes on. A step
// with a matrix becomes one step for each of its combinations.
import {
  badAfter,
  badName,
  clash,
  missingKey,
  stepNamedInputs,
  stepNameTooLong,
} from "../../diagnostics/catalog.ts";
import type { Place } from "../../diagnostics/diagnostic.ts";
import { describeValue } from "../describe_value.ts";
import type { Reading } from "../reading.ts";
import type { Combination, Condition, Located, Step, StepPart, Tokens } from "../workflow.ts";
import type { YamlEntry } from "../yaml/tree.ts";
import { readCondition } from "./condition.ts";
import { readInputs } from "./inputs.ts";
import { readMatrix } from "./matrix/matrix.ts";
import { section, uses } from "./matrix/shared_sections.ts";
import { fitsAsFile, isName, LONGEST_NAME, parseReference } from "./names.ts";
import { INPUTS, type Namespace } from "./namespace.ts";
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

/** What a workflow gives those of its steps that ask for it, in whichever file they stand. */
export interface Supplies {
  /** Names of secrets that options may name. */
  readonly secrets: readonly string[] | "damaged";
  /** How many there are of each; undefined where that could not be read. */
  readonly tokens: Tokens | undefined;
}

/** The steps of one file, and how to read them. */
export interface StepSection {
  readonly reading: Reading;
  /** Absolute path of the file's folder. */
  readonly folder: string;
  readonly entry: YamlEntry;
}

/** What the steps of a file are read with. */
export interface StepContext {
  /** Of steps that give none. */
  readonly seed: number;
  readonly namespace: Namespace;
  readonly supplies: Supplies;
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

type Fields = ReadonlyMap<string, YamlEntry>;

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
  const make: typeof read | ((...given: Parameters<typeof read>) => Promise<readonly Step[]>) =
    fields === undefined || !isGroup
      ? read
      : (reading, name, combination) =>
        context.group({ reading, fields, name, combination, uses: plugin, folder, context });
  const matrix = fields?.get("matrix");
  if (matrix === undefined && !isGroup) checkInGroup(reading, name, context);
  if (matrix === undefined) return [await make(reading, name)].flat();
  const combinations = readMatrix(reading, matrix, {
    name: name.value,
    stepsBefore: context.made.count,
    uses: (key) => uses(entry.value, new RegExp(`\\bmatrix\\s*\\.\\s*${key}\\b`)),
  });
  if (combinations === undefined) {
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

/** What is known of a step before the sections that may use its matrix are read. */
interface StepHead {
  readonly name: Located<string>;
  /** Absent where it could not be read. */
  readonly uses: Located<string> | undefined;
  readonly damaged: ReadonlySet<StepPart>;
  readonly folder: string;
  readonly context: StepContext;
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
        reading.within({ ...reading.scope, inputs: ports, secrets: head.context.supplies.secrets }),
        entry,
        plugin.place,
      ),
  );
  const { seed: usual, namespace, supplies } = head.context;
  const inputs = section(
    fields.get("inputs"),
    (reading, entry) => inNamespace(reading, namespace, readInputs(reading, entry)),
  );
  const after = section(
    fields.get("after"),
    (reading, entry) => readAfter(reading, entry).map((step) => namespace.step(step)),
  );
  const runsIf = section(
    fields.get("if"),
    (reading, entry) => conditionIn(namespace, readCondition(reading, entry)),
  );
  const limits = section(
    resources,
    (reading, entry) => readResources(reading, entry, supplies.tokens),
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
      folder: head.folder,
      with: given,
      inputs: links,
      after: after(reading),
      resources: limits(reading),
      resourcesPlace: place,
      ...(condition === undefined ? {} : { condition }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(retry === undefined ? {} : { retry }),
      seed: seed(reading) ?? usual,
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

/** A condition that reads from steps by their full names. */
function conditionIn(
  namespace: Namespace,
  condition: Condition | undefined,
): Condition | undefined {
  return condition && {
    ...condition,
    reads: condition.reads.map((read) => ({ ...read, step: namespace.step(read.step) })),
  };
}

/** Inputs whose references have full names. */
export function inNamespace(
  reading: Reading,
  namespace: Namespace,
  { links, isComplete }: ReturnType<typeof readInputs>,
): ReturnType<typeof readInputs> {
  const found = namespace.links(reading, links);
  return { links: found ?? [], isComplete: isComplete && found !== undefined };
}

/** Reads `after`: a step or a list of them. */
export function readAfter(
  reading: Reading,
  entry: YamlEntry | undefined,
): readonly Located<string>[] {
  if (entry === undefined) return [];
  const nodes = entry.value.kind === "list" ? entry.value.items : [entry.value];
  return nodes.flatMap((node) => {
    const value = node.kind === "scalar" ? reading.json(node) : null;
    if (value === undefined) return [];
    const place = reading.place(node.span);
    const reference = typeof value === "string" ? parseReference({ value, place }) : undefined;
    if (reference !== undefined && reference.output === undefined) return [reference.step];
    const present = node.kind === "scalar" ? describeValue(value) : `a ${node.kind}`;
    reading.report(badAfter(place, present, reference?.step.value));
    return [];
  });
}
