// Fingerprints: what changes them, and how the difference of two is told.
import assert from "node:assert/strict";
import { digestBytes } from "../../../../engine/cache/content/digest.ts";
import {
  differences,
  type FingerprintMaterial,
  fingerprintOf,
} from "../../../../engine/cache/recipe/fingerprint.ts";
import { describeDifferences } from "../../../../engine/run/reuse/reuse.ts";

const material: FingerprintMaterial = {
  plugin: { name: "train", version: 1, code: { "plugin.ts": "sha256:1", "npm:zod@4": "4.6.7" } },
  config: { lr: 0.001, layers: [1, 2], model: { depth: 3 }, note: null },
  paths: { images: digestBytes("i") },
  inputs: { tiles: digestBytes("t") },
  outputs: { model: "model" },
  env: { CUDA: null },
  platform: { os: "linux", arch: "x86_64", runtime: "deno 2.9.6" },
  seed: 0,
};

function told(change: Partial<FingerprintMaterial>): string {
  const after = { ...material, ...change };
  assert.notEqual(fingerprintOf(after), fingerprintOf(material));
  return describeDifferences(differences(material, after));
}

Deno.test("each kind of change gives another fingerprint and is told in words", () => {
  const { plugin } = material;
  const cases: readonly (readonly [Partial<FingerprintMaterial>, string])[] = [
    [
      { config: { lr: 0.01, layers: [1, 2], model: { depth: 3 }, note: null } },
      'option "lr" changed from 0.001 to 0.01',
    ],
    [
      { config: { lr: "0.001", layers: [1, 2], model: { depth: 3 }, note: null } },
      'option "lr" changed from 0.001 to "0.001"',
    ],
    [
      { config: { lr: 0.001, layers: [2, 1], model: { depth: 4 }, note: null } },
      'option "layers" changed from [1,2] to [2,1]; option "model.depth" changed from 3 to 4',
    ],
    [
      { config: { lr: 0.001, layers: [1, 2], model: { depth: 3 } } },
      'option "note" changed from null to nothing',
    ],
    [{ paths: { images: digestBytes("j") } }, 'the content of option "images" changed'],
    [{ inputs: { tiles: digestBytes("u") } }, 'input "tiles" has other content'],
    [{ inputs: {} }, 'input "tiles" is not connected any more'],
    [
      { inputs: { ...material.inputs, start: digestBytes("s") } },
      'input "start" is connected now',
    ],
    [{ outputs: { model: "net" } }, 'output "model" changed from "model" to "net"'],
    [{ env: { CUDA: "1" } }, 'environment variable "CUDA" changed'],
    [{ seed: 7 }, "the seed changed from 0 to 7"],
    [
      { platform: { ...material.platform, runtime: "deno 3" } },
      'the runtime changed from "deno 2.9.6" to "deno 3"',
    ],
    [{ plugin: { ...plugin, version: 2 } }, "the plugin's version changed from 1 to 2"],
    [
      { plugin: { ...plugin, code: { ...plugin.code, "npm:zod@4": "4.7.0" } } },
      'plugin code "zod@4" changed',
    ],
    [
      { plugin: { ...plugin, code: { ...plugin.code, "new.ts": "sha256:2" } } },
      'plugin code "new.ts" changed',
    ],
  ];
  for (const [change, words] of cases) assert.equal(told(change), words);
});

Deno.test("equal materials have equal fingerprints whatever the order of their fields", () => {
  const shuffled = Object.fromEntries(Object.entries(material).reverse()) as unknown;
  assert.equal(fingerprintOf(shuffled as FingerprintMaterial), fingerprintOf(material));
  assert.deepEqual(differences(material, shuffled as FingerprintMaterial), []);
});

Deno.test("many changes are counted, long values are cut", () => {
  const config = Object.fromEntries(Array.from({ length: 7 }, (_, at) => [`o${at}`, at]));
  const before = { ...material, config };
  const after = {
    ...material,
    config: Object.fromEntries(Object.keys(config).map((name) => [name, "x".repeat(100)])),
  };
  const words = describeDifferences(differences(before, after));
  assert.match(words, /; and 3 more changes$/);
  assert.ok(words.length < 500, words);
});
