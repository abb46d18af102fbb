// The journal: what was written is read back, up to the first line that a crash or a person spoiled.
import assert from "node:assert/strict";
import type { Event } from "../../../../engine/events/event.ts";
import { Journal, JournalReader, readJournal } from "../../../../engine/events/files/journal.ts";

const events: readonly Event[] = [
  { type: "run-started", run: "r", workflow: "w", file: "w.yaml", steps: [], timeMs: 1 },
  { type: "step-reused", step: "äöü", fingerprint: "f", madeBy: "r0", savedMs: 5, timeMs: 2 },
  { type: "step-metric", step: "a", name: "loss", value: 0.5, at: 1, timeMs: 3 },
  { type: "run-finished", outcome: "done", durationMs: 4, timeMs: 4 },
];

/** Writes the events, spoils the text, reads what is left. */
async function readSpoiled(spoil: (text: string) => string): Promise<readonly Event[]> {
  const folder = await Deno.makeTempDir({ prefix: "cairn_journal_" });
  try {
    const path = `${folder}/journal.ndjson`;
    {
      using journal = new Journal(path);
      events.forEach((event) => journal.append(event));
    }
    await Deno.writeTextFile(path, spoil(await Deno.readTextFile(path)));
    return await readJournal(path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a journal reads back as it was written", async () => {
  assert.deepEqual(await readSpoiled((text) => text), events);
});

Deno.test("wherever a crash tears the last line, the lines before it are read", async () => {
  const lastLine = (text: string): number => text.lastIndexOf("\n", text.length - 2) + 1;
  for (const kept of [0, 1, 8, 9, 10, 30]) {
    const read = await readSpoiled((text) => text.slice(0, lastLine(text) + kept));
    assert.deepEqual(read, events.slice(0, -1), `${kept} characters kept`);
  }
});

Deno.test("a line that was altered ends what is believed", async () => {
  assert.deepEqual(
    await readSpoiled((text) => text.replace('"value":0.5', '"value":0.9')),
    events.slice(0, 2),
  );
  assert.deepEqual(await readSpoiled((text) => `\u0000${text}`), []);
  assert.deepEqual(await readSpoiled(() => ""), []);
});

Deno.test("text and progress of steps pass by the journal", async () => {
  const folder = await Deno.makeTempDir({ prefix: "cairn_journal_" });
  try {
    using journal = new Journal(`${folder}/j`);
    journal.append({ type: "step-log", step: "a", level: "log", text: "x", timeMs: 1 });
    journal.append({ type: "step-progress", step: "a", done: 1, total: 2, unit: "", timeMs: 1 });
    assert.deepEqual(await readJournal(`${folder}/j`), []);
    assert.throws(() => new Journal(`${folder}/j`), Deno.errors.AlreadyExists);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a reader gives each event once as the journal grows, and half a line not before it is whole", async () => {
  const folder = await Deno.makeTempDir({ prefix: "cairn_journal_" });
  try {
    const path = `${folder}/journal.ndjson`;
    {
      using journal = new Journal(path);
      events.forEach((event) => journal.append(event));
    }
    const text = await Deno.readTextFile(path);
    const reader = new JournalReader(path);
    const read: Event[] = [];
    for (let at = 0; at <= text.length; at += 50) {
      await Deno.writeTextFile(path, text.slice(0, at));
      read.push(...await reader.next());
    }
    await Deno.writeTextFile(path, text);
    read.push(...await reader.next());
    assert.deepEqual(read, events);
    assert.deepEqual(await reader.next(), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
