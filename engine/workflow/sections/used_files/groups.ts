// Steps that use a workflow file: each stands for the steps of that file, made with parameters and inputs of its
// own. Names in the file are its own; what it gives to others is named under `outputs`.
import {
  badName,
  groupCycle,
  groupInputMissing,
  groupInputUnused,
  keyNotOfGroup,
  tooManyGroupSteps,
  unknownGroupInput,
} from "../../../diagnostics/catalog.ts";
import type { Place } from "../../../diagnostics/diagnostic.ts";
import type { OpenFile, WorkflowFiles } from "../../files.ts";
import type { Reading } from "../../reading.ts";
import type { InputLink, Located, Step } from "../../workflow.ts";
import type { YamlEntry } from "../../yaml/tree.ts";
import { type GivenParams, type GivenValue, StepParams } from "../params/given_params.ts";
import type { Group } from "./group_links.ts";
import { IMPORTED_KEYS, openPart, type Part, readParts } from "./imports.ts";
import { bothOf, readCondition } from "../step/condition.ts";
import { readInputs, readReference } from "../step/inputs.ts";
import { readAfter } from "../step/after.ts";
import { MOST_STEPS } from "../matrix/matrix.ts";
import { isName } from "../names.ts";
import { type GroupInput, Namespace } from "../namespace.ts";
import type { Params } from "../params/params.ts";
import { readSeed } from "../step/step_limits.ts";
import type { Supplies } from "../step/step_parts.ts";
import { damagedGroup, type GroupUse, type StepContext } from "../step/steps.ts";

/** The keys of a file that a step uses. */
export const GROUP_KEYS = {
  ...IMPORTED_KEYS,
  where: "A workflow that is a step",
  keys: [...IMPORTED_KEYS.keys, "inputs", "outputs"],
} as const;

/** The keys of a step that uses a file. */
const USE_KEYS: readonly string[] = ["uses", "if", "matrix", "with", "inputs", "after", "seed"];

/** What a file is read with. */
export interface LevelRequest {
  readonly params: GivenParams;
  readonly context: Pick<StepContext, "seed" | "namespace"> & {
    /** Absent for the workflow's own file, which says them. */
    readonly supplies?: Supplies;
  };
  /** Files whose steps led here, the first one first. */
  readonly files: readonly OpenFile[];
}

/** What a file with its imports says. */
export interface Level {
  readonly params: Params;
  readonly supplies: Supplies;
  readonly steps: readonly Step[];
  /** Reads the file's own sections with its parameters known. */
  readonly reading: Reading;
}

/** Reads a file with its imports. */
export type ReadLevel = (parts: readonly Part[], request: LevelRequest) => Promise<Level>;

/** Reads the groups of a workflow. */
export class Groups {
  readonly #found: Group[] = [];
  readonly #parts = new Map<string, Promise<readonly Part[]>>();
  /** How many steps matrices and groups have made so far, in all files. */
  readonly made = { count: 0 };
  #isFull = false;

  constructor(readonly files: WorkflowFiles, readonly readLevel: ReadLevel) {}

  /** Every group that was read. */
  get found(): readonly Group[] {
    return this.#found;
  }

  /** Reads a step that uses a file into the steps of the file; `above` are the files whose steps led to it. */
  async read(use: GroupUse, above: readonly OpenFile[]): Promise<readonly Step[]> {
    const { reading, fields, name, uses } = use;
    const damaged = [damagedGroup(use)];
    for (const [key, { keySpan }] of fields) {
      if (!USE_KEYS.includes(key)) {
        reading.report(keyNotOfGroup(reading.place(keySpan), key, uses.value));
      }
    }
    if (this.#isFull) return damaged;
    const file = await openPart(this.files, reading, uses, use.folder);
    if (file === undefined) return damaged;
    const files = [...above, file];
    const first = above.findIndex(({ real }) => real === file.real);
    if (first !== -1) {
      const names = files.slice(first).map(({ path }) => path.shown);
      reading.report(groupCycle(uses.place, names));
      return damaged;
    }
    const parts = await this.#open(reading, file);
    const own = parts.at(-1);
    if (own === undefined) return damaged;
    const namespace = new Namespace(`${name.value}/`, givenInputs(use, own));
    const params = new StepParams(
      givenValues(reading, fields.get("with")),
      { uses: uses.value, place: withPlace(use) },
      (problem) => reading.report(problem),
    );
    const seed = readSeed(reading, fields.get("seed")) ?? use.context.seed;
    const { supplies } = use.context;
    const context = { seed, namespace, supplies };
    const level = await this.readLevel(parts, { params, context, files });
    this.#close(use, { own, level, namespace });
    if (this.#isFull) return damaged;
    const after = readAfter(reading, fields.get("after"), use.context.namespace);
    const condition = readCondition(reading, fields.get("if"), use.context.namespace);
    if (after.length === 0 && condition === undefined) return level.steps;
    return level.steps.map((step) => ({
      ...step,
      after: [...step.after, ...after],
      ...(condition === undefined ? {} : { condition: bothOf(condition, step.condition) }),
    }));
  }

  /** A file with its imports, read once. */
  #open(reading: Reading, file: OpenFile): Promise<readonly Part[]> {
    let parts = this.#parts.get(file.real);
    if (parts === undefined) {
      const { env, hashFiles } = reading.scope;
      const bare = reading.within({ params: new Map(), env, hashFiles });
      parts = readParts(this.files, bare, { file, known: GROUP_KEYS });
      this.#parts.set(file.real, parts);
    }
    return parts;
  }

  /** Notes what a group gives, and checks what can be checked only once its steps are read. */
  #close(
    { reading, name, uses, combination }: GroupUse,
    { own, level, namespace }: {
      readonly own: Part;
      readonly level: Level;
      readonly namespace: Namespace;
    },
  ): void {
    const outputs = readOutputs(level.reading, own.fields.get("outputs"), namespace);
    this.#found.push({ name: name.value, combination, outputs });
    for (const [input, { place }] of namespace.inputs ?? []) {
      if (!namespace.used.has(input)) reading.report(groupInputUnused(place, input));
    }
    if (this.made.count > MOST_STEPS && !this.#isFull) {
      this.#isFull = true;
      reading.report(tooManyGroupSteps(uses.place, MOST_STEPS));
    }
  }
}

