// Texts with expressions in them: fills in what is known now and keeps the roles for when a step runs.
import {
  pathNeedsName,
  roleNotAlone,
  roleNotHere,
  unknownRoleInput,
  unknownSecret,
  valueNotText,
} from "../../diagnostics/catalog.ts";
import { type Diagnostic, DiagnosticsError, type Span } from "../../diagnostics/diagnostic.ts";
import type { SourceFile } from "../../diagnostics/source_file.ts";
import { describeValue } from "../describe_value.ts";
import { evaluate, fail, ROLES, type Scope } from "./evaluate.ts";
import { asText } from "./values.ts";
import { type Expression, type Locate, parseExpression } from "./parse.ts";
import type { Json } from "../workflow.ts";

const OPENING = "${{";

/** A text and the expressions in it, in order. */
export interface Template {
  readonly text: string;
  readonly expressions: readonly { readonly expression: Expression; readonly span: Span }[];
}

/**
 * Finds a text's expressions.
 *
 * @throws {DiagnosticsError} with the first mistake
 */
export function parseTemplate(text: string, locate: Locate): Template {
  const expressions: Template["expressions"][number][] = [];
  let end = 0;
  for (let start = text.indexOf(OPENING); start !== -1; start = text.indexOf(OPENING, end)) {
    const parsed = parseExpression(text, start, locate);
    expressions.push(parsed);
    end = parsed.span.end;
  }
  return { text, expressions };
}

/**
 * Fills in a text's expressions. A text that is one expression keeps that expression's type. A path of
 * the running step stays, in the form `${{ outputs.model }}`.
 *
 * @throws {DiagnosticsError} with what is wrong; with nothing where that was reported elsewhere
 */
export function fillTemplate(
  { text, expressions }: Template,
  scope: Scope,
  locate: Locate,
): Json {
  const [only] = expressions;
  if (only?.span.start === 0 && only.span.end === text.length) {
    return valueOf(only.expression, scope, locate);
  }
  let filled = "";
  let end = 0;
  const problems: Diagnostic[] = [];
  let isWhole = true;
  for (const { expression, span } of expressions) {
    try {
      const value = valueOf(expression, scope, locate);
      const part = asText(value) ?? fail(valueNotText(locate(span), describeValue(value)));
      filled += text.slice(end, span.start) + part;
    } catch (error) {
      if (!(error instanceof DiagnosticsError)) throw error;
      problems.push(...error.diagnostics);
      isWhole = false;
    }
    end = span.end;
  }
  if (!isWhole) throw new DiagnosticsError(problems);
  return filled + text.slice(end);
}

function valueOf(expression: Expression, scope: Scope, locate: Locate): Json {
  return roleText(expression, scope, locate) ?? secretText(expression, scope, locate) ??
    evaluate(expression, scope, locate);
}

// The canonical form of a path that only the running step knows; undefined for other expressions.
function roleText(expression: Expression, scope: Scope, locate: Locate): string | undefined {
  if (expression.kind !== "path") return undefined;
  const [root, name, deeper] = expression.names;
  if (root === undefined || !ROLES.includes(root.text)) return undefined;
  const path = expression.names.map((part) => part.text).join(".");
  const place = locate(expression.span);
  if (scope.inputs === undefined) fail(roleNotHere(place, path));
  if (root.text === "scratch") {
    if (name !== undefined) fail(roleNotAlone(place, path));
    return "${{ scratch }}";
  }
  if (name === undefined) fail(pathNeedsName(place, root.text));
  if (deeper !== undefined) fail(roleNotAlone(place, path));
  if (root.text === "inputs" && !scope.inputs.includes(name.text)) {
    fail(unknownRoleInput(locate(name.span), name.text, scope.inputs));
  }
  return `\${{ ${path} }}`;
}

// The canonical form of a secret, which only the step's process is given; undefined for other expressions.
function secretText(expression: Expression, scope: Scope, locate: Locate): string | undefined {
  if (expression.kind !== "path" || scope.secrets === undefined) return undefined;
  const [root, name, deeper] = expression.names;
  if (root?.text !== "secrets" || deeper !== undefined) return undefined;
  if (name === undefined) throw new DiagnosticsError([pathNeedsName(locate(root.span), root.text)]);
  if (scope.secrets === "damaged") throw new DiagnosticsError([]);
  if (!scope.secrets.includes(name.text)) {
    throw new DiagnosticsError([unknownSecret(locate(name.span), name.text, scope.secrets)]);
  }
  return `\${{ secrets.${name.text} }}`;
}

/**
 * Returns a function from spans in a YAML value's text to places in the file. Where escapes or folded
 * lines keep an expression from standing in the file as it is, the place is the whole value.
 */
export function locateIn(file: SourceFile, value: string, valueSpan: Span): Locate {
  return (span) => {
    const whole = { file, span: valueSpan };
    const source = file.text.slice(valueSpan.start, valueSpan.end);
    const start = value.lastIndexOf(OPENING, span.start);
    if (start === -1) return whole;
    const sourceStart = nthIndex(source, OPENING, countBefore(value, OPENING, start));
    if (sourceStart === -1) return whole;
    const shift = valueSpan.start + sourceStart - start;
    if (!source.startsWith(value.slice(start, span.end), sourceStart)) return whole;
    return { file, span: { start: span.start + shift, end: span.end + shift } };
  };
}

function countBefore(text: string, part: string, end: number): number {
  return text.slice(0, end).split(part).length - 1;
}

function nthIndex(text: string, part: string, n: number): number {
  let at = text.indexOf(part);
  for (let i = 0; i < n && at !== -1; i++) at = text.indexOf(part, at + part.length);
  return at;
}
