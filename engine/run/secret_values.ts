// The values of a workflow's secrets: in memory only, handed to the processes that are to have them, and kept
// out of everything that is told or written.
import { secretDigest } from "../cache/recipe/secrets.ts";
import type { EventBody } from "../events/event.ts";
import type { GraphStep, GraphWorkflow } from "../graph/graph.ts";
import { replaceSecrets } from "../graph/options/secrets.ts";
import type { Json } from "../workflow/workflow.ts";
import type { Environment } from "./process/sandbox.ts";

/** Shorter values would turn up everywhere. */
export const SHORTEST_SECRET = 4;

const MASK = "***";

/** Fields of events that hold words; all others are names, which programs go by. */
const WORDS: ReadonlySet<string> = new Set(
  [
    "text",
    "reason",
    "message",
    "hint",
    "stack",
    "lastLines",
    "values",
    "unit",
    "name",
    "unreusable",
  ],
);

/** The secrets of a run. */
export class SecretValues {
  readonly #values: ReadonlyMap<string, string>;
  readonly #forms: RegExp | undefined;

  constructor({ secrets }: Pick<GraphWorkflow, "secrets">, environment: Environment) {
    const found = secrets.map((name) => [name, environment(name) ?? ""] as const)
      .filter(([, value]) => value.length >= SHORTEST_SECRET);
    this.#values = new Map(found);
    const forms = new Set(found.flatMap(([, value]) => formsOf(value)));
    const longestFirst = [...forms].sort((a, b) => b.length - a.length);
    this.#forms = forms.size === 0
      ? undefined
      : new RegExp(longestFirst.map(RegExp.escape).join("|"), "g");
  }

  /** Says whether a variable is one of the secrets. */
  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** Puts the values where an option names them. */
  fill<T extends Json>(value: T): T {
    return replaceSecrets(value, (name) => this.#values.get(name) ?? "");
  }

  /** A keyed hash of each secret that a step is given; undefined where it is given none. */
  digests(step: GraphStep, storeFolder: string): Readonly<Record<string, string>> | undefined {
    if (step.secrets === undefined) return undefined;
    return Object.fromEntries(
      step.secrets.map((name) => [name, secretDigest(storeFolder, this.#values.get(name) ?? "")]),
    );
  }

  /** A text without any secret. */
  mask(text: string): string {
    return this.#forms === undefined ? text : text.replaceAll(this.#forms, MASK);
  }

  /** An event whose words are without any secret. */
  maskEvent(event: EventBody): EventBody {
    if (this.#forms === undefined) return event;
    const masked = Object.entries(event).map(([field, value]) =>
      [field, WORDS.has(field) ? this.maskIn(value) : value] as const
    );
    return Object.fromEntries(masked) as unknown as EventBody; // the same fields of the same types
  }

  /** A value without any secret in its texts, however deep. */
  maskIn<T>(value: T): T {
    const masked = (inner: unknown): unknown => {
      if (typeof inner === "string") return this.mask(inner);
      if (Array.isArray(inner)) return inner.map(masked);
      if (typeof inner !== "object" || inner === null) return inner;
      return Object.fromEntries(Object.entries(inner).map(([key, item]) => [key, masked(item)]));
    };
    return masked(value) as T; // texts stay texts
  }
}

/** How a value may turn up in what a program prints: as it is, line by line, or encoded as a whole. */
function formsOf(value: string): readonly string[] {
  const lines = value.split(/\r?\n/).map((line) => line.trim());
  const bytes = new TextEncoder().encode(value);
  const base64 = bytes.toBase64({ omitPadding: true });
  const json = JSON.stringify(value).slice(1, -1);
  return [value, ...lines, json, encodeURIComponent(value), base64, urlSafe(base64)]
    .filter((form) => form.length >= SHORTEST_SECRET);
}

function urlSafe(base64: string): string {
  return base64.replaceAll("+", "-").replaceAll("/", "_");
}
