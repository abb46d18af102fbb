// Scores against scikit-learn's on one fixed confusion matrix.
import assert from "node:assert/strict";
import { type ClassScores, classScores, summarise } from "../../../plugins/scores/class_scores.ts";
import { ConfusionMatrix } from "../../../plugins/scores/confusion.ts";

// Class 3 is never predicted, class 4 occurs nowhere, class 5 is predicted but never true.
const counts = [
  [50, 3, 0, 0, 0, 2],
  [4, 30, 1, 0, 0, 0],
  [0, 2, 17, 0, 0, 0],
  [1, 0, 9, 0, 0, 0],
  [0, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0, 0],
];

// scikit-learn 1.9.1: precision_recall_fscore_support, jaccard_score, accuracy_score with
// zero_division=0 and no `labels`.
const expected = {
  "accuracy": 0.8151260504201681,
  "macro": {
    "precision": 0.47917267917267914,
    "recall": 0.5321941216678059,
    "f1": 0.5010728402032749,
    "iou": 0.43390804597701155,
  },
  "weighted": {
    "precision": 0.7727980080921257,
    "recall": 0.8151260504201681,
    "f1": 0.7902813299232736,
    "iou": 0.6993383560320681,
  },
  "classes": {
    "precision": [
      0.9090909090909091,
      0.8571428571428571,
      0.6296296296296297,
      0.0,
      null,
      0.0,
    ],
    "recall": [
      0.9090909090909091,
      0.8571428571428571,
      0.8947368421052632,
      0.0,
      null,
      0.0,
    ],
    "f1": [
      0.9090909090909091,
      0.8571428571428571,
      0.7391304347826086,
      0.0,
      null,
      0.0,
    ],
    "iou": [
      0.8333333333333334,
      0.75,
      0.5862068965517241,
      0.0,
      null,
      0.0,
    ],
    "support": [
      55,
      35,
      19,
      10,
      0,
      0,
    ],
  },
};

Deno.test("scores per class equal scikit-learn's, null for a class that occurs nowhere", () => {
  const found = classScores(matrix());
  for (const key of ["precision", "recall", "f1", "iou", "support"] as const) {
    closeTo(found.map((each: ClassScores) => each[key]), expected.classes[key]);
  }
});

Deno.test("averages equal scikit-learn's", () => {
  const { accuracy, macro, weighted } = summarise(matrix());
  closeTo([accuracy], [expected.accuracy]);
  for (const key of ["precision", "recall", "f1", "iou"] as const) {
    closeTo([macro[key], weighted[key]], [expected.macro[key], expected.weighted[key]]);
  }
});

function matrix(): ConfusionMatrix {
  const result = new ConfusionMatrix(counts.length);
  counts.flat().forEach((count, cell) => result.counts[cell] = count);
  return result;
}

function closeTo(found: readonly (number | null)[], wanted: readonly (number | null)[]): void {
  assert.equal(found.length, wanted.length);
  found.forEach((value, index) => {
    const want = wanted[index] ?? null;
    const near = value === null || want === null ? value === want : Math.abs(value - want) < 1e-12;
    assert.ok(near, `${value} at ${index}, wanted ${want}`);
  });
}
