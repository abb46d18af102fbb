// What trains instead of the usual, in the sandbox: a network of one's own, as the example shows it, and the second
// runtime. Both are tested like any model.
import assert from "node:assert/strict";

interface Trained {
  readonly architecture: string;
  /** Mean IoU on the test split. */
  readonly meanIou: number;
  /** What the run said. */
  readonly text: string;
}

/** Copies the example of a network of one's own into a project, runs it there and reads what it published. */
async function runExample(change: (workflow: string) => string): Promise<Trained> {
  const folder = await Deno.makeTempDir({ prefix: "cairn_network_" });
  try {
    await Deno.mkdir(`${folder}/plugins`);
    const workflow = await Deno.readTextFile("workflows/08_own_network.yaml");
    await Deno.writeTextFile(`${folder}/workflow.yaml`, change(workflow));
    await Deno.copyFile("workflows/plugins/train_fpn.ts", `${folder}/plugins/train_fpn.ts`);
    const config = { importMap: `${Deno.cwd()}/deno.json` };
    await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify(config));
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--allow-all", "main.ts", "run", `${folder}/workflow.yaml`],
      stdin: "null",
    }).output();
    const [text, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assert.equal(code, 0, error!);
    const read = async (path: string): Promise<string> =>
      await Deno.readTextFile(`${folder}/out/own-network/${path}`);
    return {
      architecture: JSON.parse(await read("model/model.json")).architecture.name,
      meanIou: JSON.parse(await read("scores/metrics.json")).macro.iou,
      text: text!,
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("the example of a network of one's own trains, and is tested by the plugin that tests", async () => {
  const { architecture, meanIou } = await runExample((workflow) => workflow);
  assert.equal(architecture, "fpn");
  assert.ok(meanIou > 0.4, `mean IoU ${meanIou} on the test split`);
});

Deno.test("TensorFlow.js trains the U-Net in the sandbox, to the same kind of model", async () => {
  const { architecture, meanIou, text } = await runExample((workflow) =>
    workflow.replace("uses: ./plugins/train_fpn.ts", "uses: train")
      .replace(
        "epochs: 8, base: 8, depth: 3",
        "epochs: 2, base: 4, depth: 2, runtime: tfjs, device: cpu",
      )
  );
  assert.equal(architecture, "unet");
  assert.ok(meanIou > 0.05, `mean IoU ${meanIou} on the test split`);
  assert.match(text, /Device cpu, as asked for; TensorFlow\.js computes/);
});
