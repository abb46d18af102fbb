// Plugins kept to the contract in the sandbox: two that come with cairn, and the example of one's own.
import assert from "node:assert/strict";
import { testPlugin } from "cairn/testing";

const plugin = (path: string): string => import.meta.resolve(`../../${path}`);

Deno.test("synthesize, prepare and the example plugin keep the contract, one on what the other made", async () => {
  await using photos = await testPlugin(plugin("plugins/synthesize/plugin.ts"), {
    with: { images: 2, size: 96 },
  });
  const folder = photos.outputs["images"] ?? "";

  await using tiles = await testPlugin(plugin("plugins/prepare/plugin.ts"), {
    with: { images: `${folder}/images`, masks: `${folder}/masks`, tile: 32 },
  });
  assert.ok([...Deno.readDirSync(tiles.outputs["tiles"] ?? "")].length > 0);

  await using areas = await testPlugin(plugin("workflows/plugins/class_areas.ts"), {
    inputs: { images: folder },
    with: { unit: "m2" },
  });
  const [head, ...lines] = (await areas.text("table", "areas.csv")).trim().split("\n");
  assert.equal(head, "class,m2");
  const squareMeters = lines.map((line) => Number(line.split(",")[1]));
  assert.equal(squareMeters.reduce((a, b) => a + b), 2 * (96 * 0.5) ** 2);
});
