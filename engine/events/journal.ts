// A run's events on disk: one line each with a checksum, appended as they happen. A torn last line, left
// by a crash, is ignored. Logs and progress are not kept here: they have files of their own, or pass.
import { crc32 } from "node:zlib";
import type { Event } from "./event.ts";

const PASSING: ReadonlySet<Event["type"]> = new Set(["step-log", "step-progress"]);

/** Appends events to a file. */
export class Journal implements Disposable {
  readonly #file: Deno.FsFile;

  /** Opens a new journal; throws where the file exists. */
  constructor(path: string) {
    this.#file = Deno.openSync(path, { createNew: true, append: true });
  }

  /** Writes an event at once; passing ones are left out. */
  append(event: Event): void {
    if (PASSING.has(event.type)) return;
    const bytes = new TextEncoder().encode(lineOf(event));
    for (let at = 0; at < bytes.length;) at += this.#file.writeSync(bytes.subarray(at));
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

function lineOf(event: Event): string {
  const json = JSON.stringify(event);
  return `${crc32(json).toString(16).padStart(8, "0")} ${json}\n`;
}

/** Reads a journal's events up to the first line that is torn or altered. */
export async function readJournal(path: string): Promise<Event[]> {
  const events: Event[] = [];
  for (const line of (await Deno.readTextFile(path)).split("\n")) {
    const json = line.slice(9);
    if (line === "" || crc32(json).toString(16).padStart(8, "0") !== line.slice(0, 8)) break;
    events.push(JSON.parse(json) as Event); // the checksum proves that lineOf wrote it
  }
  return events;
}
