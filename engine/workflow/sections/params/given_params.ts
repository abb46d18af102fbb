// Values that parameters are given instead of their defaults: by `--set`, a file or the environment where a
// workflow runs, by a step where a workflow file is used as one.
import {
  expressionInParams,
  paramMissing,
  paramNotGiven,
  unknownParamGiven,
  unknownSetting,
  wrongParamValue,
  wrongSetting,
  wrongValue,
} from "../../../diagnostics/catalog.ts";
import type { Diagnostic, Place } from "../../../diagnostics/diagnostic.ts";
import { describeValue } from "../../describe_value.ts";
import type { OpenFile } from "../../files.ts";
import type { Json, ParamDeclaration } from "../../workflow.ts";
import type { YamlNode } from "../../yaml/tree.ts";
import { parseSetting, plainValue, problemWith, wantedBy } from "./param_type.ts";

/** `--set NAME=VALUE` as given. */
export interface Setting {
  readonly name: string;
  readonly value: string;
}

/** A value with the places of its name and of itself; undefined where it has a mistake that was reported. */
export interface GivenValue {
  readonly value: Json | undefined;
  readonly keyPlace: Place;
  readonly place: Place;
}

/** Where the values of parameters come from. */
export interface GivenParams {
  /** The value of a parameter; "none" where its default counts, undefined after a report. */
  value(param: ParamDeclaration, declared: Place): Promise<Json | undefined | "none">;
  /** Reports what is given to a parameter that does not exist. */
  checkNames(known: readonly string[]): void;
}

type Report = (diagnostic: Diagnostic) => void;

/** Name of the variable that gives a parameter its value. */
export function variableOf(param: string): string {
  return `CAIRN_PARAM_${param.replaceAll("-", "_")}`;
}

/** What a run is given: `--set` goes before `--params`, that before the environment. */
export class RunParams implements GivenParams {
  readonly #settings: ReadonlyMap<string, string>;

  constructor(
    settings: readonly Setting[],
    /** By name, from the file of `--params`. */
    private readonly values: ReadonlyMap<string, GivenValue>,
    private readonly env: (name: string) => string | undefined,
    private readonly report: Report,
  ) {
    this.#settings = new Map(settings.map(({ name, value }) => [name, value]));
  }

  /** See {@link GivenParams.value}. */
  async value(param: ParamDeclaration, declared: Place): Promise<Json | undefined | "none"> {
    const { name } = param;
    const setting = this.#settings.get(name);
    if (setting !== undefined) {
      return await this.#fromText(param, setting, { source: `--set ${name}`, declared });
    }
    const given = this.values.get(name);
    if (given !== undefined) return fitting(param, given, declared, this.report);
    const variable = this.env(variableOf(name));
    if (variable !== undefined) {
      return await this.#fromText(param, variable, { source: variableOf(name), declared });
    }
    if (param.default !== undefined) return "none";
    this.report(paramMissing(declared, name, param.type === "int" ? "1" : "…"));
    return undefined;
  }

  /** See {@link GivenParams.checkNames}. */
  checkNames(known: readonly string[]): void {
    for (const name of this.#settings.keys()) {
      if (!known.includes(name)) this.report(unknownSetting(name, known));
    }
    for (const [name, { keyPlace }] of this.values) {
      if (known.includes(name)) continue;
      this.report(unknownParamGiven(keyPlace, name, { where: "The workflow", known }));
    }
  }

  async #fromText(
    param: ParamDeclaration,
    text: string,
    from: { readonly source: string; readonly declared: Place },
  ): Promise<Json | undefined> {
    const value = await parseSetting(param.type, text);
    const wanted = value === undefined
      ? wantedBy(param.type, undefined)
      : problemWith(param, value);
    if (wanted === undefined) return value;
    const present = describeValue(text);
    const words = wantedWords(param, wanted);
    this.report(wrongSetting({ name: param.name, wanted: words, present, ...from }));
    return undefined;
  }
}

/** What a step gives to the file that it uses. */
export class StepParams implements GivenParams {
  constructor(
    private readonly values: ReadonlyMap<string, GivenValue>,
    /** As the step names the file, and where. */
    private readonly user: { readonly uses: string; readonly place: Place },
    private readonly report: Report,
  ) {}

  /** See {@link GivenParams.value}. */
  value(param: ParamDeclaration, declared: Place): Promise<Json | undefined | "none"> {
    const given = this.values.get(param.name);
    if (given !== undefined) {
      return Promise.resolve(fitting(param, given, declared, this.report));
    }
    if (param.default !== undefined) return Promise.resolve("none");
    const { uses, place } = this.user;
    this.report(paramNotGiven(place, param.name, { uses, declared }));
    return Promise.resolve(undefined);
  }

  /** See {@link GivenParams.checkNames}. */
  checkNames(known: readonly string[]): void {
    for (const [name, { keyPlace }] of this.values) {
      if (known.includes(name)) continue;
      this.report(unknownParamGiven(keyPlace, name, { where: `"${this.user.uses}"`, known }));
    }
  }
}

/** A value that has a type already, checked against the declaration. */
function fitting(
  param: ParamDeclaration,
  { value, place }: GivenValue,
  declared: Place,
  report: Report,
): Json | undefined {
  const wanted = value === undefined ? undefined : problemWith(param, value);
  if (wanted === undefined) return value;
  const words = wantedWords(param, wanted);
  const present = describeValue(value);
  report(wrongParamValue(place, { name: param.name, wanted: words, present, declared }));
  return undefined;
}

function wantedWords({ choices = [] }: ParamDeclaration, wanted: string): string {
  return wanted === "choice"
    ? `one of ${choices.map((choice) => describeValue(choice)).join(", ")}`
    : wanted;
}

/** Reads a file of parameters: a map of values by name, as YAML or JSON. */
export function readGivenValues(
  { file, root }: OpenFile,
  report: Report,
): ReadonlyMap<string, GivenValue> {
  if (root.kind !== "map") {
    const wanted = "a map, such as { epochs: 20 }";
    const subject = "A file of parameters";
    const present = describeValue(plainValue(root));
    report(wrongValue({ file, span: root.span }, { subject, wanted, present }));
    return new Map();
  }
  return new Map(root.entries.map(({ key, keySpan, value }) => {
    const expression = firstExpression(value);
    if (expression !== undefined) report(expressionInParams({ file, span: expression.span }));
    return [key, {
      value: expression === undefined ? plainValue(value) : undefined,
      keyPlace: { file, span: keySpan },
      place: { file, span: value.span },
    }];
  }));
}

function firstExpression(node: YamlNode): YamlNode | undefined {
  if (node.kind === "scalar") {
    return typeof node.value === "string" && node.value.includes("${{") ? node : undefined;
  }
  const inner = node.kind === "list" ? node.items : node.entries.map(({ value }) => value);
  return inner.map(firstExpression).find((found) => found !== undefined);
}
