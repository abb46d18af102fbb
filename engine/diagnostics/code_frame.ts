// Draws a few lines of a file with a mark under the part at fault.
import type { Place } from "./diagnostic.ts";

const MAX_COLUMNS = 96;
const KEPT_BEFORE_MARK = 32;
// How much of a line is looked at on each side of the mark's start; the rest is out of sight.
const REACH = 2 * MAX_COLUMNS;

/** A drawn line: what stands left of the bar (a line number or nothing) and right of it. */
export interface FrameLine {
  readonly gutter: string;
  readonly text: string;
  readonly isMark: boolean;
}

/** One character as it is drawn, and how many columns that takes. */
interface Cell {
  readonly text: string;
  readonly columns: number;
}

/**
 * Draws the line at fault, the line before it unless that is blank, and the mark. A span over several
 * lines marks the rest of its first line. Tabs take two columns; other control characters are shown
 * as symbols, so that a file cannot steer the terminal. Wide lines are cut around the mark.
 */
export function codeFrame(place: Place): readonly FrameLine[] {
  const { line, column } = place.file.position(place.span.start);
  const out = Math.max(0, column - 1 - REACH);
  const text = part(place.file.line(line), out);
  const from = Math.min(column - 1 - out, text.length);
  const to = Math.min(from + Math.max(0, place.span.end - place.span.start), text.length);
  const before = cells(text.slice(0, from));
  const marked = cells(text.slice(from, to));
  const after = cells(text.slice(to));
  const skipped = overflow(before, marked);
  const shown = clip([...before, ...marked, ...after], skipped);
  const indent = columns(before) - skipped;
  const mark = Math.max(1, Math.min(columns(marked), MAX_COLUMNS - indent));
  const width = String(line).length;
  const numbered = (number: number, content: string): FrameLine => ({
    gutter: ` ${String(number).padStart(width)} `,
    text: content,
    isMark: false,
  });
  const previous = line > 1 ? clip(cells(part(place.file.line(line - 1), out)), skipped) : "";
  return [
    ...(previous.trim() === "" ? [] : [numbered(line - 1, previous)]),
    numbered(line, shown),
    {
      gutter: " ".repeat(width + 2),
      text: `${" ".repeat(indent)}${"~".repeat(mark)}`,
      isMark: true,
    },
  ];
}

function part(line: string, start: number): string {
  return line.slice(start, start + 2 * REACH);
}

// Columns to leave out on the left so that the mark's start is in sight.
function overflow(before: readonly Cell[], marked: readonly Cell[]): number {
  const start = columns(before);
  if (start + Math.min(columns(marked), MAX_COLUMNS / 2) <= MAX_COLUMNS) return 0;
  return start - KEPT_BEFORE_MARK;
}

function clip(line: readonly Cell[], skipped: number): string {
  let column = 0;
  let text = "";
  let isCut = false;
  for (const cell of line) {
    const end = column + cell.columns;
    isCut = end > skipped + MAX_COLUMNS;
    if (isCut) break;
    // A cell that the left edge cuts in two leaves blanks, to keep the columns right.
    if (end > skipped) text += column < skipped ? " ".repeat(end - skipped) : cell.text;
    column = end;
  }
  const kept = skipped > 0 && text !== "" ? `…${text.slice(1)}` : text;
  return isCut ? `${kept}…` : kept;
}

function columns(line: readonly Cell[]): number {
  return line.reduce((sum, cell) => sum + cell.columns, 0);
}

function cells(text: string): readonly Cell[] {
  return Array.from(text, (character) => {
    if (character === "\t") return { text: "  ", columns: 2 };
    if (CONTROL.test(character)) return { text: "\u{2426}", columns: 1 };
    if (ZERO_WIDTH.test(character)) return { text: character, columns: 0 };
    return { text: character, columns: WIDE.test(character) ? 2 : 1 };
  });
}

const CONTROL = /[\p{Cc}\u{200B}-\u{200F}\u{2028}-\u{202E}\u{2060}-\u{2069}\u{FEFF}]/u;
const ZERO_WIDTH = /\p{Mn}/u;
const WIDE =
  /[\u{1100}-\u{115F}\u{2E80}-\u{303E}\u{3041}-\u{A4CF}\u{AC00}-\u{D7A3}\u{F900}-\u{FAFF}\u{FE30}-\u{FE6F}\u{FF00}-\u{FF60}\u{FFE0}-\u{FFE6}\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}]/u;
