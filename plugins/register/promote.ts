// Promotes in the local registry: one decision at a time, each on record in `NAME/promotions.ndjson`.
import { decidePromotion, type Promotion, type PromotionRule, type Rated } from "./promotion.ts";
import { readAlias, setAlias } from "./registry.ts";
import { readVersionRecord } from "./version_record.ts";

/** Gives an alias to a version if it is better than the one that has it. */
export async function promote(
  home: string,
  rule: PromotionRule,
  candidate: Parameters<typeof decidePromotion>[1],
): Promise<Promotion> {
  // Between looking and moving nobody else may move the alias.
  using lock = await Deno.open(`${home}/promotion.lock`, { create: true, write: true });
  await lock.lock(true);
  const promotion = decidePromotion(rule, candidate, await holderOf(home, rule.alias));
  if (promotion.before === candidate.version) return promotion;
  if (promotion.isPromoted) await setAlias(home, rule.alias, Number(candidate.version));
  const line = { at: new Date().toISOString(), version: candidate.version, ...promotion };
  await Deno.writeTextFile(`${home}/promotions.ndjson`, `${JSON.stringify(line)}\n`, {
    append: true,
  });
  return promotion;
}

async function holderOf(home: string, alias: string): Promise<Rated | undefined> {
  const version = await readAlias(home, alias);
  if (version === undefined) return undefined;
  const { scores } = await readVersionRecord(`${home}/versions/${version}/version.json`);
  return { version: String(version), scores };
}
