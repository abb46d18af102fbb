// Reads tokens: things of which a workflow's steps may use only so many at once, such as licences.
import { badName, tooManyTokens, unknownToken } from "../../diagnostics/catalog.ts";
import type { Reading } from "../reading.ts";
import type { Tokens } from "../workflow.ts";
import type { YamlEntry } from "../yaml/tree.ts";
import { isName } from "./names.ts";

const MOST = 100_000;

/** Reads the workflow's `tokens`: how many there are of each. Undefined where any of them cannot be read. */
export function readTokenPool(
  reading: Reading,
  entry: YamlEntry | undefined,
): Tokens | undefined {
  const amounts = readAmounts(reading, entry);
  for (const { key, keySpan } of amounts.keys()) {
    if (!isName(key)) reading.report(badName(reading.place(keySpan), "token", key));
  }
  return [...amounts.values()].includes(undefined) ? undefined : byName(amounts);
}

/** Reads the tokens that a step holds while it runs; `pool` is undefined where it could not be read. */
export function readStepTokens(
  reading: Reading,
  entry: YamlEntry | undefined,
  pool: Tokens | undefined,
): Tokens {
  const amounts = readAmounts(reading, entry);
  for (const [{ key, keySpan, value }, wanted] of amounts) {
    if (pool === undefined || wanted === undefined) continue;
    const present = Object.hasOwn(pool, key) ? pool[key] : undefined;
    if (present === undefined) {
      reading.report(unknownToken(reading.place(keySpan), key, Object.keys(pool)));
    } else if (wanted > present) {
      reading.report(tooManyTokens(reading.place(value.span), key, { wanted, present }));
    }
  }
  return byName(amounts);
}

function readAmounts(
  reading: Reading,
  entry: YamlEntry | undefined,
): ReadonlyMap<YamlEntry, number | undefined> {
  const map = entry && reading.map({ node: entry.value, name: '"tokens"' });
  const limits = { min: 1, max: MOST, whole: true };
  return new Map((map?.entries ?? []).map((token) => {
    const name = `The number of token "${token.key}"`;
    return [token, reading.number({ node: token.value, name }, limits)];
  }));
}

function byName(amounts: ReadonlyMap<YamlEntry, number | undefined>): Tokens {
  return Object.fromEntries(
    [...amounts].flatMap(([{ key }, amount]) => amount === undefined ? [] : [[key, amount]]),
  );
}
