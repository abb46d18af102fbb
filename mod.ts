// The library: what other programs may import. The command line is main.ts.
export * from "./engine/mod.ts";
export { definePlugin, monotone, path, runtimeOnly, StepError } from "./engine/plugin.ts";
export { builtInPlugins } from "./plugins/mod.ts";
