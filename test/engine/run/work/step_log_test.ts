// A step's log: all lines up to a bound, the last ones at hand.
import assert from "node:assert/strict";
import { StepLogFile } from "../../../../engine/run/work/step_log.ts";

async function withLog(work: (log: StepLogFile) => Promise<void> | void): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "cairn_log_" });
  try {
    using log = new StepLogFile(`${folder}/a.log`);
    await work(log);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("every line is in the file at once, the last fifteen are at hand", () =>
  withLog((log) => {
    for (let at = 1; at <= 20; at++) log.write(`line ${at}`);
    const lines = Deno.readTextFileSync(log.path).split("\n");
    assert.deepEqual([lines.length, lines[0], lines[19]], [21, "line 1", "line 20"]);
    assert.deepEqual([log.lastLines.length, log.lastLines[0]], [15, "line 6"]);
  }));

Deno.test("a log stops growing at its bound, says so, and still knows the last lines", () =>
  withLog((log) => {
    const mebibyte = "x".repeat(2 ** 20 - 1);
    for (let at = 0; at < 70; at++) log.write(mebibyte);
    log.write("the end");
    assert.ok(log.isFull);
    const { size } = Deno.statSync(log.path);
    assert.ok(size >= 64 * 2 ** 20 && size < 65 * 2 ** 20, `${size} bytes`);
    assert.equal(log.lastLines.at(-1), "the end");
    using file = Deno.openSync(log.path);
    file.seekSync(-60, Deno.SeekMode.End);
    const tail = new Uint8Array(60);
    file.readSync(tail);
    assert.match(new TextDecoder().decode(tail), /\[log cut: a step's log holds 64 MiB\]\n$/);
  }));
