// Which of several steps should go first: the one with the longest way to the end of the workflow.

/** A step with the steps that wait for it. */
export interface Weighted {
  readonly name: string;
  readonly dependsOn: readonly string[];
}

/**
 * Length of the longest chain from each step to the end, itself included. Steps come in an order that
 * respects dependencies; `durationMs` gives a past duration or undefined, which counts as the median.
 */
export function criticalPaths(
  steps: readonly Weighted[],
  durationMs: (name: string) => number | undefined,
): ReadonlyMap<string, number> {
  const known = steps.map((step) => durationMs(step.name)).filter((value) => value !== undefined)
    .sort((a, b) => a - b);
  const usual = known[known.length >> 1] ?? 1;
  const longestAfter = new Map<string, number>();
  const lengths = new Map<string, number>();
  for (const step of [...steps].reverse()) {
    const length = (durationMs(step.name) ?? usual) + (longestAfter.get(step.name) ?? 0);
    lengths.set(step.name, length);
    for (const before of step.dependsOn) {
      longestAfter.set(before, Math.max(longestAfter.get(before) ?? 0, length));
    }
  }
  return lengths;
}
