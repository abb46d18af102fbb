// PyTorch's reference vectors for a small U-Net, and the comparison with them.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { decodeSafetensors, type NamedTensors } from "../../../plugins/nn/safetensors.ts";
import { type Architecture, type Layout, unetLayout } from "../../../plugins/nn/unet.ts";
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

/** The network that the reference describes. */
export const referenceArchitecture: Architecture = {
  name: "unet",
  base: 4,
  depth: 2,
  bands: 3,
  classes: 5,
};

/** Images per batch and their edge. */
export const referenceBatch = { count: 2, size: 32 } as const;

/** What PyTorch computed. */
export interface Reference {
  readonly layout: Layout;
  readonly tensors: NamedTensors;
  readonly loss: Readonly<Record<string, number>>;
  /** Losses of five steps per optimiser. */
  readonly optimiser: Readonly<Record<string, readonly number[]>>;
  readonly initial: Weights;
  /** float32 [2, 3, 32, 32]. */
  readonly image: Float32Array;
  /** uint8 [2, 32, 32]. */
  readonly label: Uint8Array;
  /** All tensors under a prefix, by the rest of their name. */
  under(prefix: string): NamedTensors;
}

/** Reads the reference. */
export async function readReference(): Promise<Reference> {
  const stored = decodeSafetensors(await Deno.readFile(new URL("reference.safetensors", folder)));
  const facts = JSON.parse(await Deno.readTextFile(new URL("reference.json", folder)));
  const tensors: NamedTensors = new Map(
    [...stored].map(([name, tensor]) => [name, { shape: tensor.shape, data: tensor.read() }]),
  );
  const layout = unetLayout(referenceArchitecture);
  return {
    layout,
    tensors,
    loss: facts.loss,
    optimiser: facts.optimiser,
    initial: weightsFrom(layout, under(stored, "initial")),
    image: tensors.get("batch.image")!.data,
    label: Uint8Array.from(tensors.get("batch.label")!.data),
    under: (prefix) => under(tensors, prefix),
  };
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
