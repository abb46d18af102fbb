// What the native libraries that plugins use ask of the sandbox, found by running them without it.
import type { Permissions } from "../engine/plugin.ts";

/** Permissions of sharp (libvips) and ONNX Runtime in one step. */
export const nativeLibraries = {
  ffi: true,
  sys: ["cpus", "hostname", "networkInterfaces"],
  probeEnv: ["npm_package_config_libvips", "MALLOC_ARENA_MAX"],
} as const satisfies Permissions;
