// What is wrong, where, and what to do about it: the value that every check returns.
import type { SourceFile } from "./source_file.ts";

/** A stretch of a source file, as offsets into its text; `end` is exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A place that a person can open. */
export interface Place {
  readonly file: SourceFile;
  readonly span: Span;
}

/** The other end of a relation, such as the first definition of a repeated key. */
export interface Note {
  readonly message: string;
  readonly place?: Place;
}

/** Errors keep everything from starting; warnings do not. */
export type Severity = "error" | "warning";

/** One problem with one way out. Wording lives in `catalog.ts`. */
export interface Diagnostic {
  readonly severity: Severity;
  /** Kebab-case name, stable across versions. */
  readonly code: string;
  readonly message: string;
  /** Absent for problems outside files, such as command-line usage. */
  readonly place?: Place;
  readonly notes: readonly Note[];
  readonly hint?: string;
}

/** What a problem carries besides its code and sentence; absent parts may be given as undefined. */
export interface Details {
  readonly place?: Place | undefined;
  readonly notes?: readonly Note[];
  readonly hint?: string | undefined;
}

/** Makes a diagnostic of severity "error". */
export function problem(code: string, message: string, details: Details = {}): Diagnostic {
  return {
    severity: "error",
    code,
    message,
    notes: details.notes ?? [],
    ...(details.place === undefined ? {} : { place: details.place }),
    ...(details.hint === undefined ? {} : { hint: details.hint }),
  };
}

/**
 * Sorts by file and place; what has no place comes first. Equal places keep their order. What is said twice of
 * one place, because a matrix makes many steps of it, is kept once.
 */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const name = (diagnostic: Diagnostic): string => diagnostic.place?.file.name ?? "";
  const start = (diagnostic: Diagnostic): number => diagnostic.place?.span.start ?? -1;
  const distinct = new Map(diagnostics.map((diagnostic) => [
    JSON.stringify([name(diagnostic), diagnostic.place?.span, diagnostic.code, diagnostic.message]),
    diagnostic,
  ]));
  return [...distinct.values()].toSorted((a, b) =>
    name(a) === name(b) ? start(a) - start(b) : name(a) < name(b) ? -1 : 1
  );
}

/** Thrown where a caller cannot go on; carries all problems found so far. */
export class DiagnosticsError extends Error {
  override readonly name = "DiagnosticsError";

  constructor(readonly diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((diagnostic) => diagnostic.message).join("\n"));
  }
}
