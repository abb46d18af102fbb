// Reads what a step may take: resources, time, and the seed of its randomness.
import { wrongValue } from "../../../diagnostics/catalog.ts";
import { describeValue } from "../../describe_value.ts";
import type { Reading } from "../../reading.ts";
import { parseBytes, parseDuration } from "../../units.ts";
import type { StepResources, Tokens } from "../../workflow.ts";
import type { YamlEntry } from "../../yaml/tree.ts";
import { readStepTokens } from "../tokens.ts";

/** The keys of `resources`. */
export const RESOURCE_KEYS = ["cpus", "memory", "gpus", "gpu-memory", "tokens"] as const;

const LEAST_MEMORY = 2 ** 20;
const MAX_SEED = 2 ** 32 - 1;
/** What a timer can wait for. */
export const LONGEST_WAIT_MS = 24 * 24 * 3600 * 1000;

/**
 * Reads `resources`; what cannot be read is left to the plugin's own request. `pool` has the tokens that there
 * are; undefined where they could not be read.
 */
export function readResources(
  reading: Reading,
  entry: YamlEntry | undefined,
  pool: Tokens | undefined,
): StepResources {
  if (entry === undefined) return {};
  const fields = reading.fields(entry.value, {
    where: '"resources"',
    keys: RESOURCE_KEYS,
  });
  const cpus = fields?.get("cpus");
  const gpus = fields?.get("gpus");
  const tokens = fields?.get("tokens");
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
    ...optional("gpuMemoryBytes", readMemory(reading, fields?.get("gpu-memory"))),
    ...(tokens === undefined ? {} : { tokens: readStepTokens(reading, tokens, pool) }),
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
  const subject = { node: entry.value, name: `"${entry.key}"` };
  if (bytes === undefined) return reading.wrong(subject, 'an amount such as "4GiB"', value);
  // Nothing runs in less: a unit was forgotten.
  return bytes < LEAST_MEMORY
    ? reading.wrong(subject, 'at least "1MiB", with its unit', value)
    : bytes;
}

/** Reads a duration such as `timeout` into milliseconds. */
export function readDuration(
  reading: Reading,
  entry: YamlEntry | undefined,
  { mayBeZero = false }: { readonly mayBeZero?: boolean } = {},
): number | undefined {
  const value = entry && reading.json(entry.value);
  if (entry === undefined || value === undefined) return undefined;
  const durationMs = typeof value === "string" ? parseDuration(value) : undefined;
  const subject = { node: entry.value, name: `"${entry.key}"` };
  if (durationMs === undefined) {
    return reading.report(wrongValue(reading.place(entry.value.span), {
      subject: subject.name,
      wanted: 'a duration such as "30s", "5m" or "1h30m"',
      present: describeValue(value),
      hint: typeof value === "number" ? `Write "${value}s" for seconds` : undefined,
    }));
  }
  if (durationMs <= 0 && !mayBeZero) return reading.wrong(subject, "longer than nothing", value);
  if (durationMs > LONGEST_WAIT_MS) return reading.wrong(subject, 'at most "24d"', value);
  return durationMs;
}

/** Reads a seed: a whole number of 32 bits. */
export function readSeed(reading: Reading, entry: YamlEntry | undefined): number | undefined {
  return entry &&
    reading.number({ node: entry.value, name: '"seed"' }, { min: 0, max: MAX_SEED, whole: true });
}
