// What the names in one file stand for: its steps, and the inputs that it is given where a step uses it.
import {
  inputWithoutName,
  tooManyConnections,
  unknownGroupInput,
} from "../../diagnostics/catalog.ts";
import type { Place } from "../../diagnostics/diagnostic.ts";
import type { Reading } from "../reading.ts";
import type { InputLink, Located } from "../workflow.ts";

/** The name under which a file's steps find its inputs: `inputs.tiles`. */
export const INPUTS = "inputs";

/** How many references one step may have. */
const MOST_LINKS = 100_000;

/** An input that a file declares. */
export interface GroupInput {
  /** Where it is declared. */
  readonly place: Place;
  /** What it is given; undefined where that has mistakes, which were reported. */
  readonly links: readonly InputLink[] | undefined;
}

/** Names as one file knows them. */
export class Namespace {
  readonly #used = new Set<string>();

  constructor(
    /** Stands before the names of the file's steps: `prepared/`, or nothing. */
    readonly prefix = "",
    /** Absent where the file declares none. */
    readonly inputs?: ReadonlyMap<string, GroupInput>,
  ) {}

  /** Names of inputs that something in the file takes. */
  get used(): ReadonlySet<string> {
    return this.#used;
  }

  /** The full name of a step that the file names. */
  step(name: Located<string>): Located<string> {
    return this.prefix === "" ? name : { ...name, value: `${this.prefix}${name.value}` };
  }

  /** References with full names, the file's inputs replaced by what they are given; undefined after a report. */
  links(reading: Reading, links: readonly InputLink[]): readonly InputLink[] | undefined {
    if (this.prefix === "" && this.inputs === undefined) return links;
    const found = links.map((link) => this.#link(reading, link));
    if (found.includes(undefined)) return undefined;
    // Lists that hold a list twice double from file to file.
    const count = found.reduce((sum, links) => sum + (links?.length ?? 0), 0);
    const [first] = links;
    if (first !== undefined && count > MOST_LINKS) {
      return reading.report(tooManyConnections(first.step.place, MOST_LINKS));
    }
    return found.flatMap((links) => links ?? []);
  }

  #link(reading: Reading, link: InputLink): readonly InputLink[] | undefined {
    const { step, output } = link;
    if (this.inputs === undefined || step.value !== INPUTS) {
      return [{ ...link, step: this.step(step), within: this.prefix }];
    }
    const known = [...this.inputs.keys()];
    if (output === undefined) return reading.report(inputWithoutName(step.place, known));
    this.#used.add(output.value);
    const input = this.inputs.get(output.value);
    if (input === undefined) {
      return reading.report(unknownGroupInput(output.place, output.value, known));
    }
    return input.links?.map((given) => ({
      ...given,
      port: link.port,
      ...(link.isListed === true ? { isListed: true } : {}),
    }));
  }
}
