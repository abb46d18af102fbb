// Reads typed values out of the located tree. Each function reports what is wrong with its value and
// then gives undefined, so that callers go on and a file's mistakes are found all at once.
import { unknownKey, wrongValue } from "../diagnostics/catalog.ts";
import {
  type Diagnostic,
  DiagnosticsError,
  type Place,
  type Span,
} from "../diagnostics/diagnostic.ts";
import type { SourceFile } from "../diagnostics/source_file.ts";
import { nearest } from "../diagnostics/suggest.ts";
import { describeValue } from "./describe_value.ts";
import type { Scope } from "./expression/evaluate.ts";
import type { Expression, Locate } from "./expression/parse.ts";
import { fillTemplate, locateIn, parseTemplate, type Template } from "./expression/template.ts";
import type { Json, Located } from "./workflow.ts";
import type { YamlEntry, YamlMap, YamlNode, YamlScalar } from "./yaml/tree.ts";

/** The keys that a map may have, `where` as a message names the map: `A step`. */
export interface KnownKeys {
  readonly where: string;
  readonly keys: readonly string[];
  /** Keys that stand in the workflow that is run, not here. */
  readonly ofRun?: readonly string[];
}

/** A value and how a message names it: `"seed"`. */
export interface Subject {
  readonly node: YamlNode;
  readonly name: string;
}

/** A file being read and the mistakes found so far. */
export class Reading {
  constructor(
    readonly file: SourceFile,
    readonly scope: Scope,
    readonly problems: Diagnostic[] = [],
    /** Texts with expressions, each parsed once however many steps a matrix makes of it. */
    private readonly templates = new Map<string, Template>(),
  ) {}

  /** The same file and list of mistakes with another meaning of names. */
  within(scope: Scope): Reading {
    return new Reading(this.file, scope, this.problems, this.templates);
  }

  /** Another file with the same meaning of names and list of mistakes. */
  of(file: SourceFile): Reading {
    return new Reading(file, this.scope, this.problems, this.templates);
  }

  place(span: Span): Place {
    return { file: this.file, span };
  }

  report(diagnostic: Diagnostic): undefined {
    this.problems.push(diagnostic);
    return undefined;
  }

  /**
   * Gives a map's entries by key and reports the keys that are not known. A misspelt key counts as the
   * one that was probably meant, so that no missing key is reported with it.
   */
  fields(node: YamlNode, known: KnownKeys): ReadonlyMap<string, YamlEntry> | undefined {
    const map = this.map({ node, name: known.where });
    if (map === undefined) return undefined;
    const fields = new Map<string, YamlEntry>();
    const misspelt: YamlEntry[] = [];
    for (const entry of map.entries) {
      if (known.keys.includes(entry.key)) fields.set(entry.key, entry);
      else {
        this.report(unknownKey(this.place(entry.keySpan), entry.key, known));
        const meant = nearest(entry.key, known.keys);
        if (meant !== undefined) misspelt.push({ ...entry, key: meant });
      }
    }
    for (const entry of misspelt) if (!fields.has(entry.key)) fields.set(entry.key, entry);
    return fields;
  }

  map(subject: Subject): YamlMap | undefined {
    const { node } = subject;
    if (node.kind === "map") return node;
    return node.kind === "scalar" && node.value === undefined
      ? undefined
      : this.wrong(subject, "a map");
  }

  /** Evaluates the expressions in a value, however deep; undefined where any of them fails. */
  json(node: YamlNode): Json | undefined {
    if (node.kind === "scalar") return this.#scalar(node.value, node.span);
    if (node.kind === "list") {
      const items = node.items.map((item) => this.json(item));
      return items.includes(undefined) ? undefined : (items as readonly Json[]);
    }
    const entries = node.entries.map(({ key, value }) => [key, this.json(value)] as const);
    return entries.some(([, value]) => value === undefined)
      ? undefined
      : (Object.fromEntries(entries) as Json);
  }

  /** Evaluates a text, such as a key, that stands at a span. */
  template(text: string, span: Span): Json | undefined {
    return this.#scalar(text, span);
  }

  /** A text that is one expression, with what finds places in it; "none" for others. */
  expression(
    node: YamlScalar,
  ):
    | { readonly text: string; readonly expression: Expression; readonly locate: Locate }
    | "none"
    | undefined {
    const text = typeof node.value === "string" ? node.value : "";
    const locate = locateIn(this.file, text, node.span);
    const template = this.attempt(() => this.#template(text, locate));
    if (template === undefined) return undefined;
    const [only, ...others] = template.expressions;
    const isAll = only?.span.start === 0 && only.span.end === text.trimEnd().length &&
      others.length === 0;
    return isAll ? { text, expression: only.expression, locate } : "none";
  }

  /** Does something that may throw mistakes, and reports them. */
  attempt<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof DiagnosticsError)) throw error;
      this.problems.push(...error.diagnostics);
      return undefined;
    }
  }

  text(subject: Subject): Located<string> | undefined {
    const value = this.json(subject.node);
    if (value === undefined) return undefined;
    if (typeof value === "string" && value.trim() !== "") {
      return { value, place: this.place(subject.node.span) };
    }
    return this.wrong(subject, "a text", value);
  }

  /** Reads a number within limits, both inclusive. */
  number(
    subject: Subject,
    limits: { readonly min: number; readonly max: number; readonly whole: boolean },
  ): number | undefined {
    const value = this.json(subject.node);
    if (value === undefined) return undefined;
    const kind = limits.whole ? "a whole number" : "a number";
    if (typeof value !== "number" || (limits.whole && !Number.isInteger(value))) {
      return this.wrong(subject, kind, value);
    }
    if (value < limits.min) return this.wrong(subject, `at least ${limits.min}`, value);
    if (value > limits.max) return this.wrong(subject, `at most ${limits.max}`, value);
    return value;
  }

  /** Reports that a value is not what was wanted; the whole of a map or list is marked at its start. */
  wrong(subject: Subject, wanted: string, value?: Json): undefined {
    const { node, name } = subject;
    const present = describeValue(value === undefined ? plain(node) : value);
    return this.report(wrongValue(this.place(node.span), { subject: name, wanted, present }));
  }

  #scalar(value: YamlScalar["value"], span: Span): Json | undefined {
    if (typeof value !== "string" || !value.includes("${{")) return value;
    const locate = locateIn(this.file, value, span);
    return this.attempt(() => fillTemplate(this.#template(value, locate), this.scope, locate));
  }

  #template(text: string, locate: Locate): Template {
    const template = this.templates.get(text) ?? parseTemplate(text, locate);
    this.templates.set(text, template);
    return template;
  }
}

// Only the kind matters to messages, not what is inside.
function plain(node: YamlNode): Json {
  if (node.kind === "scalar") return node.value ?? null;
  return node.kind === "list" ? node.items.map(() => null) : {};
}
