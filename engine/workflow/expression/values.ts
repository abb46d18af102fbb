// What can be done with values, whatever expression they come from. Pure.
import { quoteList } from "../../diagnostics/suggest.ts";
import { describeValue } from "../describe_value.ts";
import type { Json, JsonObject } from "../workflow.ts";

/** Gives a value as it stands inside of a text; lists and maps have no such form. */
export function asText(value: Json): string | undefined {
  if (value === null) return "";
  return typeof value === "object" ? undefined : String(value);
}

/** The item of a list by its number, or of a map by its key; undefined where there is none. */
export function itemOf(holder: Json, key: Json): Json | undefined {
  if (Array.isArray(holder)) return typeof key === "number" ? (holder as Json[])[key] : undefined;
  if (typeof holder !== "object" || holder === null || typeof key !== "string") return undefined;
  return Object.hasOwn(holder, key) ? (holder as JsonObject)[key] : undefined;
}

/** Says what a value holds: `its keys: "a", "b"`. */
export function describeItems(holder: Json): string {
  if (Array.isArray(holder)) return `the list has ${holder.length} items, counted from 0`;
  return typeof holder === "object" && holder !== null
    ? `its keys: ${quoteList(Object.keys(holder))}`
    : `it is ${describeValue(holder)}`;
}

/** Applies an operator to two numbers or two texts; undefined where it has no meaning for them. */
export function combine(
  operator: string,
  left: Json,
  right: Json,
): number | string | boolean | undefined {
  if (typeof left === "string" && typeof right === "string") {
    return operator === "+" ? left + right : compare(operator, left, right);
  }
  if (typeof left !== "number" || typeof right !== "number") return undefined;
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      return left / right;
    default:
      return compare(operator, left, right);
  }
}

function compare<T extends number | string>(
  operator: string,
  left: T,
  right: T,
): boolean | undefined {
  switch (operator) {
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    case ">=":
      return left >= right;
    default:
      return undefined;
  }
}

/** Says whether a value counts as true where `&&`, `||` or `!` asks. */
export function isTrue(value: Json): boolean {
  return value !== null && value !== false && value !== 0 && value !== "";
}

/** Says whether two values are the same, item by item. */
export function isEqual(left: Json, right: Json): boolean {
  return left === right || JSON.stringify(left) === JSON.stringify(right);
}
