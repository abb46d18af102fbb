// Reads the parts of one step. Each is read once for all combinations of its matrix, unless it names one of
// their values.
import type { Reading } from "../../reading.ts";
import type { Combination, Located, Step, StepPart, Tokens } from "../../workflow.ts";
import type { YamlEntry } from "../../yaml/tree.ts";
import { readAfter } from "./after.ts";
import { readCondition } from "./condition.ts";
import { readInputs } from "./inputs.ts";
import { section } from "../matrix/shared_sections.ts";
import type { Namespace } from "../namespace.ts";
import { readOptions } from "./options.ts";
import { readRetry } from "./retry.ts";
import { readDuration, readResources, readSeed } from "./step_limits.ts";

/** What stands under the keys of a step. */
export type Fields = ReadonlyMap<string, YamlEntry>;

/** What a workflow gives those of its steps that ask for it, in whichever file they stand. */
export interface Supplies {
  /** Names of secrets that options may name. */
  readonly secrets: readonly string[] | "damaged";
  /** How many there are of each; undefined where that could not be read. */
  readonly tokens: Tokens | undefined;
}

/** What the parts of a step are read with. */
export interface StepGivens {
  /** Of steps that give none. */
  readonly seed: number;
  readonly namespace: Namespace;
  readonly supplies: Supplies;
}

/** What is known of a step before the sections that may use its matrix are read. */
export interface StepHead {
  readonly name: Located<string>;
  /** Absent where it could not be read. */
  readonly uses: Located<string> | undefined;
  readonly damaged: ReadonlySet<StepPart>;
  readonly folder: string;
  readonly context: StepGivens;
}

/** Returns a reader of the step, for one combination after the other. */
export function stepReader(
  fields: Fields,
  head: StepHead,
): (reading: Reading, name: Located<string>, combination?: Combination) => Step {
  const uses = head.uses ?? { value: "", place: head.name.place };
  const read = partReaders(fields, uses, head.context);
  const resources = fields.get("resources");
  const resourcesPlace = resources === undefined
    ? head.name.place
    : { file: head.name.place.file, span: resources.keySpan };
  return (reading, name, combination) => {
    const { options, isComplete: isWhole } = read.options(reading);
    const { links, isComplete: isLinked } = read.inputs(reading);
    const condition = read.condition(reading);
    const timeoutMs = read.timeout(reading);
    const retry = read.retry(reading);
    return {
      name,
      ...(combination === undefined ? {} : { combination }),
      uses,
      folder: head.folder,
      with: options,
      inputs: links,
      after: read.after(reading),
      resources: read.resources(reading),
      resourcesPlace,
      ...(condition === undefined ? {} : { condition }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(retry === undefined ? {} : { retry }),
      seed: read.seed(reading) ?? head.context.seed,
      damaged: isWhole && isLinked ? head.damaged : new Set<StepPart>([
        ...head.damaged,
        ...(isWhole ? [] : ["with"] as const),
        ...(isLinked ? [] : ["inputs"] as const),
      ]),
    };
  };
}

type PartReader<T> = (reading: Reading) => T;

interface PartReaders {
  readonly options: PartReader<ReturnType<typeof readOptions>>;
  readonly inputs: PartReader<ReturnType<typeof readInputs>>;
  readonly after: PartReader<Step["after"]>;
  readonly condition: PartReader<Step["condition"]>;
  readonly resources: PartReader<Step["resources"]>;
  readonly timeout: PartReader<number | undefined>;
  readonly retry: PartReader<Step["retry"]>;
  readonly seed: PartReader<number | undefined>;
}

function partReaders(
  fields: Fields,
  uses: Located<string>,
  { namespace, supplies: { secrets, tokens } }: StepGivens,
): PartReaders {
  const inputs = connectedPorts(fields.get("inputs"));
  return {
    options: section(
      fields.get("with"),
      (reading, entry) =>
        readOptions(reading.within({ ...reading.scope, inputs, secrets }), entry, uses.place),
    ),
    inputs: section(
      fields.get("inputs"),
      (reading, entry) => readInputs(reading, entry, namespace),
    ),
    after: section(fields.get("after"), (reading, entry) => readAfter(reading, entry, namespace)),
    condition: section(
      fields.get("if"),
      (reading, entry) => readCondition(reading, entry, namespace),
    ),
    resources: section(
      fields.get("resources"),
      (reading, entry) => readResources(reading, entry, tokens),
    ),
    timeout: section(fields.get("timeout"), (reading, entry) => readDuration(reading, entry)),
    retry: section(fields.get("retry"), readRetry),
    seed: section(fields.get("seed"), readSeed),
  };
}

function connectedPorts(entry: YamlEntry | undefined): readonly string[] {
  return entry?.value.kind === "map" ? entry.value.entries.map(({ key }) => key) : [];
}
