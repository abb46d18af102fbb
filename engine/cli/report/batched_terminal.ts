// Gathers what is written within a moment too short to see: a thousand reused steps are one write.
import type { Terminal } from "./terminal.ts";

/** Most characters that are held back. */
const FULL = 2 ** 16;
/** How long at most. */
const MOMENT_MS = 20;

/** A terminal whose output is written a moment later; disposing it writes what is left. */
export class BatchedTerminal implements Terminal, Disposable {
  readonly isInteractive: boolean;
  readonly hasColor: boolean;
  readonly columns: number;
  #held = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly terminal: Terminal) {
    this.isInteractive = terminal.isInteractive;
    this.hasColor = terminal.hasColor;
    this.columns = terminal.columns;
  }

  write(text: string): void {
    this.#held += text;
    if (this.#held.length >= FULL) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), MOMENT_MS);
  }

  writeError(text: string): void {
    this.#flush();
    this.terminal.writeError(text);
  }

  [Symbol.dispose](): void {
    this.#flush();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#held !== "") this.terminal.write(this.#held);
    this.#held = "";
  }
}
