// A text file with the name that people know it by, and the way from offsets to lines and columns.

/** A position as editors count: both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A file's text, addressable by line. */
export class SourceFile {
  readonly #lineStarts: readonly number[];

  /** `name` is the path to show, relative to where the person stands. */
  constructor(readonly name: string, readonly text: string) {
    const starts = [0];
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) {
      starts.push(at + 1);
    }
    this.#lineStarts = starts;
  }

  /** Line and column of an offset; offsets past the end count as the end. */
  position(offset: number): Position {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - (this.#lineStarts[low] ?? 0) + 1 };
  }

  /** Offset of a position; the inverse of `position`. */
  offset({ line, column }: Position): number {
    return (this.#lineStarts[line - 1] ?? this.text.length) + column - 1;
  }

  /** Text of a line, counted from 1, without its end-of-line characters. */
  line(number: number): string {
    const start = this.#lineStarts[number - 1];
    if (start === undefined) return "";
    const next = this.#lineStarts[number];
    return this.text.slice(start, next === undefined ? undefined : next - 1).replace(/\r$/, "");
  }

  get lineCount(): number {
    return this.#lineStarts.length;
  }
}
