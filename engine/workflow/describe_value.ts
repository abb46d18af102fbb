// Words for a value that is not what was wanted, as in: must be a number, not "many".
import { quote } from "../diagnostics/suggest.ts";

/** Describes a value in a few words: texts in quotes, numbers as they are, lists and maps by kind. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (typeof value === "string") return quote(value);
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  return typeof value === "object" ? "a map" : String(value);
}
