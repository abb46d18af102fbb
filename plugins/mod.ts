// The plugins that come with cairn, each loaded only where a workflow uses it.

/** A built-in plugin: its name, and the URL of the module that exports it. */
export interface BuiltIn {
  readonly name: string;
  readonly specifier: string;
}

/** All built-in plugins. */
export const builtInPlugins: readonly BuiltIn[] = [
  { name: "synthesize", specifier: import.meta.resolve("./synthesize/plugin.ts") },
  { name: "prepare", specifier: import.meta.resolve("./prepare/plugin.ts") },
  { name: "train", specifier: import.meta.resolve("./train/plugin.ts") },
  { name: "test", specifier: import.meta.resolve("./test/plugin.ts") },
  { name: "compare", specifier: import.meta.resolve("./compare/plugin.ts") },
  { name: "predict", specifier: import.meta.resolve("./predict/plugin.ts") },
  { name: "visualize", specifier: import.meta.resolve("./visualize/plugin.ts") },
  { name: "register", specifier: import.meta.resolve("./register/plugin.ts") },
  {
    name: "registered",
    specifier: import.meta.resolve("./register/registered_plugin.ts"),
  },
  { name: "command", specifier: import.meta.resolve("./command/plugin.ts") },
];
