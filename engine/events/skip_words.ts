// Why a step is skipped, as the end of a sentence.
import type { SkipReason } from "./event.ts";

/** Such as `"model" failed`, or `steps.scores.metrics.f1 > 0.8 is false, with 0.71`. */
export function skipWords({ because, condition, values = {} }: SkipReason): string {
  if (because !== undefined) {
    return condition === undefined
      ? `"${because}" failed`
      : `it takes something of "${because}", which was skipped`;
  }
  const found = Object.entries(values);
  const isOne = found.length === 1;
  const words = found.map(([name, value]) =>
    `${isOne ? "" : `${name} = `}${JSON.stringify(value)}`
  );
  return `${condition} is false${words.length === 0 ? "" : `, with ${words.join(" and ")}`}`;
}
