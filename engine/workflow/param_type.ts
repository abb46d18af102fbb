// The types of parameters: which a value has, which values a type takes, how `--set` text becomes one.
import { SourceFile } from "../diagnostics/source_file.ts";
import type { Json } from "./workflow.ts";
import { parseYaml, type YamlNode } from "./yaml.ts";

export const TYPES = ["string", "int", "number", "boolean", "list"] as const;
export type ParamType = (typeof TYPES)[number];

/** The type of a default. A number written with a point or exponent, as in 1.0, is no int. */
export function typeOf(value: Json, source: string): ParamType | undefined {
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "number") {
    return Number.isInteger(value) && /^[^.]*$/.test(source) && !/^[-+\d]+e/i.test(source)
      ? "int"
      : "number";
  }
  return Array.isArray(value) ? "list" : undefined;
}

/** Words for what a type takes, if the value is not of it. */
export function wantedBy(type: ParamType, value: Json | undefined): string | undefined {
  switch (type) {
    case "string":
      return typeof value === "string" ? undefined : "a text";
    case "int":
      return Number.isSafeInteger(value) ? undefined : "a whole number";
    case "number":
      return typeof value === "number" ? undefined : "a number";
    case "boolean":
      return typeof value === "boolean" ? undefined : "true or false";
    case "list":
      return Array.isArray(value) ? undefined : "a list, such as a,b or [a, b]";
  }
}

/** Turns the text of `--set` into a value of a type; undefined where it is none. */
export function parseSetting(type: ParamType, text: string): Json | undefined {
  switch (type) {
    case "string":
      return text;
    case "int":
      return /^[-+]?\d+$/.test(text.trim()) ? Number(text) : undefined;
    case "number":
      return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : undefined;
    case "boolean":
      return text === "true" ? true : text === "false" ? false : undefined;
    case "list":
      return parseList(text);
  }
}

function parseList(text: string): readonly Json[] | undefined {
  const written = text.trim().startsWith("[") ? text : `[${text}]`;
  const { root, diagnostics } = parseYaml(new SourceFile("--set", written));
  if (diagnostics.length > 0 || root?.kind !== "list") return undefined;
  const items = root.items.map(scalarValue);
  return items.every((item) => item !== undefined) ? items : undefined;
}

function scalarValue(node: YamlNode): Json | undefined {
  return node.kind === "scalar" ? node.value : undefined;
}
