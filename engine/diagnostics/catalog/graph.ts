// Messages about steps and what connects them: plugins, ports, types, options, paths, cycles.
import { type Diagnostic, type Note, type Place, problem } from "../diagnostic.ts";
import { quote, quoteList, quotePath, suggestion } from "../suggest.ts";

/** A plain name that is no built-in plugin. */
export function unknownPlugin(place: Place, name: string, known: readonly string[]): Diagnostic {
  return problem("unknown-plugin", `Unknown plugin ${quote(name)}`, {
    place,
    hint: suggestion(name, known, "Plugins") ?? `A file is named with its path: ./${name}.ts`,
  });
}

/** A plugin that cannot be had; the problem goes on from its name. */
export function pluginProblem(
  place: Place,
  uses: string,
  why: {
    readonly problem: string;
    readonly hint?: string;
    /** Where in its code. */
    readonly at?: Place | undefined;
  },
): Diagnostic {
  return problem("plugin-unusable", `Plugin ${quote(uses)} ${why.problem}`, {
    place,
    notes: why.at === undefined ? [] : [{ message: "here in the plugin's code", place: why.at }],
    hint: why.hint,
  });
}

/** A name that no step has. */
export function unknownStep(place: Place, name: string, known: readonly string[]): Diagnostic {
  return problem("unknown-step", `Unknown step ${quote(name)}`, {
    place,
    hint: suggestion(name, known, "Steps"),
  });
}

/** An input that the plugin does not have. */
export function unknownInput(
  place: Place,
  port: string,
  plugin: { readonly name: string; readonly inputs: readonly string[] },
): Diagnostic {
  return problem("unknown-input", `Plugin ${quote(plugin.name)} has no input ${quote(port)}`, {
    place,
    hint: suggestion(port, plugin.inputs, "Its inputs") ?? "It takes no inputs; remove the line",
  });
}

/** An output that the step does not make. */
export function unknownOutput(
  place: Place,
  output: string,
  step: { readonly name: string; readonly outputs: readonly string[] },
): Diagnostic {
  return problem("unknown-output", `Step ${quote(step.name)} has no output ${quote(output)}`, {
    place,
    hint: suggestion(output, step.outputs, "Its outputs") ?? "It makes nothing that can be taken",
  });
}

/** An output named in an option that the step itself does not make. */
export function unknownRoleOutput(
  place: Place,
  output: string,
  known: readonly string[],
): Diagnostic {
  return problem("unknown-output", `The step has no output ${quote(output)}`, {
    place,
    hint: suggestion(output, known, "Its outputs") ?? "It makes no outputs",
  });
}

/** Names an output for a message and says where it comes from. */
export interface OutputEnd {
  readonly step: string;
  readonly output: string;
  readonly type: string;
  readonly place: Place;
}

/** An output of another type than the input takes, with the producer as a note. */
export function typeMismatch(
  place: Place,
  input: { readonly port: string; readonly type: string },
  producer: OutputEnd,
): Diagnostic {
  const from = `${producer.step}.${producer.output}`;
  const message = `Input ${quote(input.port)} takes type ${quote(input.type)}, ` +
    `but ${quote(from)} has type ${quote(producer.type)}`;
  return problem("type-mismatch", message, {
    place,
    notes: [{ message: `${quote(from)} is made here`, place: producer.place }],
    hint: `Connect an output of type ${quote(input.type)}`,
  });
}

/** A step named alone that makes nothing of the type. */
export function noFittingOutput(
  place: Place,
  input: { readonly port: string; readonly type: string },
  producer: { readonly step: string; readonly outputs: readonly string[]; readonly place: Place },
): Diagnostic {
  const message = `Input ${quote(input.port)} takes type ${quote(input.type)}, ` +
    `which step ${quote(producer.step)} does not make`;
  const made = producer.outputs.length === 0 ? "nothing" : producer.outputs.join(", ");
  return problem("type-mismatch", message, {
    place,
    notes: [{ message: `${quote(producer.step)} makes ${made}`, place: producer.place }],
  });
}

/** A step named alone that makes several outputs that fit. */
export function ambiguousOutput(
  place: Place,
  step: string,
  fitting: readonly string[],
): Diagnostic {
  const choices = fitting.map((output) => `${step}.${output}`);
  return problem("ambiguous-output", `Step ${quote(step)} has more than one output that fits`, {
    place,
    hint: `Name one: ${quoteList(choices)}`,
  });
}

/** A step named alone that makes nothing. */
export function nothingToTake(place: Place, step: string): Diagnostic {
  return problem("unknown-output", `Step ${quote(step)} has no outputs`, { place });
}

/** A required input that is not connected; `makers` are outputs of its type. */
export function missingInput(
  place: Place,
  need: { readonly plugin: string; readonly port: string; readonly type: string },
  makers: readonly string[],
): Diagnostic {
  const message = `${quote(need.plugin)} needs input ${quote(need.port)} ` +
    `of type ${quote(need.type)}`;
  const [only, ...more] = makers;
  const hint = only === undefined
    ? `No step makes ${quote(need.type)}; add one that does`
    : more.length === 0
    ? `Add inputs: { ${need.port}: ${only} }`
    : `Outputs of that type: ${quoteList(makers)}`;
  return problem("missing-input", message, { place, hint });
}

