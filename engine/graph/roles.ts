// Finds the role texts in options, such as `${{ outputs.model }}`, which a running step fills in.
import type { Json } from "../workflow/workflow.ts";
import { isList, isObject } from "./plugins/option_schema.ts";

const OUTPUT = "${{ outputs.";

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
    if (!value.includes(OUTPUT)) return;
    for (const [, output] of value.matchAll(/\$\{\{ outputs\.([\w-]+) \}\}/g)) {
      if (output !== undefined) found.push({ option, output });
    }
  } else if (typeof value === "object" && value !== null) {
    for (const [name, inner] of isList(value) ? value.entries() : Object.entries(value)) {
      const isPlain = typeof inner === "string" ? !inner.includes(OUTPUT) : !isObject(inner);
      if (!isPlain || isList(inner)) collect(inner, [...option, name], found);
    }
  }
}
