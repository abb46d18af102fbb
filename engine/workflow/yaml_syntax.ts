// Our words for the mistakes that the YAML parser finds.
import type { ErrorCode } from "yaml";

/** What is wrong with the text and, where there is one, the usual way out. */
export interface SyntaxFault {
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

/** Words a parser's error; `line` is the source line that it stands on. */
export function wordSyntaxError(
  error: { readonly code: ErrorCode; readonly message: string },
  line: string,
): SyntaxFault {
  if (line.includes("${{") && /[{[,]\s*[^"']*\$\{\{|:\s*\{.*\$\{\{/.test(line)) {
    return {
      message: "An expression between brackets needs quotes",
      hint: 'Write it as in { epochs: "${{ params.epochs }}" }',
    };
  }
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
