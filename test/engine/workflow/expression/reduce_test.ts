// Conditions: what can be computed before the run, and which values of steps the rest needs.
import assert from "node:assert/strict";
import { SourceFile } from "../../../../engine/diagnostics/source_file.ts";
import { evaluate, type Scope } from "../../../../engine/workflow/expression/evaluate.ts";
import { reduce, type Reduced, valuesIn } from "../../../../engine/workflow/expression/reduce.ts";
import { locateIn, parseTemplate } from "../../../../engine/workflow/expression/template.ts";
import type { Json } from "../../../../engine/workflow/workflow.ts";

const scope: Scope = {
  params: new Map([["on", true], ["off", false]]),
  env: () => undefined,
  hashFiles: () => ({ problem: "none", at: 0 }),
};

function reduced(text: string): Reduced {
  const written = `\${{ ${text} }}`;
  const span = { start: 0, end: written.length };
  const locate = locateIn(new SourceFile("f", written), written, span);
  const expression = parseTemplate(written, locate).expressions[0]!.expression;
  return reduce({ text: written, expression }, scope, locate);
}

/** The texts of the values that are still needed; a value where nothing is. */
function needed(text: string): readonly string[] | Json {
  const { rest, reads } = reduced(text);
  if (rest.kind === "literal") return rest.value;
  return valuesIn(rest).map((at) => reads[at]?.text ?? "");
}

Deno.test("what reads no step is computed at once", () => {
  assert.equal(needed("params.on && 2 > 1"), true);
  assert.equal(needed("!params.on"), false);
});

Deno.test("a value that cannot matter is not needed, but known of", () => {
  assert.equal(needed("params.off && steps.a.b.c > 1"), false);
  assert.equal(needed("params.on || steps.a.b.c > 1"), true);
  assert.deepEqual(needed("params.on && steps.a.b.c > 1"), ["steps.a.b.c"]);
  assert.deepEqual(needed("params.off || !steps.a.b.c"), ["steps.a.b.c"]);
  assert.deepEqual(
    reduced("params.off && steps.a.b.c > 1").reads.map(({ text }) => text),
    ["steps.a.b.c"],
  );
});

Deno.test("what a broken part mentions that cannot matter does no harm", () => {
  assert.equal(needed("params.off && params.absent[1] > steps.a.b"), false);
});

Deno.test("names and keys may be computed; a key is a text or a number", () => {
  const [read] = reduced("steps[format('a[x={0}]', 1)].out['b.json'].list[0]['c d']").reads;
  assert.deepEqual([read?.step.value, read?.output.value], ["a[x=1]", "out"]);
  assert.deepEqual(read?.keys, ["b.json", "list", 0, "c d"]);
});

Deno.test("the rest is computed from the values that it comes across", () => {
  const { rest } = reduced("steps.a.b > 1 && -steps.c.d + 1 < 0");
  const holds = (values: readonly Json[]): Json =>
    evaluate(rest, { ...scope, valueRead: (at) => values[at] ?? null }, () => {
      throw new Error("nothing is wrong");
    });
  assert.equal(holds([2, 5]), true);
  assert.equal(holds([2, 0]), false);
  assert.equal(holds([0]), false);
});
