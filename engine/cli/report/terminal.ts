// Where commands write to: the only place of the engine that knows a terminal.

/** A terminal, or what stands in for one. */
export interface Terminal {
  readonly isInteractive: boolean;
  readonly hasColor: boolean;
  /** Width in characters. */
  readonly columns: number;
  /** Writes to standard output as it is. */
  write(text: string): void;
  /** Writes to standard error as it is. */
  writeError(text: string): void;
}

const USUAL_COLUMNS = 80;

/** The process's own terminal. */
export function processTerminal(): Terminal {
  const isInteractive = Deno.stdout.isTerminal();
  const encoder = new TextEncoder();
  return {
    isInteractive,
    hasColor: isInteractive && !Deno.noColor,
    columns: isInteractive ? consoleColumns() : USUAL_COLUMNS,
    write: (text) => writeAll(Deno.stdout, encoder.encode(text)),
    writeError: (text) => writeAll(Deno.stderr, encoder.encode(text)),
  };
}

/** Some terminals do not tell their width, or tell 0. */
function consoleColumns(): number {
  const { columns } = Deno.consoleSize();
  return columns > 0 ? columns : USUAL_COLUMNS;
}

function writeAll(stream: typeof Deno.stdout | typeof Deno.stderr, bytes: Uint8Array): void {
  try {
    for (let at = 0; at < bytes.length;) at += stream.writeSync(bytes.subarray(at));
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error; // `cairn … | head`
  }
}
