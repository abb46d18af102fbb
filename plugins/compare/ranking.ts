// Who is compared with whom: joins models with their scores by the values of their matrix, and ranks them.
import { type InputItem, StepError } from "../../engine/plugin.ts";
import { type Measure, measured } from "../scores/measures.ts";
import type { Scores } from "../scores/scores.ts";
import type { History, ModelCard } from "../nn/model_artifact.ts";

/** Values of a matrix by key. */
export type Values = InputItem["matrix"];

/** A model and what is known of it. */
export interface Contender {
  /** The step that made it, such as `model[rate=0.001,base=16]`. */
  readonly name: string;
  readonly values: Values;
  /** Folder of the model. */
  readonly path: string;
  readonly card: ModelCard;
  readonly scores: Scores;
  readonly history: History | undefined;
}

/** Contenders, the best one first; equals in the order of the matrix. */
export type Ranking = readonly [Contender, ...Contender[]];

/**
 * Finds the item that belongs to each model: the one with the same values of its matrix.
 * Throws StepError where there is not exactly one.
 */
export function partners(
  models: readonly InputItem[],
  items: readonly InputItem[],
  what: string,
): readonly InputItem[] {
  const byValues = new Map<string, InputItem>();
  for (const item of items) {
    const other = byValues.get(keyOf(item.matrix));
    if (other !== undefined) throw sameValues(what, other, item);
    byValues.set(keyOf(item.matrix), item);
  }
  const found = models.map((model) => {
    const key = keyOf(model.matrix);
    const item = byValues.get(key);
    if (item === undefined) throw noPartner(what, model);
    byValues.delete(key);
    return item;
  });
  const [left] = byValues.values();
  if (left === undefined) return found;
  throw new StepError(`There is no model for the ${what} of "${left.name}"`, {
    hint: "Connect models and scores of the same matrix, without brackets",
  });
}

/** Ranks contenders; throws StepError where there are none, or their scores cannot be compared. */
export function rank(contenders: readonly Contender[], by: Measure): Ranking {
  const [first] = contenders;
  const odd = contenders.find(({ scores }) => scores.split !== first?.scores.split);
  if (first !== undefined && odd !== undefined) {
    throw new StepError(
      `"${first.name}" was scored on "${first.scores.split}" and "${odd.name}" on "${odd.scores.split}"`,
      { hint: "Score all models on the same split" },
    );
  }
  const [best, ...others] = contenders.toSorted((a, b) =>
    measured(b.scores, by) - measured(a.scores, by)
  );
  if (best === undefined) throw new StepError("There are no models to compare");
  return [best, ...others];
}

/** Keys of the matrices, in the order in which they are written. */
export function keysOf(ranking: Ranking): readonly string[] {
  return [...new Set(ranking.flatMap(({ values }) => Object.keys(values)))];
}

/** A contender as people call it: by the values of its matrix, else by its step. */
export function shortName({ name, values }: Pick<Contender, "name" | "values">): string {
  const parts = Object.entries(values).map(([key, value]) => `${key} ${value}`);
  return parts.length === 0 ? name : parts.join(", ");
}

function keyOf(values: Values): string {
  return JSON.stringify(Object.entries(values).toSorted(([a], [b]) => a < b ? -1 : 1));
}

function sameValues(what: string, one: InputItem, other: InputItem): StepError {
  return new StepError(
    `The ${what} of "${one.name}" and "${other.name}" belong to one combination`,
    {
      hint: "Compare the steps of one matrix: what is compared differs in the values of its matrix",
    },
  );
}

function noPartner(what: string, model: InputItem): StepError {
  return new StepError(`There are no ${what} of "${model.name}"`, {
    hint: `Give the step that makes the ${what} the same matrix as the models`,
  });
}
