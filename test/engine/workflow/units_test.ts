// Amounts with units, as workflows and plugins write them.
import assert from "node:assert/strict";
import { parseBytes, parseDuration } from "../../../engine/workflow/units.ts";

Deno.test("memory is read with decimal and binary units", () => {
  assert.equal(parseBytes("4GiB"), 4 * 2 ** 30);
  assert.equal(parseBytes("1.5 gb"), 1.5e9);
  assert.equal(parseBytes("512 MiB"), 512 * 2 ** 20);
  assert.equal(parseBytes(1024), 1024);
});

Deno.test("what is no amount of memory is none", () => {
  for (const amount of ["", "4", "GiB", "-1GiB", "4 GiBs", "0 MB", 0, -5, 1.5, NaN]) {
    assert.equal(parseBytes(amount), undefined, String(amount));
  }
});

Deno.test("durations add up their parts", () => {
  assert.equal(parseDuration("30s"), 30_000);
  assert.equal(parseDuration("1h30m"), 5_400_000);
  assert.equal(parseDuration("2d"), 172_800_000);
  assert.equal(parseDuration("1.5s"), 1500);
});

Deno.test("what is no duration is none", () => {
  for (const text of ["", " ", "30", "5 minutes", "m", "30s5m", "-5s", "1.5h"]) {
    assert.equal(parseDuration(text), undefined, text);
  }
});
