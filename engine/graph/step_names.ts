// What texts name steps: a step itself, one step of a matrix in brackets, or without brackets all of them.
import type { Combination } from "../workflow/workflow.ts";
import { canonicalLabel } from "../workflow/sections/matrix/labels.ts";

/** The steps that a text names. */
export interface NamedSteps {
  /** Full names, in the order of the matrix. */
  readonly names: readonly string[];
  /** Whether all steps of a matrix are meant; these are a list even where there is only one. */
  readonly isMatrix: boolean;
}

/** Why a text names no step. */
export type NoSteps =
  | { readonly why: "unknown"; readonly name: string; readonly candidates: Iterable<string> }
  | { readonly why: "no-matrix"; readonly step: string }
  /** It may be a step of a matrix whose mistakes were reported. */
  | { readonly why: "unsure" };

/** The steps of one matrix. */
class MatrixSteps implements NamedSteps {
  readonly names: string[] = [];
  readonly isMatrix = true;
  readonly #labels: string[] = [];
  #canonical: ReadonlyMap<string, string> | undefined;

  add(name: string, label: string): void {
    this.names.push(name);
    this.#labels.push(label);
  }

  /** Finds a step by a label whose keys are in another order, or whose numbers are written otherwise. */
  find(label: string): string | undefined {
    this.#canonical ??= new Map(
      this.#labels.map((known, at) => [canonicalLabel(known), this.names[at] ?? ""]),
    );
    return this.#canonical.get(canonicalLabel(label));
  }
}

/** A step that can be named. */
export interface NameableStep {
  readonly name: string;
  readonly combination?: Combination | undefined;
  /** Whether it stands for the steps of a matrix that has mistakes. */
  readonly isUnsure?: boolean;
}

/** Finds steps by what people write. */
export class StepNames {
  readonly #matrices = new Map<string, MatrixSteps>();
  readonly #steps = new Set<string>();
  /** Names as they stand in the file. */
  readonly #written = new Set<string>();
  readonly #unsure = new Set<string>();

  constructor(steps: Iterable<NameableStep>) {
    for (const { name, combination, isUnsure } of steps) {
      this.#steps.add(name);
      this.#written.add(combination?.of ?? name);
      if (isUnsure === true) this.#unsure.add(name);
      if (combination === undefined) continue;
      const matrix = this.#matrices.get(combination.of) ?? new MatrixSteps();
      this.#matrices.set(combination.of, matrix);
      matrix.add(name, combination.label);
    }
  }

  /** Finds the steps that a text names, or says why there are none. */
  find(text: string): NamedSteps | NoSteps {
    if (this.#steps.has(text)) return { names: [text], isMatrix: false };
    const all = this.#matrices.get(text);
    if (all !== undefined) return all;
    const bracket = text.indexOf("[");
    const written = bracket === -1 ? text : text.slice(0, bracket);
    if (!this.#written.has(written)) {
      return { why: "unknown", name: written, candidates: this.#written };
    }
    if (this.#unsure.has(written)) return { why: "unsure" };
    const matrix = this.#matrices.get(written);
    if (matrix === undefined) return { why: "no-matrix", step: written };
    const name = matrix.find(text.slice(bracket + 1, -1));
    if (name !== undefined) return { names: [name], isMatrix: false };
    return { why: "unknown", name: text, candidates: matrix.names };
  }
}
