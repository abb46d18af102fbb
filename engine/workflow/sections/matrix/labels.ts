// How a combination is named: `lr=0.001,base=16`. A label depends on the combination's own values alone, and
// holds only characters that names of files, addresses and shells take.
import type { MatrixValue, MatrixValues } from "../../workflow.ts";

/** What stands in the brackets of a step's name: values in the order of the matrix's keys. */
export function labelOf(keys: readonly string[], values: MatrixValues): string {
  const parts: string[] = [];
  for (const key of keys) {
    const value = Object.hasOwn(values, key) ? values[key] : undefined;
    if (value !== undefined) parts.push(`${key}=${valueText(value)}`);
  }
  return parts.join(",");
}

/** A value as it stands in a label; other characters than letters, digits and . _ + - are escaped as `%2F`. */
export function valueText(value: MatrixValue): string {
  const text = String(value);
  if (/^[\w.+-]*$/.test(text)) return text;
  return encodeURIComponent(text.toWellFormed()).replaceAll(
    /[^\w.+%-]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  ).replaceAll("%2B", "+");
}

/** A form that is the same for all ways to write a label. */
export function canonicalLabel(label: string): string {
  return canonicalParts(label).join(",");
}

/** The parts `key=value` of a label, sorted, numbers as in `1e-3` or `0.001`, characters escaped or not. */
export function canonicalParts(label: string): readonly string[] {
  return label.split(/,\s*(?=[\w-]+\s*=)/).map((part) => {
    const at = part.indexOf("=");
    const [key, value] = [part.slice(0, at).trim(), part.slice(at + 1).trim()];
    return `${key}=${isNumber(value) ? String(Number(value)) : escaped(value)}`;
  }).sort();
}

/** The values in all brackets of a step's name, as in `sites[site=a]/train[lr=0.1]`; empty where there are none. */
export function labelsIn(name: string): string {
  return [...name.matchAll(/\[([^\]]*)\]/g)].map(([, label]) => label).join(",");
}

function isNumber(text: string): boolean {
  return /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/.test(text);
}

/** Leaves what is escaped already. */
function escaped(text: string): string {
  return /^[\w.+%-]*$/.test(text) ? text : valueText(text);
}
