// References to the outputs of groups, replaced by references to the steps that make them.
import {
  ambiguousOutput,
  conditionReadsMany,
  nothingToTake,
  passedOnWithoutEnd,
  tooManyConnections,
  unknownOutput,
} from "../../../diagnostics/catalog.ts";
import type { Diagnostic } from "../../../diagnostics/diagnostic.ts";
import { type NamedSteps, StepNames } from "../../step_names.ts";
import type { Combination, InputLink, Step, ValueRead } from "../../workflow.ts";

/** A step that uses a workflow file: it stands for the steps of that file. */
export interface Group {
  /** Full name, with brackets where it is one of a matrix. */
  readonly name: string;
  readonly combination: Combination | undefined;
  /** References to what makes each output; undefined for those with mistakes, which were reported. */
  readonly outputs: ReadonlyMap<string, readonly InputLink[] | undefined>;
}

/** What fits into memory with ease. */
const MOST_LINKS = 1_000_000;

/** How many groups may pass on an output of each other. */
const MOST_PASSED = 100;

/** Follows references through groups. */
export class GroupLinks {
  readonly #groups: ReadonlyMap<string, Group>;
  readonly #names: StepNames;
  #links = 0;

  constructor(
    groups: readonly Group[],
    private readonly report: (diagnostic: Diagnostic) => void,
  ) {
    this.#groups = new Map(groups.map((group) => [group.name, group]));
    this.#names = new StepNames(groups);
  }

  /** Steps whose inputs name no groups any more. */
  follow(steps: readonly Step[]): readonly Step[] {
    if (this.#groups.size === 0) return steps;
    return steps.map((step) => {
      const { condition } = step;
      const named = [...step.inputs, ...condition?.reads ?? []];
      const isThrough = named.some((link) => this.groupsOf(link.step.value) !== undefined);
      if (!isThrough) return step;
      const found = step.inputs.map((link) => this.links(link));
      const inputs = found.flatMap((links) => links ?? []);
      const followed = {
        ...step,
        inputs,
        ...(condition === undefined ? {} : {
          condition: { ...condition, reads: condition.reads.map((read) => this.#read(read)) },
        }),
      };
      return found.includes(undefined)
        ? { ...followed, damaged: new Set([...step.damaged, "inputs"] as const) }
        : followed;
    });
  }

  /** The groups that a text names; undefined where it names none. */
  groupsOf(text: string): (NamedSteps & { readonly groups: readonly Group[] }) | undefined {
    const found = this.#names.find(text);
    if (!("names" in found)) return undefined;
    return { ...found, groups: found.names.flatMap((name) => this.#groups.get(name) ?? []) };
  }

  /** What one reference stands for; undefined after a report. */
  links(link: InputLink): readonly InputLink[] | undefined {
    return this.#follow(link, []);
  }

  /** Follows a reference through groups; `passed` are the outputs on the way, `group.output`. */
  #follow(link: InputLink, passed: readonly string[]): readonly InputLink[] | undefined {
    const found = this.groupsOf(link.step.value);
    if (found === undefined) return [link];
    if (this.#links > MOST_LINKS) return undefined;
    const here = `${link.step.value}.${link.output?.value ?? ""}`;
    if (passed.includes(here) || passed.length === MOST_PASSED) {
      this.report(passedOnWithoutEnd(link.step.place, localName(link.step.value, link)));
      return undefined;
    }
    const all: InputLink[] = [];
    for (const group of found.groups) {
      const made = this.#output(group, link)?.map((inner) =>
        this.#follow(inner, [...passed, here])
      );
      if (made === undefined || made.includes(undefined)) return undefined;
      const ends = made.flatMap((links) => links ?? []);
      const isListed = found.isMatrix || link.isListed === true || ends.length > 1;
      for (const end of ends) {
        all.push(through(link, group, { end, isListed, isOne: ends.length === 1 }));
      }
      this.#links += ends.length;
      if (this.#links > MOST_LINKS) {
        this.report(tooManyConnections(link.step.place, MOST_LINKS));
        return undefined;
      }
    }
    return all;
  }

  /** A value that a condition reads, out of the step that makes it; as it was after a report. */
  #read(read: ValueRead): ValueRead {
    const links = this.links({ port: read.output, step: read.step, output: read.output });
    const [end] = links ?? [];
    if (links === undefined || end?.output === undefined) return read;
    if (links.length > 1) {
      const many = { count: links.length, example: end.step.value };
      this.report(conditionReadsMany(read.step.place, read.step.value, many));
      return read;
    }
    return {
      ...read,
      step: { ...read.step, value: end.step.value },
      output: { ...read.output, value: end.output.value },
    };
  }

  /** References to what makes the output that is named, or the only one. */
  #output(
    { name: full, outputs }: Group,
    link: InputLink,
  ): readonly InputLink[] | undefined {
    const { place } = link.step;
    const name = localName(full, link);
    const known = [...outputs.keys()];
    const output = link.output?.value ?? (known.length === 1 ? known[0] : undefined);
    if (output !== undefined && outputs.has(output)) return outputs.get(output);
    if (link.output !== undefined) {
      this.report(unknownOutput(link.output.place, link.output.value, { name, outputs: known }));
    } else if (known.length === 0) this.report(nothingToTake(place, name));
    else this.report(ambiguousOutput(place, name, known));
    return undefined;
  }
}

/** A reference to what makes an output, as seen from where the group is named. */
function through(
  link: InputLink,
  group: Group,
  { end, isListed, isOne }: {
    readonly end: InputLink;
    readonly isListed: boolean;
    /** Whether it is all that the group gives. */
    readonly isOne: boolean;
  },
): InputLink {
  const name = localName(group.name, link);
  const inner = end.via?.name ?? localName(end.step.value, end);
  return {
    ...end,
    port: link.port,
    via: {
      name: isOne ? name : `${name}/${inner}`,
      ...(link.output === undefined ? {} : { output: link.output.value }),
      matrix: { ...group.combination?.values, ...end.via?.matrix },
      group: group.combination?.values,
      place: (link.output ?? link.step).place,
    },
    ...(isListed ? { isListed: true } : {}),
  };
}

/** A full name as the file of a reference knows it. */
export function localName(full: string, { within = "" }: Pick<InputLink, "within">): string {
  return full.startsWith(within) ? full.slice(within.length) : full;
}

/** What a list calls one of the steps that a reference names; `isMatrix` where it names several. */
export function seenName(
  link: Pick<InputLink, "within" | "via">,
  full: string,
  isMatrix: boolean,
): string {
  const own = localName(full, link);
  if (link.via === undefined) return own;
  return isMatrix ? `${link.via.name}/${own}` : link.via.name;
}
