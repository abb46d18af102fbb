// The material that frozen fingerprints and checkpoint keys vary.
import type { FingerprintMaterial } from "../../engine/cache/recipe/fingerprint.ts";

/** A material whose every map is empty. */
export const EMPTY_MATERIAL: FingerprintMaterial = {
  plugin: { name: "p", version: 1, code: {} },
  config: {},
  paths: {},
  inputs: {},
  outputs: {},
  env: {},
  platform: { os: "linux", arch: "x86_64", runtime: "deno 2.9.6" },
  seed: 0,
};
