// Which links lie on the way to a file.
import assert from "node:assert/strict";
import { linksAlong } from "../../../../engine/cache/content/links.ts";

Deno.test("every link on the way is found, also behind others, and each once", async () => {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    await Deno.mkdir(`${folder}/real/sub`, { recursive: true });
    await Deno.writeTextFile(`${folder}/real/sub/a`, "");
    await Deno.symlink("./real", `${folder}/near`);
    await Deno.symlink(`${folder}/near/../near/sub`, `${folder}/far`);
    await Deno.symlink("../../far/a", `${folder}/real/sub/b`);
    const paths = [`${folder}/real/sub/b`, `${folder}/far/a`, `${folder}/near/sub/a`];
    const found = [...linksAlong(paths).keys()].sort();
    assert.deepEqual(found, [`${folder}/far`, `${folder}/near`, `${folder}/real/sub/b`]);
    assert.deepEqual([...linksAlong([`${folder}/real/sub/a`])], []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
