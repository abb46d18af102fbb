// Reads `if`: whether a step runs, decided at once or left to the values that other steps will make.
import { conditionNotBoolean, conditionNotExpression } from "../../../diagnostics/catalog.ts";
import { describeValue } from "../../describe_value.ts";
import type { Expression } from "../../expression/parse.ts";
import { reduce, renumbered } from "../../expression/reduce.ts";
import type { Reading } from "../../reading.ts";
import type { Condition } from "../../workflow.ts";
import type { YamlEntry } from "../../yaml/tree.ts";
import type { Namespace } from "../namespace.ts";

/** Reads a condition, which names steps in full; undefined without the key, or after a report. */
export function readCondition(
  reading: Reading,
  entry: YamlEntry | undefined,
  namespace: Namespace,
): Condition | undefined {
  if (entry === undefined) return undefined;
  const { value: node } = entry;
  const place = reading.place(node.span);
  const value = node.kind === "scalar" ? node.value : null;
  if (typeof value === "boolean") return { text: String(value), rest: value, reads: [], place };
  if (node.kind !== "scalar" || typeof value !== "string") {
    return reading.wrong({ node, name: '"if"' }, "true, false or one expression");
  }
  const written = reading.expression(node);
  if (written === undefined) return undefined;
  if (written === "none") return reading.report(conditionNotExpression(place, value));
  const reduced = reading.attempt(() => reduce(written, reading.scope, written.locate));
  if (reduced === undefined) return undefined;
  const { rest } = reduced;
  const reads = reduced.reads.map((read) => ({ ...read, step: namespace.step(read.step) }));
  const text = value.trim().slice("${{".length, -"}}".length).trim();
  if (rest.kind !== "literal") return { text, rest, reads, place };
  if (typeof rest.value === "boolean") return { text, rest: rest.value, reads, place };
  const at = written.locate(rest.span);
  return reading.report(conditionNotBoolean(at, describeValue(rest.value)));
}

/** What must hold of a step in a group: what holds of the group, and its own condition. */
export function bothOf(group: Condition, own: Condition | undefined): Condition {
  if (own === undefined) return group;
  const reads = [...group.reads, ...own.reads];
  const rest = typeof own.rest === "boolean"
    ? own.rest
    : renumbered(own.rest, (at) => at + group.reads.length);
  const text = `(${group.text}) && (${own.text})`;
  return { text, rest: bothRests(group.rest, rest), reads, place: own.place };
}

function bothRests(left: Expression | boolean, right: Expression | boolean): Expression | boolean {
  if (typeof left === "boolean") return left && right;
  if (typeof right === "boolean") return right && left;
  const { span } = left;
  return { kind: "binary", operator: "&&", operatorSpan: span, left, right, span };
}
