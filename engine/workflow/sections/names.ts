// What may be the name of a step or parameter, and how one text names a step and its output.
import type { Located } from "../workflow.ts";

/** Says whether a text can name a step, port or parameter. */
export function isName(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_-]{0,99}$/.test(text);
}

/** With the ending of a log file, what every file system takes as the name of a file. */
export const LONGEST_NAME = 200;

/** Says whether a step's full name fits into that of its log file, where a slash takes three characters. */
export function fitsAsFile(name: string): boolean {
  return name.length <= LONGEST_NAME && name.replaceAll("/", "%2F").length <= LONGEST_NAME;
}

/** A step, and the output of it where one is named. */
export interface StepReference {
  readonly step: Located<string>;
  readonly output?: Located<string>;
}

const REFERENCE =
  /^(?<step>[A-Za-z][A-Za-z0-9_-]{0,99}(?:\[.+\])?)(?:\.(?<output>[A-Za-z][A-Za-z0-9_-]{0,99}))?$/s;

/** Splits `step` or `step.output`, the step with or without `[key=value]`; undefined for other texts. */
export function parseReference(text: Located<string>): StepReference | undefined {
  const { step, output } = REFERENCE.exec(text.value)?.groups ?? {};
  if (step === undefined) return undefined;
  const { file, span } = text.place;
  const source = file.text.slice(span.start, span.end);
  const quotes = /^["']/.test(source) ? 1 : 0;
  const part = (from: number, value: string): Located<string> => {
    // Where the file does not say it in these words, the whole value is the place.
    const start = span.start + quotes + from;
    const isWritten = file.text.startsWith(value, start) && source.includes(text.value);
    return {
      value,
      place: isWritten ? { file, span: { start, end: start + value.length } } : text.place,
    };
  };
  return {
    step: part(0, step),
    ...(output === undefined ? {} : { output: part(step.length + 1, output) }),
  };
}
