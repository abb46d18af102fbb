// A run's events on disk: one line each with a checksum, appended as they happen. A torn last line, left
// by a crash, is ignored. Logs and progress are not kept here: they have files of their own, or pass.
import { crc32 } from "./crc32.ts";
import type { Event } from "../event.ts";
import { Tail } from "./tail.ts";

const PASSING: ReadonlySet<Event["type"]> = new Set(["step-log", "step-progress"]);
const ENCODER = new TextEncoder();

/** Appends events to a file. */
export class Journal implements Disposable {
  readonly #file: Deno.FsFile;

  /** Opens a new journal; throws where the file exists. `midLine` is called when half a line is written. */
  constructor(path: string, private readonly midLine?: () => void) {
    this.#file = Deno.openSync(path, { createNew: true, append: true });
  }

  /** Writes events at once; passing ones are left out. */
  append(...events: readonly Event[]): void {
    const lines = events.filter(({ type }) => !PASSING.has(type)).map(lineOf);
    if (lines.length === 0) return;
    const bytes = ENCODER.encode(lines.join(""));
    if (this.midLine === undefined) return this.#write(bytes);
    const half = bytes.length >> 1;
    this.#write(bytes.subarray(0, half));
    this.midLine();
    this.#write(bytes.subarray(half));
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  #write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) at += this.#file.writeSync(bytes.subarray(at));
  }
}

/** Reads a journal piece by piece while another process may be writing it. */
export class JournalReader {
  readonly #tail: Tail;
  #isSpoiled = false;

  constructor(path: string) {
    this.#tail = new Tail(path);
  }

  /** Events that were added since the last call; none after a line that is torn or altered. */
  async next(): Promise<Event[]> {
    const events: Event[] = [];
    for (const line of await this.#tail.next()) {
      const event = parseLine(line);
      this.#isSpoiled ||= event === undefined;
      if (this.#isSpoiled || event === undefined) break;
      events.push(event);
    }
    return events;
  }
}

/** Reads a journal's events up to the first line that is torn or altered. */
export async function readJournal(path: string): Promise<Event[]> {
  return await new JournalReader(path).next();
}

function lineOf(event: Event): string {
  const json = JSON.stringify(event);
  return `${checksumOf(json)} ${json}\n`;
}

function parseLine(line: string): Event | undefined {
  const json = line.slice(9);
  if (checksumOf(json) !== line.slice(0, 8)) return undefined;
  return JSON.parse(json) as Event; // the checksum proves that lineOf wrote it
}

function checksumOf(json: string): string {
  return crc32(ENCODER.encode(json)).toString(16).padStart(8, "0");
}