/** An option that the plugin does not have. */
export function unknownOption(
  place: Place,
  option: { readonly name: string; readonly plugin: string; readonly known: readonly string[] },
): Diagnostic {
  const message = `Unknown option ${quote(option.name)} for plugin ${quote(option.plugin)}`;
  return problem("unknown-option", message, {
    place,
    hint: suggestion(option.name, option.known, "Options") ?? "It has no options; remove the line",
  });
}

/** A required option that is not given. */
export function missingOption(
  place: Place,
  option: { readonly name: string; readonly plugin: string; readonly hint?: string | undefined },
): Diagnostic {
  const message = `Plugin ${quote(option.plugin)} needs option ${quote(option.name)}`;
  return problem("missing-option", message, {
    place,
    hint: option.hint ?? `Add with: { ${option.name}: … }`,
  });
}

/** `message` goes on from the option's name, "must be …", unless it starts a sentence of its own. */
export function wrongOption(
  place: Place,
  option: {
    readonly code: string;
    readonly name: string;
    readonly plugin: string;
    readonly message: string;
    readonly hint?: string | undefined;
  },
): Diagnostic {
  const subject = option.name === ""
    ? `Options of plugin ${quote(option.plugin)}`
    : `Option ${quote(option.name)}`;
  const goesOn = option.name !== "" && /^\p{Ll}/u.test(option.message);
  const message = `${subject}${goesOn ? "" : ":"} ${option.message}`;
  return problem(`option-${option.code}`, message, { place, hint: option.hint });
}

/** A path that does not exist, with where it was looked for. */
export function pathMissing(
  place: Place,
  path: {
    readonly written: string;
    readonly absolute: string;
    readonly elsewhere: string | undefined;
  },
): Diagnostic {
  const message = `${quote(path.written)} does not exist: looked for ${quotePath(path.absolute)}`;
  return problem("path-missing", message, {
    place,
    hint: path.elsewhere === undefined
      ? "Paths start from the project folder"
      : `Paths start from the project folder: write ${quote(path.elsewhere)}`,
  });
}

/** A file where a folder is needed, or the reverse. */
export function pathOfWrongKind(
  place: Place,
  path: { readonly absolute: string; readonly wanted: string; readonly present: string },
): Diagnostic {
  const message = `${quotePath(path.absolute)} must be a ${path.wanted}, not a ${path.present}`;
  return problem("path-kind", message, { place });
}

/** A program's file that would come to lie among its inputs or outputs. */
export function pathInStepsFolder(place: Place, written: string, folder: string): Diagnostic {
  const message = `${quotePath(written)} would lie in the step's own folder "${folder}"`;
  return problem("path-taken", message, { place, hint: "Rename it" });
}

/** A path that the system does not let us look at. */
export function pathUnreadable(place: Place, absolute: string, reason: string): Diagnostic {
  return problem("path-unreadable", `Cannot read ${quotePath(absolute)}: ${reason}`, {
    place,
    hint: "Check the permissions of the path and of the folders above it",
  });
}

/** One connection on the way of a leak. */
export interface LeakHop {
  /** The step that takes. */
  readonly step: string;
  /** What it takes, as step.output. */
  readonly from: string;
  readonly place: Place;
}

/** An input that is made from a part of the data which it must not know, with the way that this takes. */
export function leak(
  place: Place,
  what: {
    readonly input: string;
    /** The part of the data, such as "test". */
    readonly part: string;
    /** The output that tells of it. */
    readonly source: string;
  },
  hops: readonly LeakHop[],
): Diagnostic {
  const { input, part, source } = what;
  const message = `Input ${quote(input)} must know nothing of ${quote(part)}, ` +
    `and ${quote(source)} tells of it`;
  const notes: Note[] = hops.slice(1, SHOWN_HOPS).map(({ step, from, place }) => ({
    message: `${quote(step)} is made from ${quote(from)}`,
    place,
  }));
  return problem("leak", message, {
    place,
    notes,
    hint: `Take what was made without ${quote(part)}, such as scores on "val"`,
  });
}

/** One step of a cycle and the place that makes it wait for the next one. */
export interface CycleHop {
  readonly step: string;
  readonly needs: string;
  readonly place: Place;
}

const SHOWN_HOPS = 12;

/** Steps that wait for each other, hop by hop. */
export function cycle(first: CycleHop, others: readonly CycleHop[]): Diagnostic {
  if (others.length === 0) {
    return problem("cycle", `Step ${quote(first.step)} waits for itself`, {
      place: first.place,
      hint: "Remove this connection",
    });
  }
  const notes: Note[] = others.slice(0, SHOWN_HOPS).map(({ step, needs, place }) => ({
    message: `${quote(step)} waits for ${quote(needs)}`,
    place,
  }));
  if (others.length > SHOWN_HOPS) {
    notes.push({ message: `… and so on over ${others.length - SHOWN_HOPS} more steps` });
  }
  const message = `${others.length + 1} steps wait for each other: ` +
    `${quote(first.step)} waits for ${quote(first.needs)}`;
  return problem("cycle", message, {
    place: first.place,
    notes,
    hint: "Remove one of these connections",
  });
}
