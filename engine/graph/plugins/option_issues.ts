// Turns what a plugin's schema finds wrong with options into plain words at the option at fault.
import type { z } from "../../plugin.ts";
import { quote } from "../../diagnostics/suggest.ts";
import { describeValue } from "../../workflow/describe_value.ts";
import type { Json, JsonObject } from "../../workflow/workflow.ts";
import type { OptionIssue } from "./plugin_source.ts";
import { optionNames, optionTypes, schemaAt } from "./option_schema.ts";

type Issue = z.core.$ZodIssue;
type Path = readonly (string | number)[];

/** An issue with its full path and the value that stands there; undefined where none does. */
interface Found<Kind extends Issue = Issue> {
  readonly issue: Kind;
  readonly path: Path;
  readonly value: unknown;
}

/** The options as written and the JSON Schema that describes them. */
interface Source {
  readonly raw: unknown;
  readonly schema: JsonObject;
}

/** Words the issues of a schema; `raw` are the options as written, `schema` is the JSON Schema of them. */
export function optionIssues(
  error: z.ZodError,
  raw: unknown,
  schema: JsonObject,
): readonly OptionIssue[] {
  return convertAll(error.issues, [], { raw, schema });
}

function convertAll(issues: readonly Issue[], base: Path, source: Source): readonly OptionIssue[] {
  return issues.flatMap((issue) => {
    const path = [...base, ...issue.path.map((name) => typeof name === "symbol" ? "" : name)];
    const value = valueAt(source.raw, path);
    if (value === undefined && issue.code !== "custom") return [missing(path, source)];
    return convert({ issue, path, value }, source);
  });
}

function convert({ issue, path, value }: Found, source: Source): readonly OptionIssue[] {
  const present = describeValue(value);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => unknown([...path, key], key, source));
    case "invalid_union":
      return unionIssues({ issue, path, value }, source);
    case "invalid_value":
      return [outsideChoices(path, value, issue.values)];
    case "invalid_type": {
      const message = `must be ${typeWords(issue.expected, path, source)}, not ${present}`;
      return [{ kind: "wrong-type", path, message }];
    }
    case "too_small":
    case "too_big":
      return [{ kind: "out-of-range", path, message: rangeWords({ issue, path, value }) }];
    case "not_multiple_of": {
      const message = `must be a multiple of ${issue.divisor}, not ${present}`;
      return [{ kind: "bad-value", path, message }];
    }
    case "invalid_format":
      return [{ kind: "bad-value", path, message: formatWords({ issue, path, value }) }];
    case "invalid_key":
      return [{ kind: "bad-value", path, message: "is not a name that may stand here" }];
    default:
      return [{ kind: "bad-value", path, message: issue.message }];
  }
}

function missing(path: Path, { schema }: Source): OptionIssue {
  const key = String(path.at(-1) ?? "");
  const description = schemaAt(schema, path)["description"];
  const about = typeof description === "string" ? ` (${description})` : "";
  const hint = `Under "with", add ${path.join(".")}: …${about}`;
  return { kind: "missing", path, key, message: "is missing", hint };
}

function unknown(path: Path, key: string, { schema }: Source): OptionIssue {
  const candidates = optionNames(schema, path.slice(0, -1));
  return { kind: "unknown", path, key, message: "is not known", candidates };
}

function outsideChoices(path: Path, value: unknown, choices: readonly unknown[]): OptionIssue {
  const [only, ...more] = choices.map(String);
  const present = describeValue(value);
  if (only !== undefined && more.length === 0) {
    return { kind: "bad-value", path, message: `must be ${quote(only)}, not ${present}` };
  }
  const words = { key: String(value), candidates: choices.map(String) };
  return { kind: "bad-value", path, message: `cannot be ${present}`, ...words };
}

/** Where one branch fits the kind of value that is there, its issues; else all kinds that would fit. */
function unionIssues(
  { issue, path, value }: Found<z.core.$ZodIssueInvalidUnion>,
  source: Source,
): readonly OptionIssue[] {
  // Where one field tells the alternatives apart, the schema lists what that field may be.
  if ("options" in issue && Array.isArray(issue.options)) {
    return [outsideChoices(path, value, issue.options)];
  }
  const fitting = issue.errors
    .filter((branch) => branch.every((inner) => inner.path.length > 0 || !isAboutKind(inner)))
    .toSorted((a, b) => a.length - b.length);
  const [nearest] = fitting;
  if (nearest !== undefined) return convertAll(nearest, path, source);
  const wanted = issue.errors.flatMap((branch) =>
    branch.filter(isAboutKind).flatMap((inner) => kindWords(inner, path, source))
  );
  const message = `must be ${anyOf([...new Set(wanted)])}, not ${describeValue(value)}`;
  return [{ kind: "wrong-type", path, message }];
}

function isAboutKind(issue: Issue): boolean {
  return issue.code === "invalid_type" || issue.code === "invalid_value";
}

function kindWords(issue: Issue, path: Path, source: Source): readonly string[] {
  if (issue.code === "invalid_type") return [typeWords(issue.expected, path, source)];
  return issue.code === "invalid_value" ? issue.values.map((value) => quote(String(value))) : [];
}

function anyOf(words: readonly string[]): string {
  const last = words.at(-1) ?? "something else";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} or ${last}`;
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  tuple: "a list",
  object: "a map",
  record: "a map",
  null: "nothing",
};

// A schema of whole numbers asks for a number first, and only then for a whole one.
function typeWords(expected: string, path: Path, { schema }: Source): string {
  const isWhole = expected === "number" && optionTypes(schema, path).includes("integer");
  return TYPE_WORDS[isWhole ? "int" : expected] ?? `of type ${expected}`;
}

type RangeIssue = z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig;

function rangeWords({ issue, value }: Found<RangeIssue>): string {
  const isSmall = issue.code === "too_small";
  const limit = String(isSmall ? issue.minimum : issue.maximum);
  const unit = issue.origin === "string"
    ? "characters"
    : issue.origin === "array" || issue.origin === "set"
    ? "items"
    : undefined;
  if (unit !== undefined) {
    if (isSmall && limit === "1") return "must not be empty";
    const bound = issue.exact === true ? "exactly" : isSmall ? "at least" : "at most";
    const has = typeof value === "string" || Array.isArray(value) ? `, not ${value.length}` : "";
    return `must have ${bound} ${limit} ${unit}${has}`;
  }
  const bound = issue.inclusive === false
    ? (isSmall ? "more than" : "less than")
    : (isSmall ? "at least" : "at most");
  return `must be ${bound} ${limit}, not ${describeValue(value)}`;
}

function formatWords({ issue, value }: Found<z.core.$ZodIssueInvalidStringFormat>): string {
  // An author's own message says it better than a pattern.
  if (!issue.message.startsWith("Invalid ")) return issue.message;
  const wanted = issue.format === "regex"
    ? `must match ${issue.pattern ?? "its pattern"}`
    : `must be of the form "${issue.format}"`;
  return `${wanted}, not ${describeValue(value)}`;
}

function valueAt(raw: unknown, path: Path): unknown {
  let value = raw;
  for (const name of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) {
      return undefined;
    }
    value = (value as Readonly<Record<string | number, Json>>)[name];
  }
  return value;
}
