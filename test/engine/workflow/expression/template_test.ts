// Expressions: what they compute, what keeps its type, what stays for the running step.
import assert from "node:assert/strict";
import { DiagnosticsError } from "../../../../engine/diagnostics/diagnostic.ts";
import { SourceFile } from "../../../../engine/diagnostics/source_file.ts";
import type { Scope } from "../../../../engine/workflow/expression/evaluate.ts";
import {
  fillTemplate,
  locateIn,
  parseTemplate,
} from "../../../../engine/workflow/expression/template.ts";
import type { Json } from "../../../../engine/workflow/workflow.ts";

const variables = new Map([["HOME", "/home/ada"]]);
const scope: Scope = {
  params: new Map<string, Json | undefined>([
    ["epochs", 20],
    ["rate", 0.5],
    ["learning-rate", 1],
    ["data", "in"],
    ["on", true],
    ["names", ["a", "b"]],
    ["broken", undefined],
  ]),
  env: (name) => variables.get(name),
  hashFiles: (patterns) => ({ digest: patterns.join("+") }),
};
const inStep: Scope = { ...scope, inputs: ["tiles"] };

function fill(text: string, within: Scope = scope): Json {
  const file = new SourceFile("f", text);
  const locate = locateIn(file, text, { start: 0, end: text.length });
  return fillTemplate(parseTemplate(text, locate), within, locate);
}

/** The text that the mark of the one mistake covers. */
function marked(text: string, within: Scope = scope): string {
  try {
    fill(text, within);
  } catch (error) {
    assert.ok(error instanceof DiagnosticsError);
    const [diagnostic] = error.diagnostics;
    return text.slice(diagnostic?.place?.span.start, diagnostic?.place?.span.end);
  }
  return assert.fail(`no mistake in ${text}`);
}

Deno.test("a value that is one expression keeps its type", () => {
  assert.equal(fill("${{ params.epochs }}"), 20);
  assert.equal(fill("${{params.on}}"), true);
  assert.deepEqual(fill("${{ params.names }}"), ["a", "b"]);
  assert.equal(fill("${{ null }}"), null);
});

Deno.test("expressions within a text are joined with it", () => {
  assert.equal(fill("${{ params.data }}/x-${{ params.epochs }}"), "in/x-20");
  assert.equal(fill(" ${{ params.epochs }}"), " 20");
  assert.equal(fill("no expression: $ {{ }}"), "no expression: $ {{ }}");
});

Deno.test("brackets lead into lists and maps", () => {
  const within: Scope = { ...scope, params: new Map([["deep", { "a b": [{ c: null }, 7] }]]) };
  assert.equal(fill("${{ params.deep['a b'][1] }}", within), 7);
  assert.equal(fill("${{ params.deep['a b'][0].c }}", within), null);
  assert.equal(marked("${{ params.deep['a b'][2] }}", within), "2");
  assert.equal(marked("${{ params.deep['a'] }}", within), "'a'");
  assert.equal(marked("${{ params.names[0][0] }}"), "0");
  assert.equal(marked("${{ params.names[0 }}"), "}}");
});

Deno.test("operators follow the usual precedence", () => {
  const results: readonly (readonly [string, Json])[] = [
    ["1 + 2 * 3", 7],
    ["(1 + 2) * 3", 9],
    ["10 - 2 - 3", 5],
    ["-2 * -3", 6],
    ["8 / 4 / 2", 1],
    ["1 + 1 == 2 && 3 > 2", true],
    ["false || 'x'", "x"],
    ["0 || null || 5", 5],
    ["params.on && 'yes' || 'no'", "yes"],
    ["!params.on", false],
    ["'a' + \"b\"", "ab"],
    ["'a' < 'b' != false", true],
    ["1 == '1'", false],
    ["params.names == params.names", true],
    ["'it''s'", "it's"],
    ["'}}'", "}}"],
    ["1.5e3", 1500],
    ["params.learning-rate", 1],
    ["params.epochs -1", 19],
  ];
  for (const [text, value] of results) assert.deepEqual(fill(`\${{ ${text} }}`), value, text);
});

Deno.test("only the side that counts is computed", () => {
  assert.equal(fill("${{ params.on || env.NOT_SET }}"), true);
  assert.equal(fill("${{ false && 1 / 0 }}"), false);
});

Deno.test("format fills numbered places and knows doubled braces", () => {
  assert.equal(fill("${{ format('{1}-{0}-{{0}}', 'a', 3) }}"), "3-a-{0}");
});

Deno.test("env gives variables and defaults", () => {
  assert.equal(fill("${{ env.HOME }}"), "/home/ada");
  assert.equal(fill("${{ env('HOME') }}"), "/home/ada");
  assert.equal(fill("${{ env('NOT_SET', 5) }}"), 5);
});

Deno.test("roles stay in their canonical form inside of a step", () => {
  assert.equal(
    fill("cp ${{inputs.tiles}}/*  ${{ outputs.model }}", inStep),
    "cp ${{ inputs.tiles }}/*  ${{ outputs.model }}",
  );
  assert.equal(fill("${{scratch}}/x", inStep), "${{ scratch }}/x");
});

Deno.test("the mark covers the word at fault", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["${{ params.epohcs }}", "epohcs"],
    ["x ${{ params.epochs }} ${{ parms.epochs }}", "parms"],
    ["${{ 1 + params.data }}", "+"],
    ["${{ env.NOT_SET }}", "NOT_SET"],
    ["${{ 1 ? 2 }}", "?"],
    ["${{ 1 2 }}", "2"],
    ["${{ }}", "}}"],
    ["${{ params. }}", "}}"],
    ["${{ frmat('x') }}", "frmat"],
    ["${{ 'open }}", "'open }}"],
    ["${{ 1", "${{ 1"],
    ["${{ outputs.model }}", "outputs.model"],
    ["${{ 1 / 0 }}", "1 / 0"],
  ];
  for (const [text, mark] of cases) assert.equal(marked(text), mark, text);
  assert.equal(marked("${{ inputs.tyles }}", inStep), "tyles");
  assert.equal(marked("${{ outputs.x + 1 }}", inStep), "outputs.x");
});

Deno.test("a parameter whose mistake is known causes no second one", () => {
  assert.throws(
    () => fill("${{ params.broken + 1 }}"),
    (error) => error instanceof DiagnosticsError && error.diagnostics.length === 0,
  );
});

Deno.test("places are found behind escapes, in quotes and on folded lines", () => {
  const source = 'k: "a\\tb ${{ params.epohcs }}"';
  const text = "a\tb ${{ params.epohcs }}";
  const span = { start: 3, end: source.length };
  const locate = locateIn(new SourceFile("f", source), text, span);
  const start = text.indexOf("epohcs");
  const place = locate({ start, end: start + 6 });
  assert.equal(source.slice(place.span.start, place.span.end), "epohcs");
});

Deno.test("long and deep expressions are refused, not overflown", () => {
  assert.match(marked(`\${{ ${"(".repeat(5000)} }}`), /^\$\{\{/);
  assert.match(marked(`\${{ ${"!".repeat(5000)} }}`), /^\$\{\{/);
});
