// The scores that one model can be better in than another: their names in options and their values.
import type { Scores } from "./scores.ts";

/** Scores that models are compared by, as options spell them. */
export const measures = ["macro-f1", "mean-iou", "accuracy"] as const;

/** One of {@link measures}. */
export type Measure = typeof measures[number];

/** A score as people call it. */
export const measureWords: Readonly<Record<Measure, string>> = {
  "macro-f1": "macro F1",
  "mean-iou": "mean IoU",
  "accuracy": "pixel accuracy",
};

/** Value of a score, 0 to 1. */
export function measured(scores: Scores, measure: Measure): number {
  switch (measure) {
    case "macro-f1":
      return scores.macro.f1;
    case "mean-iou":
      return scores.macro.iou;
    case "accuracy":
      return scores.accuracy;
  }
}
