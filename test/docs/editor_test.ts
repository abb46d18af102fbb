// The transcript of an editor says what the language server answers now.
import assert from "node:assert/strict";
import { editorTranscript } from "../../docs/editor.ts";

Deno.test("docs/editor.md is what `deno task docs:editor` writes", async () => {
  assert.equal(await Deno.readTextFile("docs/editor.md"), await editorTranscript());
});
