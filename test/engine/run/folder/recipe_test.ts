// What a run was asked to do, as far as a kill let it be written.
import assert from "node:assert/strict";
import { readRecipe } from "../../../../engine/run/folder/recipe.ts";

Deno.test("a recipe that a kill cut short counts as none", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, '{"description": "half');
    assert.equal(await readRecipe(path), undefined);
    await Deno.remove(path);
    assert.equal(await readRecipe(path), undefined);
  } finally {
    await Deno.remove(path).catch(() => {});
  }
});
