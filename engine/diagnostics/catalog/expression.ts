// Messages about expressions: `${{ … }}`.
import { type Diagnostic, type Place, problem } from "../diagnostic.ts";
import { quote, suggestion } from "../suggest.ts";

/** An expression without its closing braces. */
export function expressionNotClosed(place: Place): Diagnostic {
  return problem("expression-syntax", 'The expression is not closed with "}}"', {
    place,
    hint: 'Write "${{ … }}"',
  });
}

/** An expression of more characters than are read. */
export function expressionTooLong(place: Place, limit: number): Diagnostic {
  return problem("expression-syntax", `An expression has at most ${limit} characters`, { place });
}

/** A word where another kind of word must stand; `found` is empty at the end. */
export function unexpectedInExpression(place: Place, found: string, wanted: string): Diagnostic {
  const what = found === "" ? "The expression ends" : `${quote(found)} stands`;
  return problem("expression-syntax", `${what} where ${wanted} was expected`, { place });
}

/** A character that no expression has. */
export function unknownCharacter(place: Place, character: string): Diagnostic {
  const hint = character === "=" ? 'Compare with "=="' : undefined;
  return problem("expression-syntax", `${quote(character)} means nothing in an expression`, {
    place,
    hint,
  });
}

/** A text without its closing quote. */
export function textNotClosed(place: Place): Diagnostic {
  return problem("expression-syntax", "A text in the expression is not closed", {
    place,
    hint: "Add the closing quote; a quote inside of a text is written twice",
  });
}

/** A path that starts with none of the known names. */
export function unknownName(place: Place, name: string, known: readonly string[]): Diagnostic {
  return problem("unknown-name", `${quote(name)} means nothing in an expression`, {
    place,
    hint: suggestion(name, known, "An expression can start with") ?? "Put quotes around a text",
  });
}

/** A call of a function that does not exist. */
export function unknownFunction(place: Place, name: string, known: readonly string[]): Diagnostic {
  return problem("unknown-function", `There is no function ${quote(name)}`, {
    place,
    hint: suggestion(name, known, "Functions"),
  });
}

/** An item that a list or map does not have; `holder` says what it has. */
export function noSuchItem(place: Place, key: string, holder: string): Diagnostic {
  return problem("unknown-item", `There is no item ${key}: ${holder}`, { place });
}

/** What steps make, where it cannot be read. */
export function stepsNotHere(place: Place, path: string): Diagnostic {
  return problem("steps-not-here", `${quote(path)} has no value before the run`, {
    place,
    hint: "Only a condition can read what steps make, and not within brackets: " +
      "if: ${{ steps.STEP.OUTPUT.KEY > 0 }}",
  });
}

/** A value of a step that is not named far enough. */
export function stepsPathTooShort(place: Place, path: string): Diagnostic {
  return problem("path-incomplete", `${quote(path)} does not say which output is meant`, {
    place,
    hint: "Write steps.STEP.OUTPUT, followed by the keys that lead to the value",
  });
}

/** What older YAML takes for true and false. */
const YES_OR_NO: ReadonlyMap<string, string> = new Map([
  ["yes", "true"],
  ["on", "true"],
  ["no", "false"],
  ["off", "false"],
]);

/** A condition that is no expression. */
export function conditionNotExpression(place: Place, text: string): Diagnostic {
  return problem("wrong-value", '"if" must be true, false or one expression', {
    place,
    hint: text.includes("${{")
      ? "Put all of it between ${{ and }}"
      : `Write ${YES_OR_NO.get(text.toLowerCase()) ?? `\${{ ${text} }}`}`,
  });
}

/** A condition of which nobody can say whether it holds. */
export function conditionNotBoolean(place: Place, present: string): Diagnostic {
  return problem("wrong-value", `A condition must be true or false, not ${present}`, {
    place,
    hint: "Compare it, such as ${{ params.count > 0 }}",
  });
}

/** A condition that reads all steps of a matrix at once. */
export function conditionReadsMany(
  place: Place,
  step: string,
  many: { readonly count: number; readonly example: string },
): Diagnostic {
  const message = `${quote(step)} stands for ${many.count} steps, and a condition reads one`;
  return problem("one-of-many", message, {
    place,
    hint: `Name one, such as steps['${many.example}']`,
  });
}

/** A pattern of `hashFiles` that names no files, files outside of the project, or more than one can mean. */
export function patternProblem(
  place: Place,
  pattern: string,
  why: "none" | "outside" | "too-many",
): Diagnostic {
  const words = {
    none: "names no file",
    outside: "leaves the project folder",
    "too-many": "names more files than are read",
  } as const;
  const hints = {
    none: 'Paths start from the project folder; "**" stands for any folders',
    outside: "Name files by their path from the project folder",
    "too-many": "Name fewer, or give them to a step as a path",
  } as const;
  return problem("pattern", `${quote(pattern)} ${words[why]}`, { place, hint: hints[why] });
}

