// Training that goes on from weights that are there already.
import assert from "node:assert/strict";
import { StepError } from "../../../engine/plugin.ts";
import { readHistory, readModelCard } from "../../../plugins/nn/model_artifact.ts";
import { encodeSafetensors } from "../../../plugins/nn/safetensors.ts";
import { layoutOf } from "../../../plugins/nn/design.ts";
import { unet } from "../../../plugins/nn/unet.ts";
import { initialWeights, namedTensors } from "../../../plugins/nn/weights.ts";
import { trainPlugin } from "../../../plugins/train/plugin.ts";
import { startFor } from "../../../plugins/train/start.ts";
import { type PluginRun, runPlugin } from "../../support/run_plugin.ts";
import { makeTiles } from "./made_up_tiles.ts";

const NETWORK = { base: 4, depth: 2 };
const architecture = { name: "unet", ...NETWORK, bands: 3, classes: 3 } as const;

function train(
  inputs: Readonly<Record<string, string>>,
  config: Readonly<Record<string, unknown>>,
): Promise<PluginRun> {
  return runPlugin(trainPlugin, { config: { ...NETWORK, batch: 4, ...config }, inputs });
}

async function firstLoss(run: PluginRun): Promise<number> {
  return (await readHistory(run.outputs.history!)).epochs[0]!.trainLoss;
}

Deno.test("training goes on from a model, or from its weights as a file", async () => {
  await using tiles = await makeTiles({ splits: ["train", "train", "train", "train", "val"] });
  const inputs = { tiles: tiles.folder };
  await using first = await train(inputs, { epochs: 25, "learning-rate": 0.02 });
  const start = first.outputs.model!;
  const gently = { epochs: 1, "learning-rate": 1e-4 };
  const reached = (await readHistory(first.outputs.history!)).epochs.at(-1)!.trainLoss;

  await using fromModel = await train({ ...inputs, start }, gently);
  assert.ok(await firstLoss(fromModel) < 2 * reached);
  assert.match(fromModel.logs.join("\n"), /Starts from the weights .* of the model/);
  const [before, after] = [
    await readModelCard(start),
    await readModelCard(fromModel.outputs.model!),
  ];
  assert.deepEqual(after.normalisation, before.normalisation);

  const weights = `${start}/weights.safetensors`;
  await using fromFile = await train(inputs, { ...gently, weights });
  assert.ok(await firstLoss(fromFile) < 2 * reached);
  await assert.rejects(
    train({ ...inputs, start }, { ...gently, weights }),
    /Option "weights" and input "start" both give weights/,
  );
});

async function refusal(
  options: { readonly weights?: string; readonly start?: string },
): Promise<string> {
  const { start, weights } = options;
  const given = weights === undefined ? {} : { weights };
  const context = {
    config: trainPlugin.config.parse(given),
    inputs: {
      tiles: { path: "", type: "tiles" },
      start: start === undefined ? undefined : { path: start, type: "model" },
    },
    seed: 0,
    log: () => {},
  };
  try {
    await startFor(context, { design: unet, architecture });
  } catch (error) {
    assert.ok(error instanceof StepError, String(error));
    assert.match(error.hint!, /Set "base" and "depth"/);
    return error.message;
  }
  return assert.fail("nothing is wrong");
}

Deno.test("weights of another network are refused, every tensor by name", async () => {
  const path = await Deno.makeTempFile({ suffix: ".safetensors" });
  try {
    const deeper = { ...architecture, depth: 3, classes: 5 };
    const layout = layoutOf(unet, deeper);
    const tensors = namedTensors(layout, initialWeights(layout, 0));
    await Deno.writeFile(path, encodeSafetensors(tensors));
    const message = await refusal({ weights: path });
    assert.match(message, /"outc.conv.weight" is 5×4×1×1 and should be 3×4×1×1/);
    assert.match(
      message,
      /"down3.maxpool_conv.1.double_conv.0.weight" is no weight of the network/,
    );
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("a model of another architecture is refused with what differs", async () => {
  await using tiles = await makeTiles({ splits: ["train", "train", "val"] });
  await using run = await train({ tiles: tiles.folder }, { epochs: 1, base: 2, depth: 1 });
  const message = await refusal({ start: run.outputs.model! });
  assert.match(message, /another network: base 2 instead of 4, depth 1 instead of 2$/);
});
