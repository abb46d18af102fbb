// Which of several steps should go first: the one with the longest way to the end of the workflow.

/** A step with the steps that wait for it. */
export interface Weighted {
  readonly name: string;
  readonly dependsOn: readonly string[];
}

/**
 * How long steps will take: as long as last time; those that never ran, as long as is usual among the others.
 * Empty where none ever ran.
 */
export function expectedDurations(
  steps: readonly Weighted[],
  pastMs: (name: string) => number | undefined,
): ReadonlyMap<string, number> {
  const past = steps.map(({ name }) => pastMs(name));
  const known = past.filter((value) => value !== undefined).sort((a, b) => a - b);
  const usual = known[known.length >> 1];
  if (usual === undefined) return new Map();
  return new Map(steps.map(({ name }, at) => [name, past[at] ?? usual]));
}

/**
 * Length of the longest chain from each step to the end, itself included. Steps come in an order that respects
 * dependencies; where no durations are known, each counts as 1.
 */
export function criticalPaths(
  steps: readonly Weighted[],
  durations: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const longestAfter = new Map<string, number>();
  const lengths = new Map<string, number>();
  for (const step of [...steps].reverse()) {
    const length = (durations.get(step.name) ?? 1) + (longestAfter.get(step.name) ?? 0);
    lengths.set(step.name, length);
    for (const before of step.dependsOn) {
      longestAfter.set(before, Math.max(longestAfter.get(before) ?? 0, length));
    }
  }
  return lengths;
}
