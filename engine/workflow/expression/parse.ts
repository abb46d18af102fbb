// Parses the pure expressions of workflows, `${{ … }}`, into trees that know the place of every part.
import {
  expressionNotClosed,
  expressionTooLong,
  textNotClosed,
  unexpectedInExpression,
  unknownCharacter,
} from "../../diagnostics/catalog.ts";
import { DiagnosticsError, type Place, type Span } from "../../diagnostics/diagnostic.ts";
import type { Json } from "../json.ts";

// Bounds the depth of the tree as well, and so the stack.
const MAX_LENGTH = 1000;

/** A parsed expression; spans count from the start of the text that holds it. */
export type Expression =
  | {
    readonly kind: "literal";
    readonly value: Json;
    readonly span: Span;
  }
  | { readonly kind: "path"; readonly names: readonly Name[]; readonly span: Span }
  | Index
  | Call
  | Unary
  | Binary
  /** What a step makes, as a number in the list of values that a condition reads. */
  | { readonly kind: "value"; readonly at: number; readonly span: Span };

/** One word of a path, or the name of a function. */
export interface Name {
  readonly text: string;
  readonly span: Span;
}

/** An item of a list or map: `params.classes[0]`. */
export interface Index {
  readonly kind: "index";
  readonly of: Expression;
  readonly key: Expression;
  readonly span: Span;
}

/** A function applied to values. */
export interface Call {
  readonly kind: "call";
  readonly name: Name;
  readonly values: readonly Expression[];
  readonly span: Span;
}

/** A sign before a value. */
export interface Unary {
  readonly kind: "unary";
  readonly operator: "!" | "-";
  readonly operand: Expression;
  readonly span: Span;
}

/** An operator between two values. */
export interface Binary {
  readonly kind: "binary";
  readonly operator: string;
  readonly operatorSpan: Span;
  readonly left: Expression;
  readonly right: Expression;
  readonly span: Span;
}

/** Turns a span in the text into a place in the file. */
export type Locate = (span: Span) => Place;

interface Token {
  readonly kind: "number" | "text" | "name" | "sign" | "end";
  readonly text: string;
  readonly span: Span;
}

const PRECEDENCE: Readonly<Record<string, number>> = {
  "||": 1,
  "&&": 2,
  "==": 3,
  "!=": 3,
  "<": 4,
  "<=": 4,
  ">": 4,
  ">=": 4,
  "+": 5,
  "-": 5,
  "*": 6,
  "/": 6,
};

/**
 * Parses the expression whose `${{` starts at `start`; its span ends after `}}`.
 *
 * @throws {DiagnosticsError} with the one mistake that stops the parser
 */
export function parseExpression(
  text: string,
  start: number,
  locate: Locate,
): { readonly expression: Expression; readonly span: Span } {
  const parser = new Parser(tokens(text, start, locate), locate);
  const expression = parser.expression(0);
  const end = parser.take("}}", 'an operator or "}}"').span.end;
  return { expression, span: { start, end } };
}

const TOKEN =
  /\s*(?:(?<number>\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)|(?<text>'(?:[^']|'')*'|"(?:[^"]|"")*")|(?<name>[A-Za-z_][\w-]*)|(?<sign>\}\}|\|\||&&|[=!<>]=|[-+*/<>!(),.[\]]))/y;

function tokens(text: string, start: number, locate: Locate): readonly Token[] {
  const found: Token[] = [];
  const limit = start + MAX_LENGTH;
  const part = text.slice(0, limit);
  TOKEN.lastIndex = start + "${{".length;
  for (;;) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(part);
    if (match === null && limit < text.length) {
      throw new DiagnosticsError([expressionTooLong(locate({ start, end: limit }), MAX_LENGTH)]);
    }
    if (match === null) throw new DiagnosticsError([badToken(text, { start, from }, locate)]);
    const kind = tokenKind(match.groups ?? {});
    const word = match.groups?.[kind] ?? "";
    const span = { start: TOKEN.lastIndex - word.length, end: TOKEN.lastIndex };
    found.push({ kind: word === "}}" ? "end" : kind, text: word, span });
    if (word === "}}") return found;
  }
}

function tokenKind(
  groups: Readonly<Record<string, string | undefined>>,
): Exclude<Token["kind"], "end"> {
  if (groups["number"] !== undefined) return "number";
  if (groups["text"] !== undefined) return "text";
  return groups["name"] === undefined ? "sign" : "name";
}

