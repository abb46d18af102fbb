// Decides whether a version takes an alias from the version that has it, by their scores: pure.
import type { Measure } from "../scores/measures.ts";
import type { VersionRecord } from "./version_record.ts";

/** When a version takes an alias. */
export interface PromotionRule {
  readonly alias: string;
  /** The score that must be higher than that of the version that has the alias. */
  readonly when: Measure;
  /** By how much at least. */
  readonly by: number;
}

/** A version and how it did; scores are null where nothing is known of them. */
export interface Rated {
  readonly version: string;
  readonly scores: Pick<NonNullable<VersionRecord["scores"]>, "split" | keyof typeof words> | null;
}

/** What became of a rule. */
export interface Promotion {
  readonly alias: string;
  readonly isPromoted: boolean;
  /** As a sentence. */
  readonly reason: string;
  /** The version that had the alias before. */
  readonly before: string | null;
}

const words = { accuracy: "accuracy", meanIou: "mean IoU", macroF1: "macro F1" } as const;

const fields = {
  "accuracy": "accuracy",
  "mean-iou": "meanIou",
  "macro-f1": "macroF1",
} as const satisfies Record<Measure, keyof typeof words>;

/** Compares a version with the one that has the alias, if any has. */
export function decidePromotion(
  rule: PromotionRule,
  candidate: Rated & { readonly scores: NonNullable<Rated["scores"]> },
  holder: Rated | undefined,
): Promotion {
  const { alias } = rule;
  const say = (isPromoted: boolean, reason: string): Promotion => ({
    alias,
    isPromoted,
    reason,
    before: holder?.version ?? null,
  });
  const name = `Version ${candidate.version}`;
  if (holder === undefined) return say(true, `${name} is the first "${alias}"`);
  if (holder.version === candidate.version) return say(false, `${name} is "${alias}" already`);
  const field = fields[rule.when];
  if (holder.scores === null) {
    return say(
      false,
      `No ${words[field]} is known of version ${holder.version}, which is "${alias}"`,
    );
  }
  const { split } = candidate.scores;
  if (holder.scores.split !== split) {
    const other = `of version ${holder.version} on "${holder.scores.split}"`;
    return say(false, `${name} was scored on "${split}", which cannot be compared with ${other}`);
  }
  const [ours, theirs] = [candidate.scores[field], holder.scores[field]];
  const isHigher = ours > theirs && ours - theirs >= rule.by;
  const margin = rule.by === 0 ? "" : ` by ${rule.by}`;
  const comparison = `${isHigher ? "higher" : "not higher"}${margin} than ${show(theirs)}`;
  const what = `${words[field]} ${show(ours)} of version ${candidate.version}`;
  return say(isHigher, `The ${what} is ${comparison} of version ${holder.version}`);
}

function show(score: number): string {
  return String(Number(score.toFixed(6)));
}
