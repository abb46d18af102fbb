// Reads what a step may take: resources, time, and the seed of its randomness.
import { wrongValue } from "../../diagnostics/catalog.ts";
import { describeValue } from "../describe_value.ts";
import type { Reading } from "../reading.ts";
import { parseBytes, parseDuration } from "../units.ts";
import type { StepResources } from "../workflow.ts";
import type { YamlEntry } from "../yaml/tree.ts";

/** The keys of `resources`. */
export const RESOURCE_KEYS = ["cpus", "memory", "gpus"] as const;

const LEAST_MEMORY = 2 ** 20;
const MAX_SEED = 2 ** 32 - 1;
// What a timer can wait for.
const MAX_TIMEOUT_MS = 24 * 24 * 3600 * 1000;

/** Reads `resources`; what cannot be read is left to the plugin's own request. */
export function readResources(reading: Reading, entry: YamlEntry | undefined): StepResources {
  if (entry === undefined) return {};
  const fields = reading.fields(entry.value, {
    where: '"resources"',
    keys: RESOURCE_KEYS,
  });
  const cpus = fields?.get("cpus");
  const gpus = fields?.get("gpus");
  const count = { max: 100_000, whole: true };
  return {
    ...optional(
      "cpus",
      cpus && reading.number({ node: cpus.value, name: '"cpus"' }, { min: 1, ...count }),
    ),
    ...optional(
      "gpus",
      gpus && reading.number({ node: gpus.value, name: '"gpus"' }, { min: 0, ...count }),
    ),
    ...optional("memoryBytes", readMemory(reading, fields?.get("memory"))),
  };
}

function optional<Key extends string>(
  key: Key,
  value: number | undefined,
): { readonly [Name in Key]?: number } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [Name in Key]?: number };
}

function readMemory(reading: Reading, entry: YamlEntry | undefined): number | undefined {
  const value = entry && reading.json(entry.value);
  if (entry === undefined || value === undefined) return undefined;
  const isAmount = typeof value === "string" || typeof value === "number";
  const bytes = isAmount ? parseBytes(value) : undefined;
  const subject = { node: entry.value, name: '"memory"' };
  if (bytes === undefined) return reading.wrong(subject, 'an amount such as "4GiB"', value);
  // Nothing runs in less: a unit was forgotten.
  return bytes < LEAST_MEMORY
    ? reading.wrong(subject, 'at least "1MiB", with its unit', value)
    : bytes;
}

/** Reads `timeout` into milliseconds. */
export function readTimeout(reading: Reading, entry: YamlEntry | undefined): number | undefined {
  const value = entry && reading.json(entry.value);
  if (entry === undefined || value === undefined) return undefined;
  const timeoutMs = typeof value === "string" ? parseDuration(value) : undefined;
  const subject = { node: entry.value, name: '"timeout"' };
  if (timeoutMs === undefined) {
    return reading.report(wrongValue(reading.place(entry.value.span), {
      subject: subject.name,
      wanted: 'a duration such as "30s", "5m" or "1h30m"',
      present: describeValue(value),
      hint: typeof value === "number" ? `Write "${value}s" for seconds` : undefined,
    }));
  }
  if (timeoutMs <= 0) return reading.wrong(subject, "longer than nothing", value);
  if (timeoutMs > MAX_TIMEOUT_MS) return reading.wrong(subject, 'at most "24d"', value);
  return timeoutMs;
}

/** Reads a seed: a whole number of 32 bits. */
export function readSeed(reading: Reading, entry: YamlEntry | undefined): number | undefined {
  return entry &&
    reading.number({ node: entry.value, name: '"seed"' }, { min: 0, max: MAX_SEED, whole: true });
}
