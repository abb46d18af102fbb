// Our words for the mistakes that the YAML parser finds.
import type { ErrorCode } from "yaml";
import { nestedTooDeeply, yamlSyntax } from "../../diagnostics/catalog.ts";
import type { Diagnostic, Place, Span } from "../../diagnostics/diagnostic.ts";
import type { SourceFile } from "../../diagnostics/source_file.ts";

/** What is wrong with the text and, where there is one, the usual way out. */
interface SyntaxFault {
  readonly message: string;
  readonly hint?: string;
}

const INDENT_HINT = "Lines of one map or list start in the same column, indented with spaces";

const faults: Partial<Record<ErrorCode, SyntaxFault>> = {
  TAB_AS_INDENT: {
    message: "A tab cannot indent a line",
    hint: "Use spaces, such as two per level",
  },
  MULTIPLE_DOCS: {
    message: "A workflow file holds one document, and a second one starts here",
    hint: 'Remove the line "---" or move what follows to a file of its own',
  },
  BAD_INDENT: { message: "The indentation does not fit the lines above", hint: INDENT_HINT },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'A second "name: value" stands on the same line',
    hint: 'Put quotes around a text that holds ": ", or start a new line',
  },
  BLOCK_IN_FLOW: { message: "Lines of a block cannot stand between brackets" },
  MISSING_CHAR: {
    message: "Something is missing before this place, such as a colon, a comma or a quote",
  },
  MULTILINE_IMPLICIT_KEY: {
    message: 'Here a line "name: value" was expected',
    hint: "Add the colon, or indent the line if it belongs to the one above",
  },
  BAD_SCALAR_START: {
    message: "A plain text cannot start with this character",
    hint: "Put quotes around the text",
  },
  BAD_DQ_ESCAPE: {
    message: "This escape is not known in double quotes",
    hint: "Use single quotes, where a backslash stands for itself",
  },
  TAG_RESOLVE_FAILED: {
    message: "A type tag is not known here",
    hint: "Remove the tag; a text that starts with ! needs quotes",
  },
  BAD_DIRECTIVE: { message: "This YAML directive is not known", hint: "Remove the line" },
  KEY_OVER_1024_CHARS: { message: "A name cannot have more than 1024 characters" },
};

/** The part of a parser's error that is read here. */
interface ParserError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly pos: readonly [number, number];
}

/** Words the first error of a parser; those after it mostly follow from it. */
export function syntaxDiagnostic(
  file: SourceFile,
  errors: readonly ParserError[],
  maxDepth: number,
): Diagnostic {
  const exhausted = errors.find(({ code }) => code === "RESOURCE_EXHAUSTION");
  const error = exhausted ?? errors.reduce((a, b) => (b.pos[0] < a.pos[0] ? b : a));
  const at = (start: number, end: number): Place => ({ file, span: { start, end } });
  if (exhausted !== undefined) {
    const start = tooDeepAt(file.text, maxDepth) ?? 0;
    return nestedTooDeeply(at(start, start + 1), maxDepth);
  }
  const bare = bareExpression(file, error.pos[0]);
  if (bare !== undefined) return yamlSyntax(at(bare.start, bare.end), BARE_EXPRESSION);
  const reference = bareReference(file, error.pos[0]);
  if (reference !== undefined) {
    return yamlSyntax(at(reference.start, reference.end), BARE_REFERENCE);
  }
  const { start, end } = wordAt(file.text, error.pos);
  return yamlSyntax(at(start, end), wordError(error));
}

const BARE_EXPRESSION = {
  message: "An expression between brackets needs quotes",
  hint: 'Write it as in { epochs: "${{ params.epochs }}" }',
};

