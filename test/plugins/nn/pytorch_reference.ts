// What PyTorch computes on a small U-Net, as reference vectors that are stored or drawn anew, and the comparison
// with them.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { decodeSafetensors, type NamedTensors } from "../../../plugins/nn/safetensors.ts";
import { type Architecture, type Layout, layoutOf } from "../../../plugins/nn/design.ts";
import { unet } from "../../../plugins/nn/unet.ts";
import { weightsFrom } from "../../../plugins/nn/checkpoints/fit_network.ts";
import type { Weights } from "../../../plugins/nn/weights.ts";

const folder = new URL("../../../../shared/golden/unet_small/", import.meta.url);

/** Whether the tests that need the reference cannot run. */
export const referenceIsMissing: boolean = !exists(folder);

/** Goes behind the names of tests that need the reference. */
export const referenceSkipped = referenceIsMissing
  ? " (skipped: ../shared/golden/unet_small is absent)"
  : "";

/** Path of a file of the reference. */
export function referenceFile(name: string): string {
  return fileURLToPath(new URL(name, folder));
}

/** A Python with PyTorch; undefined where CAIRN_TORCH_PYTHON names none. */
export const torchPython: string | undefined = Deno.env.get("CAIRN_TORCH_PYTHON");

/** What PyTorch computed. */
export interface Reference {
  readonly architecture: Architecture;
  /** Images of a batch, and their edge in pixels. */
  readonly batch: { readonly count: number; readonly size: number };
  readonly layout: Layout;
  readonly tensors: NamedTensors;
  readonly loss: Readonly<Record<string, number>>;
  /** Losses of five steps per optimiser. */
  readonly optimiser: Readonly<Record<string, readonly number[]>>;
  /** Losses of twenty steps of Adam with a learning rate of 0.005; absent from the stored reference. */
  readonly curve?: readonly number[];
  readonly initial: Weights;
  /** float32 [count, bands, size, size]. */
  readonly image: Float32Array;
  /** uint8 [count, size, size]. */
  readonly label: Uint8Array;
  /** All tensors under a prefix, by the rest of their name. */
  under(prefix: string): NamedTensors;
}

/** Reads the stored reference, or one in another folder. */
export async function readReference(from: string | URL = folder): Promise<Reference> {
  const file = (name: string): string =>
    `${from instanceof URL ? fileURLToPath(from) : from}/${name}`;
  const stored = decodeSafetensors(await Deno.readFile(file("reference.safetensors")));
  const facts = JSON.parse(await Deno.readTextFile(file("reference.json")));
  const tensors: NamedTensors = new Map(
    [...stored].map(([name, tensor]) => [name, { shape: tensor.shape, data: tensor.read() }]),
  );
  const { base, depth, classes } = facts;
  const bands = tensors.get("batch.image")!.shape[1]!;
  const architecture: Architecture = { name: "unet", base, depth, bands, classes };
  const layout = layoutOf(unet, architecture);
  return {
    architecture,
    batch: { count: facts.batch, size: facts.size },
    layout,
    tensors,
    loss: facts.loss,
    optimiser: facts.optimiser,
    curve: facts.curve,
    initial: weightsFrom(layout, under(stored, "initial")),
    image: tensors.get("batch.image")!.data,
    label: Uint8Array.from(tensors.get("batch.label")!.data),
    under: (prefix) => under(tensors, prefix),
  };
}

/** Lets PyTorch compute on a network and a batch that are drawn from a seed; takes some seconds. */
export async function drawReference(seed: number): Promise<Reference> {
  const made = await Deno.makeTempDir({ prefix: "cairn_reference_" });
  try {
    const script = fileURLToPath(new URL("draw_reference.py", import.meta.url));
    const { success, stderr } = await new Deno.Command(torchPython!, {
      args: ["-B", script, made, String(seed)],
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    return await readReference(made);
  } finally {
    await Deno.remove(made, { recursive: true });
  }
}

function under<Tensor>(tensors: ReadonlyMap<string, Tensor>, prefix: string): Map<string, Tensor> {
  return new Map(
    [...tensors].filter(([name]) => name.startsWith(`${prefix}.`))
      .map(([name, tensor]) => [name.slice(prefix.length + 1), tensor]),
  );
}

/** Largest difference relative to the largest expected magnitude. */
export function relativeError(actual: Float32Array, expected: Float32Array): number {
  assert.equal(actual.length, expected.length);
  let [difference, magnitude] = [0, 0];
  for (let at = 0; at < expected.length; at++) {
    difference = Math.max(difference, Math.abs(actual[at]! - expected[at]!));
    magnitude = Math.max(magnitude, Math.abs(expected[at]!));
  }
  return difference / magnitude;
}

/** Requires equality within `tolerance` of the largest expected magnitude, 1e-4 by default. */
export function assertClose(
  actual: Float32Array,
  expected: Float32Array,
  { what, tolerance = 1e-4 }: { readonly what: string; readonly tolerance?: number },
): void {
  const error = relativeError(actual, expected);
  assert.ok(error <= tolerance, `${what} differs by ${error} of its largest value`);
}

function exists(url: URL): boolean {
  try {
    Deno.statSync(url);
    return true;
  } catch {
    return false;
  }
}
