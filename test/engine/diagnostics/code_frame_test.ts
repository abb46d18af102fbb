// The marks in frames: exactly under the part at fault, whatever stands in the line.
import assert from "node:assert/strict";
import { codeFrame } from "../../../engine/diagnostics/code_frame.ts";
import { SourceFile } from "../../../engine/diagnostics/source_file.ts";

/** Draws the frame of the first occurrence of a word. */
function frame(text: string, word: string): string[] {
  const start = text.indexOf(word);
  const place = { file: new SourceFile("f", text), span: { start, end: start + word.length } };
  return codeFrame(place).map((line) => `${line.gutter}│ ${line.text}`);
}

Deno.test("the mark stands under the word and the line before is shown", () => {
  assert.deepEqual(frame("a: 1\nbcd: 2\n", "bcd"), [" 1 │ a: 1", " 2 │ bcd: 2", "   │ ~~~"]);
});

Deno.test("line numbers are aligned where their widths differ", () => {
  const text = `${"x\n".repeat(8)}nine\nten`;
  assert.deepEqual(frame(text, "ten"), ["  9 │ nine", " 10 │ ten", "    │ ~~~"]);
});

Deno.test("a span over several lines marks the rest of its first line", () => {
  assert.deepEqual(frame("a: |\n  b\n  c\n", "|\n  b\n  c"), [" 1 │ a: |", "   │    ~"]);
});

Deno.test("an empty span at the end of the file is marked by one sign", () => {
  const place = { file: new SourceFile("f", "ab"), span: { start: 2, end: 2 } };
  assert.deepEqual(codeFrame(place).map(({ text }) => text), ["ab", "  ~"]);
});

Deno.test("tabs, wide characters and carriage returns keep the mark in place", () => {
  assert.deepEqual(frame("\tab\r\n", "ab"), [" 1 │   ab", "   │   ~~"]);
  assert.deepEqual(frame("日本: ab", "ab"), [" 1 │ 日本: ab", "   │       ~~"]);
  assert.deepEqual(frame("e\u0301: ab", "ab"), [" 1 │ e\u0301: ab", "   │    ~~"]);
});

Deno.test("control characters are shown and not sent to the terminal", () => {
  const [line] = frame("\x1b[31m\u202E: ab", "ab");
  assert.equal(line, " 1 │ ␦[31m␦: ab");
});

Deno.test("wide lines are cut on both sides with the mark in sight", () => {
  const [line = "", mark = ""] = frame(`${"a".repeat(5000)}HERE${"b".repeat(5000)}`, "HERE");
  assert.ok(line.length < 110 && line.startsWith(" 1 │ …") && line.endsWith("…"));
  assert.equal(mark.indexOf("~"), line.indexOf("HERE"));
  assert.equal(mark.trimEnd().length - mark.indexOf("~"), 4);
});

Deno.test("a mark wider than the line that is shown ends with it", () => {
  const [line = "", mark = ""] = frame(`x: ${"a".repeat(500)}`, "a".repeat(500));
  assert.ok(mark.length <= line.length);
});
