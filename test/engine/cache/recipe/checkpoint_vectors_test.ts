// Frozen checkpoint keys. A value that changes here makes every checkpoint unreachable or, worse, lets one that
// another step saved be found: whoever must change one gives the key another tag.
import assert from "node:assert/strict";
import { type Digest, digestBytes } from "../../../../engine/cache/content/digest.ts";
import {
  checkpointKeyOf,
  type FingerprintMaterial,
  fingerprintOf,
} from "../../../../engine/cache/recipe/fingerprint.ts";
import { EMPTY_MATERIAL } from "../../../support/empty_material.ts";

const A = digestBytes("a");

/** Checkpoint keys of materials whose option `epochs` is monotone. */
const CHECKPOINT_KEYS: Readonly<Record<string, readonly [Partial<FingerprintMaterial>, string]>> = {
  "every map empty": [{}, "a20343fe12f400e8351a76625404f71fcd55de6028c7a5fd053072dc9df14899"],
  "a monotone option": [
    { config: { epochs: 20 } },
    "a20343fe12f400e8351a76625404f71fcd55de6028c7a5fd053072dc9df14899",
  ],
  "another value of it": [
    { config: { epochs: 50 } },
    "a20343fe12f400e8351a76625404f71fcd55de6028c7a5fd053072dc9df14899",
  ],
  "an option of that name further inside": [
    { config: { x: { epochs: 50 } } },
    "f9f1a35abfd0a099e2e86f9625aa26f47bdfeca41fba8385ceecd204bd6f59be",
  ],
  "another option beside it": [
    { config: { epochs: 20, lr: 0.1 } },
    "3af09012388e0d2ffd0b64f045198e82531067f1d2626bf59b5cb15abb60aafb",
  ],
  "one input": [
    { inputs: { tiles: A } },
    "047ae2c541860a5dd6de154eed51d3d98f482d60f2434a86531387bea10625a3",
  ],
  "one path": [
    { paths: { images: A } },
    "6d181803b775e31337cce693394052eece3dc91cfee5f2b88b7342519ecf2c92",
  ],
  "modules": [
    { plugin: { name: "p", version: 1, code: { "plugin.ts": A } } },
    "027528fc978e74dd2520667f8cae4c77220f68927a80ad265fedaee4ae8809de",
  ],
  "a seed": [{ seed: 7 }, "162f50809d6141b3af89e762b1560c0bb0c0965f0a491d07705ecd2b5aa63b00"],
  "a variable": [
    { env: { CUDA: "1" } },
    "5d85f98b2836628461af1baf87faf3097d15eafb381aeb1dcebcef897e21c27b",
  ],
  "another runtime": [
    { platform: { ...EMPTY_MATERIAL.platform, runtime: "deno 3.0.0" } },
    "38af5e8c0b87c86c7e4962c76e53f92dd10c85d121b62ef18cf82aefe3c702d9",
  ],
};

for (const [what, [change, expected]] of Object.entries(CHECKPOINT_KEYS)) {
  Deno.test(`the checkpoint key of ${what} is what it always was`, () => {
    const key = checkpointKeyOf({ ...EMPTY_MATERIAL, ...change }, ["epochs"]);
    assert.equal(key, `sha256:${expected}` as Digest);
  });
}

Deno.test("only monotone options leave a checkpoint key as it is, and none is a fingerprint", () => {
  const keys = Object.values(CHECKPOINT_KEYS).map(([, expected]) => expected);
  const [empty, monotone, another] = keys;
  assert.deepEqual([monotone, another], [empty, empty]);
  assert.equal(new Set(keys).size, keys.length - 2);
  assert.ok(keys.every((key) => `sha256:${key}` !== fingerprintOf(EMPTY_MATERIAL)));
  const unmarked = checkpointKeyOf({ ...EMPTY_MATERIAL, config: { epochs: 20 } }, []);
  assert.notEqual(unmarked, `sha256:${monotone}`);
});
