// Finds the role texts in options, such as `${{ outputs.model }}`, which a running step fills in.
import type { Json } from "../../workflow/workflow.ts";
import { isList, isObject } from "../plugins/option_schema.ts";

const START = "${{ outputs.";

/** An output that an option's text names. */
export interface RoleOutput {
  readonly option: readonly (string | number)[];
  readonly output: string;
}

/** Finds the outputs that texts anywhere in a value name. */
export function roleOutputs(value: Json): readonly RoleOutput[] {
  const found: RoleOutput[] = [];
  collect(value, [], found);
  return found;
}

function collect(value: Json, option: RoleOutput["option"], found: RoleOutput[]): void {
  if (typeof value === "string") {
    for (let at = value.indexOf(START); at !== -1; at = value.indexOf(START, at + 1)) {
      const end = value.indexOf(" }}", at);
      if (end !== -1) found.push({ option, output: value.slice(at + START.length, end) });
    }
  } else if (typeof value === "object" && value !== null) {
    for (const [name, inner] of isList(value) ? value.entries() : Object.entries(value)) {
      const isPlain = typeof inner === "string" ? !inner.includes(START) : !isObject(inner);
      if (!isPlain || isList(inner)) collect(inner, [...option, name], found);
    }
  }
}
