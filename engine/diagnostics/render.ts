// Diagnostics as text for a terminal: one block each, with frames, notes and the hint last.
import { codeFrame } from "./code_frame.ts";
import type { Diagnostic, Place } from "./diagnostic.ts";

const MAX_SHOWN = 100;

const styles = {
  error: "\x1b[1;31m",
  warning: "\x1b[1;33m",
  note: "\x1b[36m",
  hint: "\x1b[32m",
  faint: "\x1b[2m",
} as const;
type Paint = (style: keyof typeof styles, text: string) => string;

/** Renders diagnostics as blocks parted by blank lines, ending in a line break; "" where there are none. */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  options: { readonly color: boolean },
): string {
  if (diagnostics.length === 0) return "";
  const paint = painter(options.color);
  const blocks = diagnostics.slice(0, MAX_SHOWN).map((diagnostic) => block(diagnostic, paint));
  const unseen = diagnostics.length - blocks.length;
  if (unseen > 0) blocks.push([`… and ${unseen} more`]);
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function block(diagnostic: Diagnostic, paint: Paint): string[] {
  const { severity, code, message, place, notes, hint } = diagnostic;
  const lines = [`${paint(severity, `${severity}[${code}]`)}: ${oneLine(message)}`];
  if (place !== undefined) lines.push(...located(place, { paint, mark: severity, indent: "" }));
  for (const note of notes) {
    lines.push(`  ${paint("note", "note")}: ${oneLine(note.message)}`);
    if (note.place !== undefined) {
      lines.push(...located(note.place, { paint, mark: "note", indent: "  " }));
    }
  }
  if (hint !== undefined) lines.push(`  ${paint("hint", "hint")}: ${oneLine(hint)}`);
  return lines;
}

/** Renders a place alone: where it is, and its frame. */
export function renderPlace(
  place: Place,
  options: { readonly color: boolean; readonly mark: "error" | "note"; readonly indent: string },
): readonly string[] {
  const { mark, indent } = options;
  return located(place, { paint: painter(options.color), mark, indent });
}

function painter(color: boolean): Paint {
  return (style, text) => color ? `${styles[style]}${text}\x1b[0m` : text;
}

interface LocatedStyle {
  readonly paint: Paint;
  readonly mark: keyof typeof styles;
  readonly indent: string;
}

function located(place: Place, { paint, mark, indent }: LocatedStyle): string[] {
  const { line, column } = place.file.position(place.span.start);
  const frame = codeFrame(place).map(({ gutter, text, isMark }) => {
    const shown = isMark ? text.replace(/~+/, (tildes) => paint(mark, tildes)) : text;
    return `${indent}${paint("faint", `${gutter}│`)} ${shown}`.trimEnd();
  });
  return [`${indent}  ${paint("faint", "at")} ${place.file.name}:${line}:${column}`, ...frame];
}

// Messages quote the user's text, which may hold anything.
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, " ");
}
