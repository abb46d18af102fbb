// A network of one's own, as the example shows it: copied into a project, run in the sandbox, tested like a U-Net.
import assert from "node:assert/strict";

Deno.test("the example of a network of one's own trains, and is tested by the plugin that tests", async () => {
  const folder = await Deno.makeTempDir({ prefix: "cairn_network_" });
  try {
    await Deno.mkdir(`${folder}/plugins`);
    await Deno.copyFile("workflows/08_own_network.yaml", `${folder}/workflow.yaml`);
    await Deno.copyFile("workflows/plugins/train_fpn.ts", `${folder}/plugins/train_fpn.ts`);
    await Deno.writeTextFile(
      `${folder}/deno.json`,
      JSON.stringify({ importMap: `${Deno.cwd()}/deno.json` }),
    );
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-all", "main.ts", "run", `${folder}/workflow.yaml`],
      stdin: "null",
      stdout: "null",
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    const read = async (path: string): Promise<unknown> =>
      JSON.parse(await Deno.readTextFile(`${folder}/out/own-network/${path}`));
    const card = await read("model/model.json") as { architecture: { name: string } };
    assert.equal(card.architecture.name, "fpn");
    const { macro } = await read("scores/metrics.json") as { macro: { iou: number } };
    assert.ok(macro.iou > 0.4, `mean IoU ${macro.iou} on the test split`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
