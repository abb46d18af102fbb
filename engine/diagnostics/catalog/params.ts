// Messages about parameters: how a workflow declares them, and how they are given: by `--set`, by a file, by
// variables, or by the step that uses a workflow file.
import { type Diagnostic, type Note, type Place, problem } from "../diagnostic.ts";
import { quote, quoteList, quotePath, suggestion } from "../suggest.ts";

/** A parameter declared without default and type. */
export function paramWithoutType(place: Place, name: string): Diagnostic {
  return problem(
    "param-without-type",
    `Parameter ${quote(name)} has neither a default nor a type`,
    {
      place,
      hint: `Write ${name}: 20, or ${name}: { type: int } if it must be given`,
    },
  );
}

/** A parameter type that does not exist. */
export function unknownParamType(place: Place, type: string, known: readonly string[]): Diagnostic {
  return problem("unknown-param-type", `There is no parameter type ${quote(type)}`, {
    place,
    hint: suggestion(type, known, "Types"),
  });
}

/** A required parameter that nobody gave. */
export function paramMissing(place: Place, name: string, example: string): Diagnostic {
  return problem("param-missing", `Parameter ${quote(name)} has no value`, {
    place,
    hint: `Give one with --set ${name}=${example}, or add a default`,
  });
}

/** A default that is none of the choices. */
export function paramChoice(place: Place, name: string, value: {
  readonly present: string;
  readonly choices: readonly string[];
}): Diagnostic {
  return problem("param-choice", `Parameter ${quote(name)} cannot be ${value.present}`, {
    place,
    hint: `Choices: ${quoteList(value.choices)}`,
  });
}

/** A numeric limit on a parameter that is no number. */
export function limitOnText(place: Place, key: string, type: string): Diagnostic {
  return problem("param-limit", `${quote(key)} limits numbers, and this parameter is a ${type}`, {
    place,
    hint: "Remove it",
  });
}

/** A lower limit above the upper one. */
export function limitsCrossed(place: Place, min: number, max: number): Diagnostic {
  return problem("param-limit", `No number is at least ${min} and at most ${max}`, { place });
}

/** A required parameter of a file that a step uses and does not give. */
export function paramNotGiven(
  place: Place,
  name: string,
  file: { readonly uses: string; readonly declared: Place },
): Diagnostic {
  return problem("param-missing", `${quote(file.uses)} needs parameter ${quote(name)}`, {
    place,
    notes: [declaredHere(name, file.declared)],
    hint: `Add with: { ${name}: … }, or give it a default there`,
  });
}

/** `--set` of a parameter that the workflow does not declare. */
export function unknownSetting(name: string, known: readonly string[]): Diagnostic {
  return problem("unknown-param", `--set ${name}: the workflow has no parameter ${quote(name)}`, {
    hint: suggestion(name, known, "Its parameters") ?? "The workflow declares no parameters",
  });
}

/** A value for a parameter that is not declared; `where` as in `The workflow`. */
export function unknownParamGiven(
  place: Place,
  name: string,
  { where, known }: { readonly where: string; readonly known: readonly string[] },
): Diagnostic {
  return problem("unknown-param", `${where} has no parameter ${quote(name)}`, {
    place,
    hint: suggestion(name, known, "Its parameters") ?? "It declares no parameters; remove the line",
  });
}

/** A text that the declaration does not allow; `source` says who gave it: `--set epochs`. */
export function wrongSetting(setting: {
  readonly name: string;
  readonly source: string;
  readonly wanted: string;
  readonly present: string;
  readonly declared: Place;
}): Diagnostic {
  const message = `${setting.source}: must be ${setting.wanted}, not ${setting.present}`;
  return problem("wrong-setting", message, {
    notes: [declaredHere(setting.name, setting.declared)],
  });
}

/** A value in a file that the declaration does not allow. */
export function wrongParamValue(place: Place, param: {
  readonly name: string;
  readonly wanted: string;
  readonly present: string;
  readonly declared: Place;
}): Diagnostic {
  const message = `Parameter ${quote(param.name)} must be ${param.wanted}, not ${param.present}`;
  return problem("wrong-value", message, {
    place,
    notes: [declaredHere(param.name, param.declared)],
  });
}

/** A file of parameters that does not exist; `path` is where it was looked for. */
export function paramsFileMissing(written: string, path: string): Diagnostic {
  const message = `--params ${written}: the file does not exist, looked for ${quotePath(path)}`;
  return problem("file-missing", message, {
    hint: "Check the path; it starts from the folder that the command runs in",
  });
}

/** An expression in a file that only gives values. */
export function expressionInParams(place: Place): Diagnostic {
  return problem("expression-not-here", "A file of parameters holds values, no expressions", {
    place,
    hint: "Write the value itself",
  });
}

/** A parameter or step that two files of one workflow have. */
export function clash(
  place: Place,
  what: string,
  name: string,
  other: Place,
): Diagnostic {
  return problem("name-clash", `Two files of this workflow have a ${what} ${quote(name)}`, {
    place,
    notes: [{ message: "The other one is here", place: other }],
    hint: "Rename or remove one of them",
  });
}

function declaredHere(name: string, place: Place): Note {
  return { message: `${quote(name)} is declared here`, place };
}