/** An expression that the parser took for a map because it stands between brackets without quotes. */
function bareExpression(file: SourceFile, offset: number): Span | undefined {
  const { line, column } = file.position(offset);
  const text = file.line(line);
  const begin = text.lastIndexOf("${{", column - 1);
  if (begin === -1 || !/[{[,]\s*$|[{[].*:\s+$/.test(text.slice(Math.max(0, begin - 200), begin))) {
    return undefined;
  }
  const close = text.indexOf("}}", begin);
  const start = offset - (column - 1) + begin;
  return { start, end: close === -1 ? start + 3 : start - begin + close + 2 };
}

const BARE_REFERENCE = {
  message: "The name of a matrix's step needs quotes between brackets",
  hint: 'Write it as in { model: "train[lr=0.001].model" }',
};

/** A step's name with `[key=value]` that the parser took for a list. */
function bareReference(file: SourceFile, offset: number): Span | undefined {
  const { line, column } = file.position(offset);
  const lineStart = offset - (column - 1);
  for (
    const match of file.line(line).matchAll(/[A-Za-z][\w-]*\[[\w-]+=[^\]]{0,200}\](?:\.[\w-]+)?/g)
  ) {
    const start = lineStart + match.index;
    const end = start + match[0].length;
    if (start <= offset && offset <= end) return { start, end };
  }
  return undefined;
}

// Spaces and single characters are hard to see: marks the word that follows instead.
function wordAt(text: string, [from, to]: readonly [number, number]): Span {
  const spaces = /^ +/.exec(text.slice(from, from + 1000))?.[0].length ?? 0;
  const start = from + spaces;
  const word = /^[\w.-]+/.exec(text.slice(start, start + 100))?.[0].length ?? 0;
  return { start, end: Math.max(to, start + word, start + 1) };
}

/**
 * Finds text that would cost the parser much memory before it notices the depth: brackets that open far
 * more often than any text would, quotes or not, or a line of nothing but list marks.
 */
export function findHopelessDepth(file: SourceFile, maxDepth: number): Diagnostic | undefined {
  const marks = /^ *(?:[-?] +){65}/m.exec(file.text)?.index;
  const isHopeless = marks !== undefined || tooDeepAt(file.text, HOPELESS_DEPTH) !== undefined;
  if (!isHopeless) return undefined;
  const start = marks ?? tooDeepAt(file.text, maxDepth) ?? 0;
  return nestedTooDeeply({ file, span: { start, end: start + 1 } }, maxDepth);
}

const HOPELESS_DEPTH = 1000;

// Where the stack ends depends on the machine; where brackets open too often does not.
function tooDeepAt(text: string, maxDepth: number): number | undefined {
  let depth = 0;
  for (const { 0: bracket, index } of text.matchAll(/[[\]{}]/g)) {
    depth += "[{".includes(bracket) ? 1 : -1;
    if (depth > maxDepth) return index;
  }
  return undefined;
}

function wordError(error: ParserError): SyntaxFault {
  if (error.code === "UNEXPECTED_TOKEN") return unexpected(error.message);
  if (error.code === "BAD_INDENT" && error.message.startsWith("Flow")) {
    const closing = error.message.trimEnd().endsWith("]") ? "]" : "}";
    return { message: `A closing "${closing}" is missing before this place` };
  }
  if (error.code === "MISSING_CHAR" && error.message.includes("quote")) {
    return { message: "A text in quotes is not closed", hint: "Add the closing quote" };
  }
  if (error.code === "MISSING_CHAR" && error.message.includes("map values")) {
    return {
      message: 'Here a line "name: value" was expected',
      hint: "Add a colon and a value after the name",
    };
  }
  return faults[error.code] ?? { message: `Cannot read this as YAML: ${error.message}` };
}

function unexpected(message: string): SyntaxFault {
  const bracket = /"([\]}])"/.exec(message)?.[1];
  if (bracket !== undefined) return { message: `"${bracket}" closes nothing that is open` };
  return {
    message: "This does not fit what stands before it",
    hint: "A list and a map cannot be mixed; " + INDENT_HINT.toLowerCase(),
  };
}