/** Files that `hashFiles` cannot read. */
export function filesUnreadable(place: Place, reason: string): Diagnostic {
  return problem("file-unreadable", `Cannot read the files: ${reason}`, {
    place,
    hint: "Check the permissions of the files and of the folders above them",
  });
}

/** A call with too few or too many values. */
export function wrongArgumentCount(place: Place, usage: string): Diagnostic {
  return problem("wrong-arguments", "The function does not take this many values", {
    place,
    hint: `Write ${usage}`,
  });
}

/** A value that must be a text in a call. */
export function argumentNotText(place: Place, usage: string, present: string): Diagnostic {
  return problem("wrong-arguments", `The value must be a text, not ${present}`, {
    place,
    hint: `Write ${usage}`,
  });
}

/** A placeholder of `format` that no value fills. */
export function placeholderWithoutValue(place: Place, placeholder: string): Diagnostic {
  return problem("wrong-arguments", `No value is given for ${quote(placeholder)}`, {
    place,
    hint: 'Placeholders count from "{0}"; a brace that is meant as such is written twice',
  });
}

/** A parameter that the workflow does not declare. */
export function unknownParam(place: Place, name: string, known: readonly string[]): Diagnostic {
  return problem("unknown-param", `Unknown parameter ${quote(name)}`, {
    place,
    hint: suggestion(name, known, "Parameters") ?? "Declare it under params",
  });
}

/** `params` or the like without a name after it. */
export function pathNeedsName(place: Place, root: string): Diagnostic {
  return problem("expression-syntax", `"${root}" needs a name after it, as in "${root}.NAME"`, {
    place,
  });
}

/** A name inside of a value that has none. */
export function pathGoesTooDeep(place: Place, path: string): Diagnostic {
  return problem("expression-syntax", `${quote(path)} has nothing inside that could be named`, {
    place,
  });
}

/** A name that a map does not have. */
export function unknownInside(
  place: Place,
  name: string,
  { map, known }: { readonly map: string; readonly known: readonly string[] },
): Diagnostic {
  return problem("unknown-name", `${quote(map)} has no ${quote(name)}`, {
    place,
    hint: suggestion(name, known, "It has"),
  });
}

/** An environment variable that is not set and has no default. */
export function variableNotSet(place: Place, name: string): Diagnostic {
  return problem("variable-not-set", `The environment variable ${quote(name)} is not set`, {
    place,
    hint: `Set it, or give a default: env('${name}', '…')`,
  });
}

/** A path of the running step outside of `with`. */
export function roleNotHere(place: Place, role: string): Diagnostic {
  return problem("role-not-here", `${quote(role)} is known only while the step runs`, {
    place,
    hint: 'Use it under "with"',
  });
}

/** A path of the running step inside of a computation. */
export function roleNotAlone(place: Place, role: string): Diagnostic {
  return problem("role-not-here", `${quote(role)} cannot be computed with`, {
    place,
    hint: `Write it alone, with text around it if needed: "\${{ ${role} }}/…"`,
  });
}

/** An input that the step does not connect. */
export function unknownRoleInput(place: Place, name: string, known: readonly string[]): Diagnostic {
  return problem("unknown-input", `The step has no input ${quote(name)}`, {
    place,
    hint: suggestion(name, known, "Its inputs") ?? 'Connect it under "inputs"',
  });
}

/** An operator between values that it has no meaning for. */
export function operandsDoNotFit(
  place: Place,
  operator: string,
  present: readonly [string, string],
): Diagnostic {
  const found = `${present[0]} and ${present[1]}`;
  return problem("wrong-operands", `"${operator}" cannot be applied to ${found}`, { place });
}

/** A sign before a value that is no number. */
export function operandNotNumber(place: Place, operator: string, present: string): Diagnostic {
  return problem("wrong-operands", `"${operator}" needs a number, not ${present}`, { place });
}

/** A division by zero or an overflow. */
export function resultNotFinite(place: Place): Diagnostic {
  return problem("result-not-finite", "The result is not a finite number", {
    place,
    hint: "Check that nothing is divided by zero",
  });
}

/** A list or map inside of a text. */
export function valueNotText(place: Place, present: string): Diagnostic {
  return problem("value-not-text", `A text cannot hold ${present}`, {
    place,
    hint: "Let the expression be the whole value",
  });
}
