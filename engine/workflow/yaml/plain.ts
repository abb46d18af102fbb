// Reads the plain part of YAML that nearly all workflows keep to, some fifteen times faster than the full
// parser: maps indented by spaces, lists, and values on one line. It never reports a mistake: whatever it
// does not know, right or wrong, it declines, and the full parser in parse.ts decides.
import type { Span } from "../../diagnostics/diagnostic.ts";
import type { YamlEntry, YamlNode, YamlScalar } from "./tree.ts";

/** Reads a document into the same tree as the full parser would; undefined where it declines. */
export function readPlainYaml(text: string, maxDepth: number): YamlNode | undefined {
  if (/[^\n\x20-\x7E\xA0-\u2027\u2030-\uD7FF]/.test(text)) return undefined;
  try {
    return new PlainReader(text, maxDepth).document();
  } catch (error) {
    if (error instanceof Declined) return undefined;
    throw error;
  }
}

class Declined extends Error {}

const BLANK_LINE = / *(?:#[^\n]*)?(?:\n|$)/y;
const INDENT = / */y;
const SPACES = / */y;
// A comment needs a space before it, which has been read when this is tried.
const LINE_END = /(?:(?<= )#[^\n]*)?(?:\n|$)/y;
const KEY = /(?:[A-Za-z_][\w./-]*|"[^"\\\n]*"|'[^'\n]*')(?=:(?: |\n|$))/y;
const QUOTED = /"[^"\\\n]*"|'[^'\n]*'(?!')/y;
// Bounded, for a pattern with alternatives takes stack for every character; what is longer is declined.
const PLAIN = /(?:[\w./$+~]|-(?=[^\s]))(?:[^\n:#]|:(?=[^\s])|(?<=[^\s])#){0,1000}/y;
const PLAIN_BETWEEN_BRACKETS = /(?:[\w./+~]|-(?=[\w.]))[^\n:#,[\]{}"']*/y;
const DASH = /- +/y;

class PlainReader {
  #at = 0;

  constructor(readonly text: string, readonly maxDepth: number) {}

  document(): YamlNode {
    const node = this.#block(-1, 0);
    if (this.#at < this.text.length) throw new Declined();
    return node ?? this.#decline();
  }

  /** Reads the map or list on the next lines if it is indented by more than `outer`. */
  #block(outer: number, depth: number): YamlNode | undefined {
    const indent = this.#nextIndent();
    if (indent <= outer) return undefined;
    if (depth > this.maxDepth) throw new Declined();
    return this.text[this.#at + indent] === "-"
      ? this.#blockList(indent, depth)
      : this.#blockMap(indent, depth);
  }

  #blockMap(indent: number, depth: number): YamlNode {
    const entries: YamlEntry[] = [];
    const keys = new Set<string>();
    while (this.#nextIndent() === indent) {
      this.#at += indent;
      const { key, keySpan } = this.#key(keys);
      this.#take(SPACES);
      const value = this.#isAt(LINE_END)
        ? this.#below(indent, depth) ?? { kind: "scalar", value: null, span: keySpan }
        : this.#valueOnLine(indent, depth);
      entries.push({ key, keySpan, value });
    }
    if (this.#nextIndent() > indent) throw new Declined();
    return { kind: "map", entries, span: around(entries.map(({ keySpan }) => keySpan), entries) };
  }

  #blockList(indent: number, depth: number): YamlNode {
    const start = this.#at + indent;
    const items: YamlNode[] = [];
    while (this.#nextIndent() === indent) {
      this.#at += indent;
      this.#take(DASH);
      items.push(this.#valueOnLine(indent, depth));
    }
    if (this.#nextIndent() > indent) throw new Declined();
    return { kind: "list", items, span: { start, end: items.at(-1)?.span.end ?? start } };
  }

  /** What stands below a key without a value on its line. */
  #below(indent: number, depth: number): YamlNode | undefined {
    this.#take(LINE_END);
    return this.#block(indent, depth + 1);
  }

  #valueOnLine(indent: number, depth: number): YamlNode {
    const value = this.#value(PLAIN, depth + 1);
    this.#take(SPACES);
    this.#take(LINE_END);
    // A deeper line would go on with this value.
    if (this.#nextIndent() > indent) throw new Declined();
    return value;
  }

  #value(plain: RegExp, depth: number): YamlNode {
    if (depth > this.maxDepth) throw new Declined();
    const first = this.text[this.#at];
    if (first === "{") return this.#flowMap(depth);
    if (first === "[") return this.#flowList(depth);
    const start = this.#at;
    if (first === '"' || first === "'") {
      const value = this.#take(QUOTED).slice(1, -1);
      return { kind: "scalar", value, span: { start, end: this.#at } };
    }
    const source = this.#take(plain).trimEnd();
    return {
      kind: "scalar",
      value: plainValue(source),
      span: { start, end: start + source.length },
    };
  }

  #flowMap(depth: number): YamlNode {
    const entries: YamlEntry[] = [];
    const keys = new Set<string>();
    const span = this.#between("{", "}", () => {
      const { key, keySpan } = this.#key(keys);
      this.#take(SPACES);
      entries.push({ key, keySpan, value: this.#value(PLAIN_BETWEEN_BRACKETS, depth + 1) });
    });
    return { kind: "map", entries, span };
  }

  #flowList(depth: number): YamlNode {
    const items: YamlNode[] = [];
    const span = this.#between("[", "]", () => {
      items.push(this.#value(PLAIN_BETWEEN_BRACKETS, depth + 1));
    });
    return { kind: "list", items, span };
  }

  /** Reads comma-separated parts between brackets on one line. */
  #between(open: string, close: string, part: () => void): Span {
    const start = this.#at;
    this.#expect(open);
    this.#take(SPACES);
    if (this.text[this.#at] !== close) {
      for (;;) {
        part();
        this.#take(SPACES);
        if (this.text[this.#at] === close) break;
        this.#expect(",");
        this.#take(SPACES);
      }
    }
    this.#expect(close);
    return { start, end: this.#at };
  }

  #key(seen: Set<string>): Pick<YamlEntry, "key" | "keySpan"> {
    const start = this.#at;
    const source = this.#take(KEY);
    const keySpan = { start, end: this.#at };
    const key = /^["']/.test(source) ? source.slice(1, -1) : plainValue(source);
    if (typeof key !== "string" || seen.has(key)) throw new Declined();
    seen.add(key);
    this.#expect(":");
    return { key, keySpan };
  }

  /** Indentation of the next line that says something, which becomes the current one; -1 at the end. */
  #nextIndent(): number {
    while (this.#at < this.text.length && this.#isAt(BLANK_LINE)) this.#take(BLANK_LINE);
    if (this.#at === this.text.length) return -1;
    INDENT.lastIndex = this.#at;
    return INDENT.exec(this.text)?.[0].length ?? 0;
  }

  #isAt(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    return pattern.test(this.text);
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text)?.[0] ?? this.#decline();
    this.#at += found.length;
    return found;
  }

  #expect(character: string): void {
    if (this.text[this.#at] !== character) throw new Declined();
    this.#at++;
  }

  #decline(): never {
    throw new Declined();
  }
}

function around(keys: readonly Span[], entries: readonly YamlEntry[]): Span {
  return { start: keys[0]?.start ?? 0, end: entries.at(-1)?.value.span.end ?? 0 };
}

const DECIMAL = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;

/** The value of a plain scalar by YAML's core schema. */
function plainValue(source: string): YamlScalar["value"] {
  const first = source.charCodeAt(0);
  const isWord = first >= 65 && first !== 126;
  if (isWord) {
    if (/^(?:null|Null|NULL)$/.test(source)) return null;
    if (/^(?:true|True|TRUE)$/.test(source)) return true;
    return /^(?:false|False|FALSE)$/.test(source) ? false : source;
  }
  if (source === "~") return null;
  if (/^0[xo]/.test(source) || /^[-+]?\.(?:inf|nan)$/i.test(source)) throw new Declined();
  if (!DECIMAL.test(source)) return source;
  const value = Number(source);
  const isExact = Number.isFinite(value) &&
    (!/^[-+]?\d+$/.test(source) || Number.isSafeInteger(value));
  if (!isExact) throw new Declined();
  return value;
}
