// Reads `retry`: how often a step that failed is tried again, how long before, and after which failures.
import { missingKey, unknownFailure, wrongValue } from "../../../diagnostics/catalog.ts";
import type { Reading } from "../../reading.ts";
import { FAILURE_KINDS, type FailureKind, type Located, type Retry } from "../../workflow.ts";
import type { YamlEntry, YamlNode } from "../../yaml/tree.ts";
import { LONGEST_WAIT_MS, readDuration } from "./step_limits.ts";

/** The keys of `retry`. */
export const RETRY_KEYS = ["times", "delay", "factor", "on"] as const;

const MOST_TIMES = 100;
const LARGEST_FACTOR = 100;
const LARGEST_EXIT_CODE = 255;
const DAY_MS = 24 * 3600 * 1000;

/** Reads how a step is tried again; undefined without the key, or after a report. */
export function readRetry(
  reading: Reading,
  entry: YamlEntry | undefined,
): Located<Retry> | undefined {
  if (entry === undefined) return undefined;
  const before = reading.problems.length;
  const fields = reading.fields(entry.value, { where: '"retry"', keys: RETRY_KEYS });
  if (fields === undefined) return undefined;
  const place = reading.place(entry.keySpan);
  const times = readTimes(reading, entry, fields.get("times"));
  const delayMs = readDuration(reading, fields.get("delay"), { mayBeZero: true }) ?? 0;
  const written = fields.get("factor");
  const factor = written &&
    reading.number({ node: written.value, name: '"factor"' }, {
      min: 1,
      max: LARGEST_FACTOR,
      whole: false,
    });
  const on = readFailures(reading, fields.get("on"));
  if (times === undefined || reading.problems.length > before) return undefined;
  const retry = { times, delayMs, factor: factor ?? 1, on };
  if (delayMs * retry.factor ** (times - 1) > LONGEST_WAIT_MS) {
    const days = Math.round(delayMs * retry.factor ** (times - 1) / DAY_MS);
    return reading.report(wrongValue(reading.place(entry.value.span), {
      subject: "The last wait",
      wanted: 'at most "24d"',
      present: `${days} days`,
      hint: "Lower times or factor",
    }));
  }
  return { value: retry, place };
}

function readTimes(
  reading: Reading,
  retry: YamlEntry,
  entry: YamlEntry | undefined,
): number | undefined {
  if (entry === undefined) {
    const place = reading.place(retry.keySpan);
    return reading.report(missingKey(place, '"retry"', "times", "times: 2, or another number"));
  }
  return reading.number({ node: entry.value, name: '"times"' }, {
    min: 1,
    max: MOST_TIMES,
    whole: true,
  });
}

function readFailures(reading: Reading, entry: YamlEntry | undefined): Retry["on"] {
  if (entry === undefined) return FAILURE_KINDS;
  const nodes = entry.value.kind === "list" ? entry.value.items : [entry.value];
  if (nodes.length === 0) {
    reading.wrong({ node: entry.value, name: '"on"' }, "a failure, or a list of them", []);
  }
  return nodes.flatMap((node) => readFailure(reading, node) ?? []);
}

function readFailure(reading: Reading, node: YamlNode): FailureKind | number | undefined {
  const value = reading.json(node);
  if (value === undefined) return undefined;
  if (typeof value === "number") {
    const name = "An exit code to retry on";
    return reading.number({ node, name }, { min: 1, max: LARGEST_EXIT_CODE, whole: true });
  }
  const kind = FAILURE_KINDS.find((known) => known === value);
  if (kind !== undefined) return kind;
  if (typeof value === "string") {
    return reading.report(unknownFailure(reading.place(node.span), value, FAILURE_KINDS));
  }
  return reading.wrong({ node, name: "A failure to retry on" }, "a name or an exit code", value);
}
