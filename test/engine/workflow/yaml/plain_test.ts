// The fast reader: the same tree as the full parser, or none.
import assert from "node:assert/strict";
import { SourceFile } from "../../../../engine/diagnostics/source_file.ts";
import { readPlainYaml } from "../../../../engine/workflow/yaml/plain.ts";
import { parseFully } from "../../../../engine/workflow/yaml/parse.ts";

/** Reads a text both ways; says whether the fast reader took it. */
function compare(text: string): boolean {
  const plain = readPlainYaml(text, 64);
  if (plain === undefined) return false;
  const { root, diagnostics } = parseFully(new SourceFile("f.yaml", text));
  assert.deepEqual(diagnostics.map(({ message }) => message), [], text);
  assert.deepEqual(plain, root, text);
  return true;
}

Deno.test("what workflows usually look like is read", () => {
  const texts = [
    "a: 1\n",
    "a:\n  b: x y z # note\n\n  # more\n  c: [1, 2.5, 'x', \"y\", {d: e}]\n",
    "a:\nb: {}\nc: []\n",
    "a:\n  - one\n  - { b: 2 }\nb: ${{ params.x }}/y\n",
    "a: ./x.ts\nb: -1e-3\nc: TRUE\nd: ~\ne: 007\nf: http://x.y/z#w\n",
    '"a b": x\n\'c\': "http://x: y"',
    "a:\n    b:\n        c: 1\n    d: 2\n",
    "a: b   \n\n\n# end",
  ];
  for (const text of texts) assert.ok(compare(text), text);
});

Deno.test("what is unusual or wrong is left to the full parser", () => {
  const texts = [
    "",
    "# only a comment",
    "a: &x 1\nb: *x\n",
    "a: |\n  x\n",
    "a: x\n  y\n",
    'a: "x\\ty"\n',
    "a: 'it''s'\n",
    "a: b: c\n",
    "a: [1, 2\n",
    "a: {b, c}\n",
    "a: [b: 1]\n",
    "a: 1\na: 2\n",
    "\ta: 1\n",
    "a: 1\r\nb: 2\r\n",
    "---\na: 1\n",
    "- a: 1\n  b: 2\n",
    "a: !tag x\n",
    "a: 0x1F\n",
    "a: .inf\n",
    "a: 12345678901234567890\n",
    "1: a\n",
    "true: a\n",
    "a: [1, ]\n",
    "  a: 1\n b: 2\n",
    "a:\n  b: 1\n c: 2\n",
    "a: [x] y\n",
    "a: 'x' y\n",
    "a: 'x'#y\n",
    "? a\n: b\n",
    "a: @x\n",
    "a: %x\n",
  ];
  for (const text of texts) assert.ok(!compare(text), text);
});

Deno.test("random damage never makes the readers differ", () => {
  const base =
    'n: x # c\ns:\n  a: { u: p, w: { i: "d/e", t: 5.0 } }\n  b:\n    - k\n    - [1, z]\n  c:\nq: ${{ x }}\n';
  const parts = [...":#-[]{},&*!|>'\"%@`? \n", "  ", ": ", " #", "- ", "\n  ", "~", "1", "a", "."];
  let state = 11;
  const random = (limit: number): number => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return Math.floor(state / 2 ** 31 * limit);
  };
  let taken = 0;
  for (let round = 0; round < 4000; round++) {
    let text = base;
    for (let change = random(3); change >= 0; change--) {
      const at = random(text.length);
      text = text.slice(0, at) + (parts[random(parts.length)] ?? "") + text.slice(at + random(3));
    }
    if (compare(text)) taken++;
  }
  assert.ok(taken > 200, `only ${taken} texts were read`);
});

Deno.test("nesting beyond the limit is declined", () => {
  assert.ok(!compare(`a: ${"[".repeat(100)}${"]".repeat(100)}\n`));
  assert.ok(
    !compare(Array.from({ length: 100 }, (_, depth) => `${" ".repeat(depth)}a:\n`).join("")),
  );
});
