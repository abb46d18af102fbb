// Wording of mistakes in files that others import, or use as a step.
import { type Diagnostic, type Note, type Place, problem } from "../diagnostic.ts";
import { quote, quoteList, suggestion } from "../suggest.ts";

/** Files that import each other: their names from the first one to itself, and where each names the next. */
export function importCycle(files: readonly string[], places: readonly Place[]): Diagnostic {
  const message = `Files import each other: ${files.join(" → ")}`;
  const notes = places.slice(0, -1).map((place, at): Note => ({
    message: `${quote(files[at] ?? "")} imports ${quote(files[at + 1] ?? "")} here`,
    place,
  }));
  return problem("import-cycle", message, {
    place: places.at(-1),
    notes,
    hint: "Move what both need to a file of its own",
  });
}

/** `inputs` of a file, named without one of them. */
export function inputWithoutName(place: Place, known: readonly string[]): Diagnostic {
  return problem("bad-reference", '"inputs" stands for all inputs of this file', {
    place,
    hint: `Name one: ${quoteList(known.map((name) => `inputs.${name}`))}`,
  });
}

/** An input that a file does not declare. */
export function unknownGroupInput(
  place: Place,
  name: string,
  known: readonly string[],
  uses?: string,
): Diagnostic {
  const what = uses === undefined ? "This file" : quote(uses);
  return problem("unknown-input", `${what} has no input ${quote(name)}`, {
    place,
    hint: suggestion(name, known, "Its inputs") ??
      (uses === undefined ? "Declare it under inputs" : "It takes no inputs; remove the line"),
  });
}

/** An input of a file that the step using it does not give. */
export function groupInputMissing(
  place: Place,
  name: string,
  file: { readonly uses: string; readonly declared: Place },
): Diagnostic {
  return problem("missing-input", `${quote(file.uses)} needs input ${quote(name)}`, {
    place,
    notes: [{ message: `${quote(name)} is declared here`, place: file.declared }],
    hint: `Add inputs: { ${name}: STEP.OUTPUT }`,
  });
}

/** An input of a file that none of its steps takes. */
export function groupInputUnused(place: Place, name: string): Diagnostic {
  return problem("unused-input", `No step of this file takes input ${quote(name)}`, {
    place,
    hint: `Give it to a step as "inputs.${name}", or remove it`,
  });
}

/** A file with inputs that is run by itself. */
export function inputsOfNobody(place: Place): Diagnostic {
  return problem("inputs-not-here", "This file has inputs, so it can only be a step of another", {
    place,
    hint: "Use it as in steps: { NAME: { uses: ./FILE.yaml, inputs: { … } } }",
  });
}

/** A step that has the name under which a file's inputs are found. */
export function stepNamedInputs(place: Place): Diagnostic {
  return problem("bad-name", 'In a file with inputs no step can be named "inputs"', {
    place,
    hint: "Rename the step",
  });
}

/** A key of a step that has no meaning where the step is a workflow file. */
export function keyNotOfGroup(place: Place, key: string, uses: string): Diagnostic {
  return problem("unknown-key", `${quote(key)} is for a plugin, and ${quote(uses)} is a workflow`, {
    place,
    hint: `Write ${quote(key)} at the steps in that file`,
  });
}

/** Files that use each other as steps; `files` from the first one to itself. */
export function groupCycle(place: Place, files: readonly string[]): Diagnostic {
  const message = `A workflow cannot be a step of itself: ${files.join(" → ")}`;
  return problem("group-cycle", message, { place, hint: "Remove one of these steps" });
}

/** Groups that give what they are given, in a circle or through too many of them. */
export function passedOnWithoutEnd(place: Place, step: string): Diagnostic {
  const message = `What ${quote(step)} gives is passed on and on, and no step makes it`;
  return problem("cycle", message, { place, hint: "Take it from the step that makes it" });
}

/** More steps than groups may make. */
export function tooManyGroupSteps(place: Place, limit: number): Diagnostic {
  const message = `Matrices and groups make more than ${limit.toLocaleString("en")} steps`;
  return problem("matrix-too-large", message, { place, hint: "Use fewer, or split the workflow" });
}

/** A step in groups whose name would not fit into the name of a file. */
export function stepNameTooLong(place: Place, name: string, limit: number): Diagnostic {
  const message = `The step's name would have ${name.length} characters, at most ${limit} fit: ` +
    quote(name);
  return problem("matrix-name-too-long", message, { place, hint: "Use shorter names" });
}
