// Diagnostics as text: order of the parts, color, and bounds on what is printed.
import assert from "node:assert/strict";
import { problem, sortDiagnostics } from "../../../engine/diagnostics/diagnostic.ts";
import { renderDiagnostics } from "../../../engine/diagnostics/render.ts";
import { SourceFile } from "../../../engine/diagnostics/source_file.ts";

const file = new SourceFile("w.yaml", "a: 1\nb: 2\n");
const at = (
  start: number,
  end: number,
): { file: SourceFile; span: { start: number; end: number } } => (
  { file, span: { start, end } }
);

Deno.test("message, place, frame, notes and hint come in this order", () => {
  const diagnostic = problem("odd", "It is odd", {
    place: at(5, 6),
    notes: [{ message: "See here", place: at(0, 1) }, { message: "And think" }],
    hint: "Make it even",
  });
  assert.equal(
    renderDiagnostics([diagnostic], { color: false }),
    `error[odd]: It is odd
  at w.yaml:2:1
 1 │ a: 1
 2 │ b: 2
   │ ~
  note: See here
    at w.yaml:1:1
   1 │ a: 1
     │ ~
  note: And think
  hint: Make it even
`,
  );
});

Deno.test("color changes nothing but escapes", () => {
  const diagnostics = [problem("odd", "It is odd", { place: at(5, 6), hint: "Mend it" })];
  const colored = renderDiagnostics(diagnostics, { color: true });
  // deno-lint-ignore no-control-regex
  const plain = colored.replace(/\x1b\[[\d;]*m/g, "");
  assert.notEqual(colored, plain);
  assert.equal(plain, renderDiagnostics(diagnostics, { color: false }));
});

Deno.test("nothing wrong prints nothing", () => {
  assert.equal(renderDiagnostics([], { color: false }), "");
});

Deno.test("thousands of problems end in a count", () => {
  const many = Array.from({ length: 5000 }, () => problem("odd", "It is odd"));
  assert.ok(renderDiagnostics(many, { color: false }).endsWith("… and 4900 more\n"));
});

Deno.test("words from the file cannot steer the terminal", () => {
  const text = renderDiagnostics([problem("odd", "Odd \x1b[2J\n word")], { color: false });
  assert.equal(text, "error[odd]: Odd [2J word\n");
});

Deno.test("problems are sorted by place, those without one first", () => {
  const sorted = sortDiagnostics([
    problem("c", "c", { place: at(5, 6) }),
    problem("b", "b", { place: at(0, 1) }),
    problem("a", "a"),
  ]);
  assert.deepEqual(sorted.map(({ code }) => code), ["a", "b", "c"]);
});
