// The layers of the house: which folder may import which. Read by the lint plugin and by the tests.

const BELOW_RUN = [
  "engine/schedule",
  "engine/graph",
  "engine/cache",
  "engine/events",
  "engine/workflow",
  "engine/plugin.ts",
  "engine/diagnostics",
];

/** May import: folders or files relative to the root, by the folder or file that imports. Nearest entry wins. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  "main.ts": ["engine/cli.ts", "plugins", "ui"],
  "mod.ts": ["engine/mod.ts", "engine/plugin.ts", "plugins"],
  "engine/mod.ts": ["engine"],
  "engine/cli.ts": ["engine"],
  "engine/library.ts": ["engine"],
  "engine/testing.ts": ["engine"],
  "engine/testing": ["engine"],
  "engine/plugin.ts": [],
  "engine/diagnostics": [],
  "engine/events": [],
  "engine/cache": [],
  "engine/workflow": ["engine/diagnostics"],
  "engine/graph": ["engine/workflow", "engine/plugin.ts", "engine/diagnostics"],
  "engine/schedule": ["engine/graph"],
  "engine/run": BELOW_RUN,
  "engine/cli": ["engine/run", ...BELOW_RUN],
  "plugins": ["engine/plugin.ts"],
  "plugins/register/mlflow_command.ts": ["engine/cli.ts", "plugins/register"],
  "plugins/register/run_hooks.ts": ["engine/mod.ts", "plugins/register"],
  "plugins/register/tracking": ["engine/mod.ts", "engine/plugin.ts", "plugins"],
  "plugins/register/alias_command.ts": ["engine/cli.ts", "plugins/register"],
  "plugins/register/alias.ts": ["engine/mod.ts", "plugins/register"],
  "ui": ["engine/mod.ts", "engine/cli.ts"],
};

/** Says what is wrong with an import between two files of the project, given relative to its root. */
export function layerProblem(from: string, to: string): string | undefined {
  const layer = layerOf(from);
  if (layer === undefined || isWithin(to, layer)) return undefined;
  const allowed = LAYERS[layer] ?? [];
  if (allowed.some((other) => isWithin(to, other))) return undefined;
  const may = allowed.length === 0 ? "nothing outside of itself" : allowed.join(", ");
  return `${layer} may import ${may}; ${to} is not among it`;
}

function layerOf(path: string): string | undefined {
  return Object.keys(LAYERS).filter((layer) => isWithin(path, layer))
    .sort((a, b) => b.length - a.length)[0];
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
