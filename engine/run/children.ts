// The children of a run, minded by a thread of their own: starting a process holds up the thread that starts
// it for most of a millisecond, and what children print is cut into lines beside the engine's own work.
import type { ChildEnd, ChildSpec } from "./child_process.ts";
import type { FromMinder, ToMinder } from "./child_minder.ts";

interface Child {
  readonly onLine: ChildSpec["onLine"];
  readonly end: (end: ChildEnd) => void;
  readonly fail: (error: Error) => void;
}

/** Runs children in a thread that begins with the first one; disposing ends the thread. */
export class Children implements Disposable {
  readonly #running = new Map<number, Child>();
  #minder: Worker | undefined;
  #started = 0;

  /** Runs a child to its end; throws Deno.errors.NotFound where the program does not exist. */
  async run({ signal, onLine, ...rest }: ChildSpec): Promise<ChildEnd> {
    const id = this.#started++;
    const minder = this.#minder ??= this.#start();
    const send = (message: ToMinder): void => minder.postMessage(message);
    const onAbort = (): void => send({ type: "cancel", id });
    try {
      return await new Promise<ChildEnd>((end, fail) => {
        this.#running.set(id, { onLine, end, fail });
        send({ type: "run", id, spec: rest });
        signal.addEventListener("abort", onAbort, { once: true });
        if (signal.aborted) onAbort();
      });
    } finally {
      signal.removeEventListener("abort", onAbort);
      this.#running.delete(id);
    }
  }

  [Symbol.dispose](): void {
    this.#minder?.terminate();
  }

  #start(): Worker {
    const minder = new Worker(new URL("./child_minder.ts", import.meta.url), { type: "module" });
    minder.addEventListener("message", ({ data }: MessageEvent<FromMinder>) => this.#hear(data));
    minder.addEventListener("error", (event) => {
      event.preventDefault();
      for (const child of this.#running.values()) child.fail(new Error(event.message));
    });
    return minder;
  }

  #hear(message: FromMinder): void {
    const { id } = message;
    const child = this.#running.get(id);
    const send = (message: ToMinder): void => this.#minder?.postMessage(message);
    switch (message.type) {
      case "lines": {
        const answer = (text: string): void => send({ type: "answer", id, text });
        for (const line of message.lines) child?.onLine(line, answer);
        return send({ type: "heard", id });
      }
      case "ended":
        return child?.end(message.end);
      case "failed":
        return child?.fail(errorOf(message));
    }
  }
}

/** The error that the minder met; its class tells a program that is missing from one that is not executable. */
function errorOf({ name, message }: { readonly name: string; readonly message: string }): Error {
  if (name === "NotFound") return new Deno.errors.NotFound(message);
  if (name === "PermissionDenied") return new Deno.errors.PermissionDenied(message);
  return new Error(message);
}
