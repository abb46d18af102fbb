// Messages about expressions: `${{ … }}`.
import { type Diagnostic, type Place, problem } from "../diagnostic.ts";
import { quote, suggestion } from "../suggest.ts";

export function expressionNotClosed(place: Place): Diagnostic {
  return problem("expression-syntax", 'The expression is not closed with "}}"', {
    place,
    hint: 'Write "${{ … }}"',
  });
}

export function expressionTooLong(place: Place, limit: number): Diagnostic {
  return problem("expression-syntax", `An expression has at most ${limit} characters`, { place });
}

export function unexpectedInExpression(place: Place, found: string, wanted: string): Diagnostic {
  const what = found === "" ? "The expression ends" : `${quote(found)} stands`;
  return problem("expression-syntax", `${what} where ${wanted} was expected`, { place });
}

export function unknownCharacter(place: Place, character: string): Diagnostic {
  const hint = character === "=" ? 'Compare with "=="' : undefined;
  return problem("expression-syntax", `${quote(character)} means nothing in an expression`, {
    place,
    hint,
  });
}

export function textNotClosed(place: Place): Diagnostic {
  return problem("expression-syntax", "A text in the expression is not closed", {
    place,
    hint: "Add the closing quote; a quote inside of a text is written twice",
  });
}

export function unknownName(place: Place, name: string, known: readonly string[]): Diagnostic {
  return problem("unknown-name", `${quote(name)} means nothing in an expression`, {
    place,
    hint: suggestion(name, known, "An expression can start with") ?? "Put quotes around a text",
  });
}

export function unknownFunction(place: Place, name: string, known: readonly string[]): Diagnostic {
  return problem("unknown-function", `There is no function ${quote(name)}`, {
    place,
    hint: suggestion(name, known, "Functions"),
  });
}

export function functionOfLaterVersion(place: Place, name: string): Diagnostic {
  return problem("later-version", `This version does not have the function ${quote(name)} yet`, {
    place,
  });
}

export function wrongArgumentCount(place: Place, usage: string): Diagnostic {
  return problem("wrong-arguments", "The function does not take this many values", {
    place,
    hint: `Write ${usage}`,
  });
}

export function argumentNotText(place: Place, usage: string, present: string): Diagnostic {
  return problem("wrong-arguments", `The value must be a text, not ${present}`, {
    place,
    hint: `Write ${usage}`,
  });
}

export function placeholderWithoutValue(place: Place, placeholder: string): Diagnostic {
  return problem("wrong-arguments", `No value is given for ${quote(placeholder)}`, {
    place,
    hint: 'Placeholders count from "{0}"; a brace that is meant as such is written twice',
  });
}

export function unknownParam(place: Place, name: string, known: readonly string[]): Diagnostic {
  return problem("unknown-param", `Unknown parameter ${quote(name)}`, {
    place,
    hint: suggestion(name, known, "Parameters") ?? "Declare it under params",
  });
}

export function pathNeedsName(place: Place, root: string): Diagnostic {
  return problem("expression-syntax", `"${root}" needs a name after it, as in "${root}.NAME"`, {
    place,
  });
}

export function pathGoesTooDeep(place: Place, path: string): Diagnostic {
  return problem("expression-syntax", `${quote(path)} has nothing inside that could be named`, {
    place,
  });
}

export function variableNotSet(place: Place, name: string): Diagnostic {
  return problem("variable-not-set", `The environment variable ${quote(name)} is not set`, {
    place,
    hint: `Set it, or give a default: env('${name}', '…')`,
  });
}

export function roleNotHere(place: Place, role: string): Diagnostic {
  return problem("role-not-here", `${quote(role)} is known only while the step runs`, {
    place,
    hint: 'Use it under "with"',
  });
}

export function roleNotAlone(place: Place, role: string): Diagnostic {
  return problem("role-not-here", `${quote(role)} cannot be computed with`, {
    place,
    hint: `Write it alone, with text around it if needed: "\${{ ${role} }}/…"`,
  });
}

export function unknownRoleInput(place: Place, name: string, known: readonly string[]): Diagnostic {
  return problem("unknown-input", `The step has no input ${quote(name)}`, {
    place,
    hint: suggestion(name, known, "Its inputs") ?? 'Connect it under "inputs"',
  });
}

export function operandsDoNotFit(
  place: Place,
  operator: string,
  present: readonly [string, string],
): Diagnostic {
  const found = `${present[0]} and ${present[1]}`;
  return problem("wrong-operands", `"${operator}" cannot be applied to ${found}`, { place });
}

export function operandNotNumber(place: Place, operator: string, present: string): Diagnostic {
  return problem("wrong-operands", `"${operator}" needs a number, not ${present}`, { place });
}

export function resultNotFinite(place: Place): Diagnostic {
  return problem("result-not-finite", "The result is not a finite number", {
    place,
    hint: "Check that nothing is divided by zero",
  });
}

export function valueNotText(place: Place, present: string): Diagnostic {
  return problem("value-not-text", `A text cannot hold ${present}`, {
    place,
    hint: "Let the expression be the whole value",
  });
}
