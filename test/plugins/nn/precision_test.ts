// Which precision computes: what "auto" takes, what is said of it, and that a named one is never replaced.
import assert from "node:assert/strict";
import { StepError } from "../../../engine/plugin.ts";
import { choosePrecision } from "../../../plugins/nn/precision.ts";

function has(): Promise<undefined> {
  return Promise.resolve(undefined);
}

function lacks(): Promise<string> {
  return Promise.resolve("it lacks shader-f16");
}

Deno.test("auto is mixed where the device computes in float16, and else float32, and says why", async () => {
  assert.deepEqual(await choosePrecision("auto", "cuda", has), {
    precision: "mixed",
    why: 'Precision "auto" is mixed: cuda computes in float16',
  });
  assert.deepEqual(await choosePrecision("auto", "webgpu", lacks), {
    precision: "float32",
    why: 'Precision "auto" is float32: it lacks shader-f16',
  });
});

Deno.test("a named precision is taken where the device has it", async () => {
  assert.equal((await choosePrecision("float32", "cuda", has)).precision, "float32");
  assert.equal((await choosePrecision("mixed", "cuda", has)).precision, "mixed");
});

Deno.test("on processors auto is float32, and mixed an error with a way out", async () => {
  const { precision, why } = await choosePrecision("auto", "cpu");
  assert.equal(precision, "float32");
  assert.match(why, /the processors gain nothing by float16/);
  await assert.rejects(choosePrecision("mixed", "cpu"), (error) => {
    assert.ok(error instanceof StepError);
    assert.match(error.message, /^Precision "mixed" cannot be used: the processors/);
    assert.match(error.hint ?? "", /Set "precision" to auto or float32/);
    return true;
  });
});
