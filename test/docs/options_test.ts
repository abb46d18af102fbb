// The tables of options say what the plugins declare now.
import assert from "node:assert/strict";
import { optionTables } from "../../docs/options.ts";

Deno.test("docs/options.md is what `deno task docs:options` writes", async () => {
  assert.equal(await Deno.readTextFile("docs/options.md"), await optionTables());
});
