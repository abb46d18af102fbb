// The load file: what is kept of how busy the machine was.
import assert from "node:assert/strict";
import { LoadFile, LoadReader, sampleAfterMs } from "../../../../engine/events/files/load_file.ts";

const sample = (timeMs: number) => ({
  timeMs,
  cpu: 0.5,
  memoryBytes: 1,
  totalBytes: 2,
  gpus: [{ id: "0", use: 1, memoryBytes: 3, totalBytes: 4 }],
});

Deno.test("samples are read as they come, and a torn one is left out", async () => {
  const folder = await Deno.makeTempDir({ prefix: "cairn_load_" });
  const path = `${folder}/load.ndjson`;
  try {
    const reader = new LoadReader(path);
    assert.deepEqual(await reader.next(), [], "there is no file yet");
    using file = new LoadFile(path);
    file.append(sample(1));
    file.append(sample(2));
    assert.deepEqual(await reader.next(), [sample(1), sample(2)]);
    await Deno.writeTextFile(path, '{"timeMs": 3, "cp\n', { append: true });
    file.append(sample(4));
    assert.deepEqual(await reader.next(), [sample(4)]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a run of a month has a few thousand samples, one of a minute one each second", () => {
  const samplesUntil = (endMs: number): number => {
    let count = 0;
    for (let timeMs = 0; timeMs < endMs; timeMs += sampleAfterMs(count)) count++;
    return count;
  };
  assert.equal(samplesUntil(60_000), 60);
  assert.ok(samplesUntil(24 * 3_600_000) < 2600);
  assert.ok(samplesUntil(31 * 24 * 3_600_000) < 4100);
});
