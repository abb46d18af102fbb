// The secrets in the options of steps: texts such as `${{ secrets.TOKEN }}`, filled in only for the process.
import { secretInCommand, unknownSecret } from "../../diagnostics/catalog.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { Json } from "../../workflow/workflow.ts";
import type { StepPlugin } from "../plugins/plugin_lookup.ts";
import type { ResolvedStep } from "../plugins/plugin_source.ts";

const SECRET = /\$\{\{ secrets\.([A-Za-z_]\w*) \}\}/g;

/** Names of the secrets that a step is given, each once. */
export function secretsOf({ config }: ResolvedStep): readonly string[] {
  return [...new Set(secretTexts(config, []).flatMap(({ names }) => names))];
}

/** Puts something in the place of every secret in a value, however deep. */
export function replaceSecrets<T extends Json>(value: T, replace: (name: string) => string): T {
  const replaced = (inner: Json): Json => {
    if (typeof inner === "string") return inner.replaceAll(SECRET, (_, name) => replace(name));
    if (Array.isArray(inner)) return inner.map(replaced);
    if (typeof inner !== "object" || inner === null) return inner;
    return Object.fromEntries(Object.entries(inner).map(([key, item]) => [key, replaced(item)]));
  };
  return replaced(value) as T; // texts stay texts
}

/** Reports secrets that are not listed, as a parameter can bring them in, and those that all could see. */
export function checkSecrets(
  { step, resolved }: StepPlugin,
  listed: readonly string[],
  report: (problem: Diagnostic) => void,
): void {
  const argv = resolved?.command?.argv.join("\n") ?? "";
  for (const { option, text, names } of secretTexts(step.with.value, [])) {
    const place = step.with.places.at(option, "value");
    for (const name of names) {
      if (!listed.includes(name)) report(unknownSecret(place, name, listed));
      else if (argv.includes(text)) report(secretInCommand(place, name));
    }
  }
}

interface SecretText {
  readonly option: readonly (string | number)[];
  readonly text: string;
  readonly names: readonly string[];
}

function secretTexts(value: Json, option: SecretText["option"]): readonly SecretText[] {
  if (typeof value === "string") {
    if (!value.includes("${{ secrets.")) return [];
    const names = [...value.matchAll(SECRET)].flatMap(([, name]) => name ?? []);
    return names.length === 0 ? [] : [{ option, text: value, names }];
  }
  if (typeof value !== "object" || value === null) return [];
  const items = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return items.flatMap(([key, item]) => secretTexts(item as Json, [...option, key]));
}
