// Lines beside the test results: figures that are too unsteady to assert, reasons for skipping.

/** Writes a line to standard output. */
export function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}
