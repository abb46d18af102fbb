// The thread that minds a run's children: starts them, tells their lines many at a time, and waits while the
// engine is behind with hearing them.
import { type ChildEnd, type ChildSpec, runChild } from "./child_process.ts";

/** What the engine asks. */
export type ToMinder =
  | {
    readonly type: "run";
    readonly id: number;
    readonly spec: Omit<ChildSpec, "signal" | "onLine" | "onPause">;
  }
  | { readonly type: "cancel"; readonly id: number }
  | { readonly type: "answer"; readonly id: number; readonly text: string }
  | { readonly type: "heard"; readonly id: number };

/** What the engine is told. */
export type FromMinder =
  | { readonly type: "lines"; readonly id: number; readonly lines: readonly string[] }
  | { readonly type: "ended"; readonly id: number; readonly end: ChildEnd }
  | {
    readonly type: "failed";
    readonly id: number;
    readonly name: string;
    readonly message: string;
  };

/** Messages with lines that may be on their way; their child is not read from meanwhile. */
const MOST_UNHEARD = 8;

/** One child as the minder knows it. */
class Minded {
  readonly cancelled = new AbortController();
  answer: (text: string) => void = () => {};
  #lines: string[] = [];
  #unheard = 0;
  #goOn: () => void = () => {};

  constructor(private readonly id: number) {}

  take(line: string, answer: (text: string) => void): void {
    this.answer = answer;
    this.#lines.push(line);
  }

  /** Tells the lines so far; waits where too many are unheard. */
  async tell(): Promise<void> {
    if (this.#lines.length === 0) return;
    post({ type: "lines", id: this.id, lines: this.#lines });
    this.#lines = [];
    this.#unheard++;
    if (this.#unheard > MOST_UNHEARD) await new Promise<void>((resolve) => this.#goOn = resolve);
  }

  heard(): void {
    this.#unheard--;
    this.#goOn();
  }
}

const minded = new Map<number, Minded>();

function post(message: FromMinder): void {
  self.postMessage(message);
}

async function run({ id, spec }: Extract<ToMinder, { type: "run" }>): Promise<void> {
  const child = new Minded(id);
  minded.set(id, child);
  try {
    const end = await runChild({
      ...spec,
      signal: child.cancelled.signal,
      onLine: (line, answer) => child.take(line, answer),
      onPause: () => child.tell(),
    });
    void child.tell();
    post({ type: "ended", id, end });
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    post({ type: "failed", id, name, message });
  } finally {
    minded.delete(id);
  }
}

self.addEventListener("message", ({ data: message }: MessageEvent<ToMinder>) => {
  const child = minded.get(message.id);
  switch (message.type) {
    case "run":
      return void run(message);
    case "cancel":
      return child?.cancelled.abort();
    case "answer":
      return child?.answer(message.text);
    case "heard":
      return child?.heard();
  }
});

// Types of a thread's own scope, of which Deno's library for pages knows nothing.
declare const self: {
  postMessage(message: FromMinder): void;
  addEventListener(type: "message", listener: (event: MessageEvent<ToMinder>) => void): void;
};
