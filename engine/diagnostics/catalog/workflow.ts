// Messages about the shape of a workflow file: its keys, the types of their values, its targets.
import { type Diagnostic, type Place, problem } from "../diagnostic.ts";
import { quote, quotePath, suggestion } from "../suggest.ts";

/** A key that its map does not have. */
export function unknownKey(
  place: Place,
  key: string,
  known: {
    readonly where: string;
    readonly keys: readonly string[];
    readonly ofRun?: readonly string[];
  },
): Diagnostic {
  return problem("unknown-key", `${known.where} has no key ${quote(key)}`, {
    place,
    hint: known.ofRun?.includes(key)
      ? "Write it in the workflow that is run, which says it for all files"
      : suggestion(key, known.keys, "Its keys"),
  });
}

/** A key that must be there. */
export function missingKey(place: Place, where: string, key: string, example: string): Diagnostic {
  return problem("missing-key", `${where} needs ${quote(key)}`, { place, hint: `Add ${example}` });
}

/** `subject` as in `"seed"`, `wanted` as in `a whole number`, `present` as `describeValue` words it. */
export function wrongValue(
  place: Place,
  value: {
    readonly subject: string;
    readonly wanted: string;
    readonly present: string;
    readonly hint?: string | undefined;
  },
): Diagnostic {
  const message = `${value.subject} must be ${value.wanted}, not ${value.present}`;
  return problem("wrong-value", message, { place, hint: value.hint });
}

/** A failure that no step has, as something to retry on. */
export function unknownFailure(place: Place, name: string, known: readonly string[]): Diagnostic {
  return problem("wrong-value", `${quote(name)} is no kind of failure`, {
    place,
    hint: suggestion(name, known, "A number is the exit code of a program; kinds of failure"),
  });
}

/** An exit code to retry on, of a step that is no program. */
export function exitCodeOfPlugin(place: Place, code: number, plugin: string): Diagnostic {
  const message = `Exit code ${code} is that of a program, and plugin ${quote(plugin)} is none`;
  return problem("wrong-value", message, { place, hint: "Retry on failed, timeout or killed" });
}

/** `after` with something else than a step. */
export function badAfter(place: Place, present: string, step: string | undefined): Diagnostic {
  return problem("bad-reference", `"after" takes names of steps, not ${present}`, {
    place,
    hint: step === undefined
      ? groupHint(present) ?? "Write after: [STEP, STEP]"
      : `It waits for all of a step: write ${quote(step)}`,
  });
}

/** A name with other characters than names have. */
export function badName(place: Place, what: string, name: string): Diagnostic {
  const article = /^[aeiou]/.test(what) ? "an" : "a";
  return problem("bad-name", `${quote(name)} cannot be the name of ${article} ${what}`, {
    place,
    hint: "A name starts with a letter and goes on with letters, digits, - and _, up to 100 in all",
  });
}

/** A workflow without steps. */
export function noSteps(place: Place): Diagnostic {
  return problem("no-steps", "The workflow has no steps", {
    place,
    hint: "Add one, such as steps: { NAME: { uses: PLUGIN } }",
  });
}

/** A value that names no step. */
export function badStepReference(place: Place, subject: string, present: string): Diagnostic {
  const message = `${subject} must be the name of a step or "step.output", not ${present}`;
  return problem("bad-reference", message, { place, hint: groupHint(present) });
}

/** A way out where the text may be a step of a group: `"prepared/tiles"`. */
function groupHint(present: string): string | undefined {
  return /^"[\w-]+\//.test(present)
    ? "Steps of a workflow file are known in that file alone: name the step that uses it"
    : undefined;
}

/** A target of `publish` outside of the project, with both paths. */
export function targetOutside(
  place: Place,
  paths: { readonly target: string; readonly absolute: string; readonly project: string },
): Diagnostic {
  const message = `${quote(paths.target)} leaves the project: it is ${quotePath(paths.absolute)}`;
  return problem("target-outside", message, {
    place,
    notes: [{ message: `The project folder is ${quote(paths.project)}` }],
    hint: "Publish to a folder inside of the project",
  });
}

/** A target that starts with what shells put a home folder for. */
export function targetAtHome(place: Place, target: string): Diagnostic {
  return problem("target-outside", `${quote(target)} is not a home folder here`, {
    place,
    hint: "Publish to a folder inside of the project, such as out",
  });
}

/** A target that is the whole project. */
export function targetIsProject(place: Place, target: string, project: string): Diagnostic {
  return problem(
    "target-is-project",
    `${quote(target)} is the project folder ${quotePath(project)}`,
    {
      place,
      hint: "Name a folder in it, such as out",
    },
  );
}

/** A target in the engine's own folder. */
export function targetIsState(place: Place, target: string): Diagnostic {
  return problem(
    "target-is-state",
    `${quote(target)} lies in .cairn, which belongs to the engine`,
    {
      place,
      hint: "Publish to a folder of its own, such as out",
    },
  );
}

/** A target that holds the workflow file. */
export function targetHoldsWorkflow(place: Place, target: string, path: string): Diagnostic {
  const message = `Publishing to ${quote(target)} would replace the workflow file ${
    quotePath(path)
  }`;
  return problem("target-holds-workflow", message, {
    place,
    hint: "Publish to a folder of its own, such as out",
  });
}

/** Two targets of which one holds the other. */
export function targetsOverlap(place: Place, target: string, other: {
  readonly target: string;
  readonly isSame: boolean;
  readonly place: Place;
}): Diagnostic {
  const message = other.isSame
    ? `${quote(target)} is published to twice`
    : `The targets ${quote(target)} and ${quote(other.target)} lie in each other`;
  return problem("targets-overlap", message, {
    place,
    notes: [{ message: "The other target is here", place: other.place }],
    hint: "Give each output a folder of its own",
  });
}

/** A token that the workflow does not declare. */
export function unknownToken(place: Place, name: string, tokens: readonly string[]): Diagnostic {
  return problem("unknown-token", `The workflow has no token ${quote(name)}`, {
    place,
    hint: suggestion(name, tokens, "Tokens") ??
      `Declare how many there are at the top of the workflow: tokens: { ${name}: 1 }`,
  });
}

/** A step that asks for more tokens than there are, and so could never run. */
export function tooManyTokens(
  place: Place,
  name: string,
  { wanted, present }: { readonly wanted: number; readonly present: number },
): Diagnostic {
  const message = `The step asks for ${wanted} of token ${quote(name)}, there are ${present}`;
  return problem("not-enough-resources", message, {
    place,
    hint: "Ask for fewer, or raise their number in the workflow's tokens",
  });
}

/** One target for several steps of a matrix. */
export function targetOfMany(
  place: Place,
  target: string,
  steps: readonly [string, string],
): Diagnostic {
  const [first, second] = steps.map(quote);
  const message = `Both ${first} and ${second} would be published to ${quote(target)}`;
  return problem("targets-overlap", message, {
    place,
    hint: "Name every key of the matrix in the target: ${{ matrix.KEY }}",
  });
}