function badToken(
  text: string,
  at: { readonly start: number; readonly from: number },
  locate: Locate,
): ReturnType<typeof textNotClosed> {
  const rest = text.slice(at.from);
  const character = rest.trimStart()[0];
  if (character === undefined) {
    return expressionNotClosed(locate({ start: at.start, end: text.trimEnd().length }));
  }
  const begin = at.from + rest.indexOf(character);
  if (character === "'" || character === '"') {
    return textNotClosed(locate({ start: begin, end: text.length }));
  }
  return unknownCharacter(locate({ start: begin, end: begin + 1 }), character);
}

/** Precedence climbing over the tokens; the last token is always the closing `}}`. */
class Parser {
  #at = 0;

  constructor(readonly tokens: readonly Token[], readonly locate: Locate) {}

  expression(minimum: number): Expression {
    let left = this.#operand();
    for (;;) {
      const operator = this.#peek();
      const precedence = operator.kind === "sign" ? PRECEDENCE[operator.text] : undefined;
      if (precedence === undefined || precedence < minimum) return left;
      this.#at++;
      const right = this.expression(precedence + 1);
      left = {
        kind: "binary",
        operator: operator.text,
        operatorSpan: operator.span,
        left,
        right,
        span: { start: left.span.start, end: right.span.end },
      };
    }
  }

  take(text: string, wanted: string): Token {
    const token = this.#peek();
    if (token.text !== text || token.kind === "text") this.#unexpected(token, wanted);
    this.#at++;
    return token;
  }

  #operand(): Expression {
    const token = this.#peek();
    if (token.kind === "end" || (token.kind === "sign" && !/^[-!(]$/.test(token.text))) {
      this.#unexpected(token, "a value");
    }
    this.#at++;
    if (token.kind === "number") {
      return { kind: "literal", value: Number(token.text), span: token.span };
    }
    if (token.kind === "text") return textLiteral(token);
    if (token.kind === "name") return this.#named(token);
    if (token.text === "(") {
      const inner = this.expression(0);
      this.take(")", '")"');
      return inner;
    }
    const operand = this.#operand();
    const span = { start: token.span.start, end: operand.span.end };
    return { kind: "unary", operator: token.text === "!" ? "!" : "-", operand, span };
  }

  #named(first: Token): Expression {
    const constant = CONSTANTS.get(first.text);
    if (constant !== undefined) return { kind: "literal", value: constant.value, span: first.span };
    if (this.#peek().text === "(") return this.#call(first);
    const names: Name[] = [first];
    while (this.#peek().text === ".") {
      this.#at++;
      const name = this.#peek();
      if (name.kind !== "name") this.#unexpected(name, "a name");
      this.#at++;
      names.push(name);
    }
    const end = names.at(-1)?.span.end ?? first.span.end;
    return this.#indexed({ kind: "path", names, span: { start: first.span.start, end } });
  }

  /** What brackets, and names after them, lead to: `names['a b'].c`. */
  #indexed(path: Expression): Expression {
    let whole = path;
    for (;;) {
      const { text } = this.#peek();
      if (text !== "[" && text !== ".") return whole;
      this.#at++;
      const key = text === "[" ? this.expression(0) : this.#nameAsText();
      const { end } = text === "[" ? this.take("]", '"]"').span : key.span;
      whole = { kind: "index", of: whole, key, span: { start: path.span.start, end } };
    }
  }

  #nameAsText(): Expression {
    const name = this.#peek();
    if (name.kind !== "name") this.#unexpected(name, "a name");
    this.#at++;
    return { kind: "literal", value: name.text, span: name.span };
  }

  #call(name: Token): Expression {
    this.take("(", '"("');
    const values: Expression[] = [];
    while (this.#peek().text !== ")") {
      if (values.length > 0) this.take(",", '"," or ")"');
      values.push(this.expression(0));
    }
    const { end } = this.take(")", '")"').span;
    return { kind: "call", name, values, span: { start: name.span.start, end } };
  }

  #peek(): Token {
    const token = this.tokens[this.#at] ?? this.tokens.at(-1);
    if (token === undefined) throw new Error("An expression has at least its closing token");
    return token;
  }

  #unexpected(token: Token, wanted: string): never {
    const found = token.kind === "end" ? "" : token.text;
    throw new DiagnosticsError([
      unexpectedInExpression(this.locate(token.span), found, wanted),
    ]);
  }
}

const CONSTANTS: ReadonlyMap<string, { readonly value: boolean | null }> = new Map([
  ["true", { value: true }],
  ["false", { value: false }],
  ["null", { value: null }],
]);

function textLiteral(token: Token): Expression {
  const quote = token.text.slice(0, 1);
  const value = token.text.slice(1, -1).replaceAll(quote + quote, quote);
  return { kind: "literal", value, span: token.span };
}
