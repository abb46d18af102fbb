// The plugins that come with cairn. Only their declarations are loaded here; each loads its work when it runs.
import type { Plugin } from "../engine/plugin.ts";
import { commandPlugin } from "./command/plugin.ts";
import { predictPlugin } from "./predict/plugin.ts";
import { preparePlugin } from "./prepare/plugin.ts";
import { registerPlugin } from "./register/plugin.ts";
import { synthesizePlugin } from "./synthesize/plugin.ts";
import { testPlugin } from "./test/plugin.ts";
import { trainPlugin } from "./train/plugin.ts";
import { visualizePlugin } from "./visualize/plugin.ts";

/** A built-in plugin and the URL of the module that a step's process loads it from. */
export interface BuiltIn {
  readonly plugin: Plugin;
  readonly specifier: string;
}

/** All built-in plugins. */
export const builtInPlugins: readonly BuiltIn[] = [
  { plugin: synthesizePlugin, specifier: import.meta.resolve("./synthesize/plugin.ts") },
  { plugin: preparePlugin, specifier: import.meta.resolve("./prepare/plugin.ts") },
  { plugin: trainPlugin, specifier: import.meta.resolve("./train/plugin.ts") },
  { plugin: testPlugin, specifier: import.meta.resolve("./test/plugin.ts") },
  { plugin: predictPlugin, specifier: import.meta.resolve("./predict/plugin.ts") },
  { plugin: visualizePlugin, specifier: import.meta.resolve("./visualize/plugin.ts") },
  { plugin: registerPlugin, specifier: import.meta.resolve("./register/plugin.ts") },
  { plugin: commandPlugin, specifier: import.meta.resolve("./command/plugin.ts") },
];
