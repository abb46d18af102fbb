// Messages about matrices: their keys and values, the combinations they make, and how those are named.
import { type Diagnostic, type Place, problem } from "../diagnostic.ts";
import { nearest, quote, quoteList, suggestion } from "../suggest.ts";

/** A matrix, or a list in it, that holds nothing. */
export function emptyMatrix(place: Place, subject: string): Diagnostic {
  return problem("matrix-empty", `${subject} is empty, so there is no step to make`, {
    place,
    hint: "Write at least one value: matrix: { lr: [0.001, 0.0003] }",
  });
}

/** A value that stands twice in one list of a matrix. */
export function duplicateMatrixValue(
  place: Place,
  value: { readonly key: string; readonly text: string },
  first: Place,
): Diagnostic {
  const message = `${quote(value.key)} has the value ${quote(value.text)} twice`;
  return problem("matrix-duplicate", message, {
    place,
    notes: [{ message: "It first stands here", place: first }],
    hint: "Remove one of them: both would make the same step",
  });
}

/** A key that a matrix does not have. */
export function unknownMatrixKey(
  place: Place,
  key: string,
  known: readonly string[],
): Diagnostic {
  return problem("unknown-matrix-key", `The matrix has no key ${quote(key)}`, {
    place,
    hint: suggestion(key, known, "Its keys"),
  });
}

/** A key that only `include` has and that the step never reads. */
export function unusedMatrixKey(place: Place, key: string, known: readonly string[]): Diagnostic {
  const near = nearest(key, known);
  const message = `${quote(key)} is no key of the matrix, and the step does not use it`;
  return problem("unknown-matrix-key", message, {
    place,
    hint: near === undefined
      ? `Use it as \${{ matrix.${key} }}, or remove it`
      : `Did you mean ${quote(near)}?`,
  });
}

/** `matrix` in an expression of a step without one, or outside of steps. */
export function matrixNotHere(place: Place, path: string): Diagnostic {
  return problem("matrix-not-here", `${quote(path)} is known only in a step that has a matrix`, {
    place,
    hint:
      'Use it under "with", "inputs", "after", "resources", "timeout" or "seed" of such a step, ' +
      "or in the target where what it makes is published",
  });
}

/** An exclusion that fits no combination. */
export function excludesNothing(
  place: Place,
  wanted: string,
  axis: { readonly key: string; readonly values: readonly string[] } | undefined,
): Diagnostic {
  return problem("matrix-excludes-nothing", `No combination has ${wanted}`, {
    place,
    hint: axis === undefined
      ? "Remove it, or name values that stand together in a combination"
      : `Values of ${quote(axis.key)}: ${quoteList(axis.values)}`,
  });
}

/** Exclusions that leave nothing. */
export function allExcluded(place: Place, count: number): Diagnostic {
  const message = count === 1
    ? "The only combination is excluded"
    : `All ${count} combinations are excluded`;
  return problem("matrix-empty", message, { place, hint: "Exclude fewer, or remove the step" });
}

/** An inclusion that makes a step which another inclusion has made. */
export function includedTwice(place: Place, label: string): Diagnostic {
  return problem("matrix-duplicate", `${quote(label)} is included twice`, {
    place,
    hint: "Remove one of them: both would make the same step",
  });
}

/** More steps than a workflow can have. */
export function tooManyCombinations(
  place: Place,
  made: { readonly count: number; readonly limit: number; readonly factors: string },
): Diagnostic {
  const { count, limit, factors } = made;
  const message = `The matrix makes ${count.toLocaleString("en")} steps${factors}; ` +
    `all matrices of a workflow make at most ${limit.toLocaleString("en")}`;
  return problem("matrix-too-large", message, {
    place,
    hint: "Use fewer values, or split the workflow",
  });
}

/** A combination whose name would not fit into the name of a file. */
export function combinationNameTooLong(place: Place, name: string, limit: number): Diagnostic {
  const message = `The step's name would have ${name.length} characters, at most ${limit} fit: ` +
    quote(name);
  return problem("matrix-name-too-long", message, {
    place,
    hint: "Use short values and put the rest around them: " +
      '"data/${{ matrix.site }}/images", or fewer keys',
  });
}

/** Brackets after the name of a step that has no matrix. */
export function stepWithoutMatrix(place: Place, step: string): Diagnostic {
  return problem("unknown-step", `Step ${quote(step)} has no matrix`, {
    place,
    hint: `Write ${quote(step)} without brackets`,
  });
}

/** All of a matrix's steps for an input that takes one; `example` is how to name one of them. */
export function oneOfManyWanted(
  place: Place,
  input: { readonly port: string; readonly plugin: string },
  many: { readonly count: number; readonly example: string },
): Diagnostic {
  const message = `Input ${quote(input.port)} of plugin ${quote(input.plugin)} takes one result, ` +
    (many.count === 1 ? "not a list" : `but this names ${many.count}`);
  return problem("not-a-list", message, {
    place,
    hint: `Name one of them: ${quote(many.example)}`,
  });
}

/** A list of references that is empty. */
export function emptyInputList(place: Place, port: string): Diagnostic {
  return problem("empty-list", `The list for input ${quote(port)} is empty`, {
    place,
    hint: "Name at least one step.output, or remove the line",
  });
}

/** One output that a list names twice. */
export function listedTwice(place: Place, reference: string, port: string): Diagnostic {
  return problem("listed-twice", `Input ${quote(port)} is given ${quote(reference)} twice`, {
    place,
    hint: "Remove one of them",
  });
}

/** More connections than a graph can hold. */
export function tooManyConnections(place: Place, limit: number): Diagnostic {
  const message = `The workflow connects more than ${limit.toLocaleString("en")} inputs`;
  return problem("too-many-connections", message, {
    place,
    hint: "Let fewer steps take all of a matrix; name one in brackets where one is meant",
  });
}
