// Checkpoints as PyTorch wrote them, and what becomes of hostile, cut and damaged ones.
import assert from "node:assert/strict";
import { StepError } from "../../../../engine/plugin.ts";
import { decodeCheckpoint, readWeights } from "../../../../plugins/nn/checkpoints/checkpoint.ts";
import { Unreadable } from "../../../../plugins/nn/checkpoints/bytes.ts";
import { weightsFrom } from "../../../../plugins/nn/checkpoints/fit_network.ts";
import { encodeSafetensors } from "../../../../plugins/nn/safetensors.ts";
import { namedTensors } from "../../../../plugins/nn/weights.ts";
import { seededRandom } from "../../../../plugins/random.ts";
import {
  readReference,
  referenceFile,
  referenceIsMissing,
  referenceSkipped,
} from "../pytorch_reference.ts";

const CHECKPOINTS = [
  "checkpoint_zip.pth",
  "checkpoint_legacy.pth",
  "checkpoint_channels_last.pth",
  "checkpoint_lightning.ckpt",
] as const;

function goldenTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `${name}${referenceSkipped}`, ignore: referenceIsMissing, fn });
}

for (const name of CHECKPOINTS) {
  goldenTest(`the weights of ${name} are those that PyTorch saved, bit for bit`, async () => {
    const { layout, initial } = await readReference();
    assert.deepEqual(await readWeights(referenceFile(name), layout), initial);
  });
}

goldenTest("the weights of a safetensors file are those that were saved", async () => {
  const { layout, initial } = await readReference();
  const file = encodeSafetensors(namedTensors(layout, initial));
  assert.deepEqual(weightsFrom(layout, decodeCheckpoint(file)), initial);
});

goldenTest("a hostile checkpoint is refused by name, and its command never runs", async () => {
  const { layout } = await readReference();
  await assert.rejects(readWeights(referenceFile("checkpoint_hostile.pth"), layout), (error) => {
    assert.ok(error instanceof StepError);
    assert.match(error.message, /checkpoint_hostile.pth": it asks Python for "posix.system"/);
    assert.match(error.hint!, /state_dict/);
    return true;
  });
  await assert.rejects(Deno.stat("HOSTILE_CHECKPOINT_EXECUTED"), Deno.errors.NotFound);
});

goldenTest("a checkpoint that is cut short anywhere is refused", async () => {
  const { layout } = await readReference();
  for (const name of CHECKPOINTS) {
    const file = await Deno.readFile(referenceFile(name));
    for (let end = 0; end < file.length; end += 997) {
      const read = (): unknown => weightsFrom(layout, decodeCheckpoint(file.subarray(0, end)));
      assert.throws(read, Unreadable, `${name} cut at ${end}`);
    }
  }
});

goldenTest("damaged bytes give weights or a reason, never another error", async () => {
  const { layout } = await readReference();
  const random = seededRandom(4);
  for (const name of CHECKPOINTS) {
    const file = await Deno.readFile(referenceFile(name));
    for (let round = 0; round < 150; round++) {
      const damaged = file.slice();
      // Half of the damage goes where the structure is, which is at the beginning.
      const reach = round % 2 === 0 ? 10_000 : file.length;
      for (let hit = 0; hit < 3; hit++) {
        damaged[Math.floor(random() * reach)] = Math.floor(random() * 256);
      }
      requireReason(() => weightsFrom(layout, decodeCheckpoint(damaged)));
    }
  }
});

Deno.test("random bytes are refused, whatever they begin with", () => {
  const random = seededRandom(5);
  const beginnings = [
    [],
    [0x50, 0x4b, 3, 4],
    [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e],
    [9, 0, 0, 0, 0, 0, 0, 0, 0x7b],
  ];
  for (let round = 0; round < 400; round++) {
    const bytes = Uint8Array.from({ length: 500 }, () => Math.floor(random() * 256));
    bytes.set(beginnings[round % beginnings.length]!);
    assert.throws(() => decodeCheckpoint(bytes), Unreadable);
  }
});

Deno.test("a file of another kind is refused with those that are read", async () => {
  const path = await Deno.makeTempFile({ suffix: ".onnx" });
  try {
    await Deno.writeTextFile(path, "no weights at all");
    await assert.rejects(readWeights(path, { parameters: [], statistics: [] }), (error) => {
      assert.ok(error instanceof StepError);
      assert.match(error.message, /neither a file of torch.save nor safetensors/);
      assert.match(error.hint!, /weights.safetensors/);
      return true;
    });
  } finally {
    await Deno.remove(path);
  }
});

function requireReason(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof Unreadable, String(error));
  }
}