function withPlace({ reading, fields, name }: GroupUse): Place {
  const entry = fields.get("with");
  return entry === undefined ? name.place : reading.place(entry.keySpan);
}

function givenValues(
  reading: Reading,
  entry: YamlEntry | undefined,
): ReadonlyMap<string, GivenValue> {
  if (entry === undefined || (entry.value.kind === "scalar" && entry.value.value === null)) {
    return new Map();
  }
  const map = reading.map({ node: entry.value, name: '"with"' });
  return new Map(
    (map?.entries ?? []).map(({ key, keySpan, value }) => [key, {
      value: reading.json(value),
      keyPlace: reading.place(keySpan),
      place: reading.place(value.span),
    }]),
  );
}

/** The inputs that a file declares with what a step gives them; absent where there are none. */
function givenInputs(use: GroupUse, own: Part): ReadonlyMap<string, GroupInput> | undefined {
  const { reading, fields, name, uses, context } = use;
  const entry = fields.get("inputs");
  const { links, isComplete } = readInputs(reading, entry, context.namespace);
  const declared = readDeclaredInputs(own.reading, own.fields.get("inputs"));
  const known = [...declared.keys()];
  for (const { port } of links) {
    if (declared.has(port.value)) continue;
    reading.report(unknownGroupInput(port.place, port.value, known, uses.value));
  }
  if (declared.size === 0) return undefined;
  return new Map([...declared].map(([input, { place }]) => {
    const given = links.filter(({ port }) => port.value === input);
    if (given.length === 0 && isComplete) {
      const at = entry === undefined ? name.place : reading.place(entry.keySpan);
      reading.report(groupInputMissing(at, input, { uses: uses.value, declared: place }));
    }
    return [input, { place, links: given.length === 0 ? undefined : given }];
  }));
}

/** Reads `inputs` of a file: what each of them is, by name. */
export function readDeclaredInputs(
  reading: Reading,
  entry: YamlEntry | undefined,
): ReadonlyMap<string, Located<string>> {
  if (entry === undefined) return new Map();
  const map = reading.map({ node: entry.value, name: '"inputs"' });
  const declared = new Map<string, Located<string>>();
  for (const { key, keySpan, value } of map?.entries ?? []) {
    const place = reading.place(keySpan);
    const isNothing = value.kind === "scalar" && value.value === null;
    const words = isNothing
      ? undefined
      : reading.text({ node: value, name: `The description of input "${key}"` });
    if (isName(key)) declared.set(key, { value: words?.value ?? "", place });
    else reading.report(badName(place, "input", key));
  }
  return declared;
}

/** Reads `outputs` of a file: the step and output behind each of them, by name. */
export function readOutputs(
  reading: Reading,
  entry: YamlEntry | undefined,
  namespace: Namespace,
): Group["outputs"] {
  if (entry === undefined) return new Map();
  const map = reading.map({ node: entry.value, name: '"outputs"' });
  return new Map((map?.entries ?? []).map(({ key, keySpan, value }) => {
    const port = { value: key, place: reading.place(keySpan) };
    if (!isName(key)) reading.report(badName(port.place, "output", key));
    const reference = readReference(reading, value, `Output "${key}"`);
    const link: InputLink | undefined = reference && { port, ...reference };
    return [key, link && namespace.links(reading, [link])];
  }));
}
