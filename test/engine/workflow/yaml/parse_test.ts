// The located tree: every span names exactly the text of its key or value.
import assert from "node:assert/strict";
import { parse } from "yaml";
import { SourceFile } from "../../../../engine/diagnostics/source_file.ts";
import { parseFully } from "../../../../engine/workflow/yaml/parse.ts";
import type { YamlNode } from "../../../../engine/workflow/yaml/tree.ts";

/** Parses a text that has no mistakes. */
function tree(text: string): YamlNode {
  const { root, diagnostics } = parseFully(new SourceFile("f.yaml", text));
  assert.deepEqual(diagnostics.map(({ message }) => message), []);
  assert.ok(root !== undefined);
  return root;
}

function value(node: YamlNode): unknown {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "list") return node.items.map(value);
  return Object.fromEntries(node.entries.map((entry) => [entry.key, value(entry.value)]));
}

/** Asserts that the text of every span, parsed alone, gives what stands in the tree. */
function assertSpans(text: string, node: YamlNode): void {
  const slice = text.slice(node.span.start, node.span.end);
  if (node.kind === "scalar") {
    if (node.value !== null) assert.deepEqual(parse(slice), node.value);
    return;
  }
  if (node.kind === "list") return node.items.forEach((item) => assertSpans(text, item));
  for (const entry of node.entries) {
    assert.equal(parse(text.slice(entry.keySpan.start, entry.keySpan.end)), entry.key);
    assertSpans(text, entry.value);
  }
}

function codes(text: string): readonly string[] {
  return parseFully(new SourceFile("f.yaml", text)).diagnostics.map(({ code }) => code);
}

/** Repeatable random numbers in [0, 1). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1103515245 + 12345) % 2 ** 31) / 2 ** 31;
}

const SCALARS = ["x", "'it''s'", '"a\\tb"', "12", "-1.5e3", "true", '"null"', "a b", "0x1F", "~"];

/** A random document: block maps, flow maps and lists, comments and blank lines. */
function randomDocument(random: () => number): string {
  const pick = (): string => SCALARS[Math.floor(random() * SCALARS.length)] ?? "x";
  const flow = (depth: number): string => {
    if (depth === 0 || random() < 0.4) return pick();
    const parts = [0, 1, 2].map((index) => [`k${index}`, flow(depth - 1)] as const);
    return random() < 0.5
      ? `[${parts.map(([, part]) => part).join(", ")}]`
      : `{ ${parts.map(([key, part]) => `"${key}": ${part}`).join(", ")} }`;
  };
  const block = (indent: string, depth: number): string =>
    [0, 1, 2].map((index) => {
      const comment = random() < 0.2 ? `${indent}# note: {\n` : "";
      if (depth === 0 || random() < 0.4) return `${comment}${indent}k${index}: ${flow(2)} # end\n`;
      if (random() < 0.3) return `${comment}${indent}k${index}:\n${indent}  - ${flow(1)}\n`;
      return `${comment}${indent}'k${index}':\n${block(`${indent}  `, depth - 1)}`;
    }).join(random() < 0.3 ? "\n" : "");
  return block("", 3);
}

Deno.test("in random documents every span is the text of its key or value", () => {
  const random = randomNumbers(7);
  for (let round = 0; round < 200; round++) {
    const text = randomDocument(random);
    const root = tree(text);
    assert.deepEqual(value(root), parse(text));
    assertSpans(text, root);
  }
});

Deno.test("line ends of other systems do not move spans", () => {
  const text = "a: x\r\nb:\r\n  - 'y'\r\n";
  assertSpans(text, tree(text));
});

Deno.test("texts over several lines keep their value and start", () => {
  const root = tree('a: |\n  one\n  two\nb: "x\n  y"\n');
  assert.deepEqual(value(root), { a: "one\ntwo\n", b: "x y" });
});

Deno.test("a value that is not written stands at its key", () => {
  const root = tree("a:\nb: {c: }\n");
  assert.ok(root.kind === "map");
  const [a] = root.entries;
  assert.deepEqual(a?.value, { kind: "scalar", value: null, span: { start: 0, end: 1 } });
});

Deno.test("a repeated value stands where it is repeated", () => {
  const text = "a: &x [1, 2]\nb: *x\n";
  const root = tree(text);
  assert.ok(root.kind === "map");
  assert.deepEqual(value(root), { a: [1, 2], b: [1, 2] });
  const span = root.entries[1]?.value.span;
  assert.equal(text.slice(span?.start, span?.end), "*x");
});

Deno.test("keys that JavaScript knows are keys like others", () => {
  const root = tree("__proto__: 1\nconstructor: 2\n");
  assert.deepEqual(root.kind === "map" && root.entries.map(({ key }) => key), [
    "__proto__",
    "constructor",
  ]);
});

Deno.test("an alias of nothing, an unknown tag and a bad escape are mistakes", () => {
  assert.deepEqual(codes("a: *nothing"), ["unknown-anchor"]);
  assert.deepEqual(codes("a: !tag x"), ["yaml-syntax"]);
  assert.deepEqual(codes('a: "\\q"'), ["yaml-syntax"]);
});

Deno.test("absurd depth ends at once, in every notation", () => {
  const steps = Array.from({ length: 100 }, (_, depth) => `${" ".repeat(depth)}a:\n`).join("");
  for (const text of ["[".repeat(1e6), "a: ".concat("{a: ".repeat(1e5)), "- ".repeat(1e6), steps]) {
    assert.deepEqual(codes(text), ["nested-too-deeply"]);
  }
});

Deno.test("many equal keys take no quadratic time", () => {
  assert.equal(codes("k: 1\n".repeat(20_000)).length, 19_999);
});
