// Reads the weights of any file that people keep weights in, whatever it is called.
import { StepError } from "../../../engine/plugin.ts";
import { decodeSafetensors, isSafetensors } from "../safetensors.ts";
import type { Layout } from "../design.ts";
import type { Weights } from "../weights.ts";
import { Unreadable } from "./bytes.ts";
import type { StoredTensors } from "./elements.ts";
import { weightsFrom } from "./fit_network.ts";
import { stateDict } from "./torch/state_dict.ts";
import { isTorchFile, readTorchFile } from "./torch/torch_file.ts";

/** Files of more bytes are refused: they would not fit into one array. */
const MOST_BYTES = 2 ** 31;

/**
 * Reads the weights of a network from a `.pth`, `.pt` or `.ckpt` of PyTorch (nothing of it is run) or a
 * `.safetensors`. Throws StepError where the file is none of these or damaged, and where its tensors are
 * not those of the network, naming all that are missing, misshapen or too much.
 */
export async function readWeights(path: string, layout: Layout): Promise<Weights> {
  try {
    const { size } = await Deno.stat(path);
    if (size > MOST_BYTES) throw new Unreadable(`it has ${size} bytes, more than ${MOST_BYTES}`);
    return weightsFrom(layout, decodeCheckpoint(await Deno.readFile(path)));
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    throw new StepError(`Cannot take weights from "${path}": ${error.message}`, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      cause: error,
    });
  }
}

/** Decodes the bytes of such a file into tensors by name; throws Unreadable. */
export function decodeCheckpoint(file: Uint8Array): StoredTensors {
  if (isTorchFile(file)) return stateDict(readTorchFile(file));
  if (isSafetensors(file)) return decodeSafetensors(file);
  throw new Unreadable(
    "it is neither a file of torch.save nor safetensors",
    'Give a ".pth", ".pt", ".ckpt" or ".safetensors" file; of a model of ours its ' +
      '"weights.safetensors", not its "model.onnx"',
  );
}
