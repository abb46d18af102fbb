// Messages about parameters: how a workflow declares them and how `--set` gives them.
import { type Diagnostic, type Place, problem } from "../diagnostic.ts";
import { quote, quoteList, suggestion } from "../suggest.ts";

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

/** `--set` of a parameter that the workflow does not declare. */
export function unknownSetting(name: string, known: readonly string[]): Diagnostic {
  return problem("unknown-param", `--set ${name}: the workflow has no parameter ${quote(name)}`, {
    hint: suggestion(name, known, "Its parameters") ?? "The workflow declares no parameters",
  });
}

/** `--set` of a value that the declaration does not allow. */
export function wrongSetting(setting: {
  readonly name: string;
  readonly wanted: string;
  readonly present: string;
  readonly declared: Place;
}): Diagnostic {
  const message = `--set ${setting.name}: must be ${setting.wanted}, not ${setting.present}`;
  return problem("wrong-setting", message, {
    notes: [{ message: `${quote(setting.name)} is declared here`, place: setting.declared }],
  });
}
