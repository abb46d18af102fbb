// Finds the role texts in options, such as `${{ outputs.model }}`, which a running step fills in.
import type { Json } from "../workflow/workflow.ts";

/** An output that an option's text names. */
export interface RoleOutput {
  readonly option: readonly (string | number)[];
  readonly output: string;
}

/** Yields the outputs that texts anywhere in a value name. */
export function* roleOutputs(
  value: Json,
  option: readonly (string | number)[] = [],
): Generator<RoleOutput> {
  if (typeof value === "string") {
    for (const [, output] of value.matchAll(/\$\{\{ outputs\.([\w-]+) \}\}/g)) {
      if (output !== undefined) yield { option, output };
    }
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* roleOutputs(item, [...option, index]);
  } else if (typeof value === "object" && value !== null) {
    for (const [name, inner] of Object.entries(value)) {
      yield* roleOutputs(inner, [...option, name]);
    }
  }
}
