// What is left of a condition once all that is known before the run is filled in, and which values of steps
// it reads. A part that `&&` or `||` makes irrelevant goes away, and with it the need for its values.
import { argumentNotText, stepsPathTooShort } from "../../diagnostics/catalog.ts";
import { DiagnosticsError, type Span } from "../../diagnostics/diagnostic.ts";
import { describeValue } from "../describe_value.ts";
import type { Located, ValueRead } from "../workflow.ts";
import { evaluate, type Scope } from "./evaluate.ts";
import { isTrue } from "./values.ts";
import type { Binary, Expression, Locate } from "./parse.ts";

/** A condition as far as it can be computed before the run. */
export interface Reduced {
  /** Parts of it are values by their number in `reads`; a literal where nothing is left to compute. */
  readonly rest: Expression;
  /** All values that the condition mentions, also those that went away. */
  readonly reads: readonly ValueRead[];
}

/**
 * Computes what is known of an expression in a text.
 *
 * @throws {DiagnosticsError} with what is wrong; with nothing where that was reported elsewhere
 */
export function reduce(
  { text, expression }: { readonly text: string; readonly expression: Expression },
  scope: Scope,
  locate: Locate,
): Reduced {
  const reduction = new Reduction(text, scope, locate);
  return { rest: reduction.of(expression), reads: reduction.reads };
}

/** Numbers of the values that an expression needs. */
export function valuesIn(expression: Expression): readonly number[] {
  return expression.kind === "value" ? [expression.at] : partsOf(expression).flatMap(valuesIn);
}

/** The same expression, with values of other numbers. */
export function renumbered(expression: Expression, number: (at: number) => number): Expression {
  const inner = (part: Expression): Expression => renumbered(part, number);
  switch (expression.kind) {
    case "value":
      return { ...expression, at: number(expression.at) };
    case "unary":
      return { ...expression, operand: inner(expression.operand) };
    case "binary":
      return { ...expression, left: inner(expression.left), right: inner(expression.right) };
    case "call":
      return { ...expression, values: expression.values.map(inner) };
    default:
      return expression; // of which nothing is read from steps
  }
}

class Reduction {
  readonly reads: ValueRead[] = [];

  constructor(readonly text: string, readonly scope: Scope, readonly locate: Locate) {}

  of(expression: Expression): Expression {
    const keys = keysOfSteps(expression);
    if (keys !== undefined) return this.#read(keys, expression.span);
    if (!mentionsSteps(expression)) return this.#literal(expression);
    switch (expression.kind) {
      case "unary":
        return { ...expression, operand: this.of(expression.operand) };
      case "call":
        return { ...expression, values: expression.values.map((value) => this.of(value)) };
      case "binary":
        return this.#binary(expression);
      default:
        return this.#literal(expression); // which says that steps cannot be read within brackets
    }
  }

  #literal(expression: Expression): Expression {
    const value = evaluate(expression, this.scope, this.locate);
    return { kind: "literal", value, span: expression.span };
  }

  #binary(binary: Binary): Expression {
    const left = this.of(binary.left);
    const isLogical = binary.operator === "&&" || binary.operator === "||";
    if (!isLogical || left.kind !== "literal") {
      return { ...binary, left, right: this.of(binary.right) };
    }
    if (isTrue(left.value) === (binary.operator === "&&")) return this.of(binary.right);
    this.#mention(binary.right);
    return left;
  }

  /** Notes what a part reads that does not count; it may be wrong where the other part keeps it from counting. */
  #mention(expression: Expression): void {
    try {
      this.of(expression);
    } catch (error) {
      if (!(error instanceof DiagnosticsError)) throw error;
    }
  }

  #read(keys: readonly Expression[], span: Span): Expression {
    const [step, output, ...rest] = keys;
    const text = this.text.slice(span.start, span.end);
    if (step === undefined || output === undefined) {
      throw new DiagnosticsError([stepsPathTooShort(this.locate(span), text)]);
    }
    const read: ValueRead = {
      text,
      step: this.#name(step),
      output: this.#name(output),
      keys: rest.map((key) => {
        const value = evaluate(key, this.scope, this.locate);
        return typeof value === "number" ? value : this.#name(key).value;
      }),
    };
    return { kind: "value", at: this.reads.push(read) - 1, span };
  }

  #name(key: Expression): Located<string> {
    const value = evaluate(key, this.scope, this.locate);
    const place = this.locate(key.span);
    if (typeof value === "string") return { value, place };
    const usage = "steps['NAME'].OUTPUT['KEY']";
    throw new DiagnosticsError([argumentNotText(place, usage, describeValue(value))]);
  }
}

/** The keys after `steps`; undefined for expressions that do not start so. */
function keysOfSteps(expression: Expression): readonly Expression[] | undefined {
  if (expression.kind === "index") {
    const keys = keysOfSteps(expression.of);
    return keys && [...keys, expression.key];
  }
  if (expression.kind !== "path" || expression.names[0]?.text !== "steps") return undefined;
  return expression.names.slice(1).map(({ text, span }) => ({
    kind: "literal",
    value: text,
    span,
  }));
}

function mentionsSteps(expression: Expression): boolean {
  return keysOfSteps(expression) !== undefined || partsOf(expression).some(mentionsSteps);
}

function partsOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case "index":
      return [expression.of, expression.key];
    case "call":
      return expression.values;
    case "unary":
      return [expression.operand];
    case "binary":
      return [expression.left, expression.right];
    default:
      return [];
  }
}
