// The types of parameters: which a value has, which values a type takes, how `--set` text becomes one.
import { SourceFile } from "../../../diagnostics/source_file.ts";
import type { Json, ParamDeclaration, ParamType } from "../../workflow.ts";
import { readYaml } from "../../yaml/read.ts";
import type { YamlNode } from "../../yaml/tree.ts";

/** The type of a default. A number written with a point or exponent, as in 1.0, is no int. */
export function typeOf(value: Json, source: string): ParamType | undefined {
  if (typeof value === "string") return "string";
  if (typeof value === "boolean") return "boolean";
  if (typeof value === "number") {
    return Number.isInteger(value) && /^[^.]*$/.test(source) && !/^[-+\d]+e/i.test(source)
      ? "int"
      : "number";
  }
  if (Array.isArray(value)) return "list";
  return value === null ? undefined : "map";
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
    case "map":
      return isMap(value) ? undefined : "a map, such as {a: 1, b: 2}";
  }
}

/** What a value would have to be for a parameter; "choice" where it is none of the choices. */
export function problemWith(param: ParamDeclaration, value: Json): string | undefined {
  const { type, choices, min, max } = param;
  const wanted = wantedBy(type, value);
  if (wanted !== undefined) return wanted;
  if (typeof value === "number" && min !== undefined && value < min) return `at least ${min}`;
  if (typeof value === "number" && max !== undefined && value > max) return `at most ${max}`;
  const key = JSON.stringify(value);
  return choices?.some((choice) => JSON.stringify(choice) === key) === false ? "choice" : undefined;
}

/** Turns the text of `--set` into a value of a type; undefined where it is none. */
export async function parseSetting(type: ParamType, text: string): Promise<Json | undefined> {
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
      return await parseInside(text, "[", "]");
    case "map":
      return await parseInside(text, "{", "}");
  }
}

/** Reads a list or map as YAML writes it on one line; the outer brackets may be left out. */
async function parseInside(
  text: string,
  open: "[" | "{",
  close: "]" | "}",
): Promise<Json | undefined> {
  if (open === "{" && /^\s*\{?[^:{}]+\}?\s*$/.test(text)) return undefined; // a set, which YAML knows
  const written = text.trim().startsWith(open) ? text : `${open}${text}${close}`;
  const { root, diagnostics } = await readYaml(new SourceFile("--set", written));
  if (diagnostics.length > 0 || root?.kind !== (open === "[" ? "list" : "map")) return undefined;
  return plainValue(root);
}

/** A value without expressions; undefined where a part of it is none, which has been reported. */
export function plainValue(node: YamlNode): Json | undefined {
  if (node.kind === "scalar") return node.value;
  const values = node.kind === "list"
    ? node.items.map((item, index) => [String(index), plainValue(item)] as const)
    : node.entries.map(({ key, value }) => [key, plainValue(value)] as const);
  const known = values.filter((entry): entry is readonly [string, Json] => entry[1] !== undefined);
  if (known.length < values.length) return undefined;
  return node.kind === "list" ? known.map(([, value]) => value) : Object.fromEntries(known);
}

function isMap(value: Json | undefined): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
