// Finds the plugins that the workflow files of a project name: its own ones and those from elsewhere.
import { dirname } from "node:path";
import { SourceFile } from "../../diagnostics/source_file.ts";
import { filePath, readSource } from "../../workflow/source.ts";
import { readYaml } from "../../workflow/yaml/read.ts";
import type { YamlNode } from "../../workflow/yaml/tree.ts";

/** A plugin that is not built in, as a workflow names it. */
export interface UsedPlugin {
  readonly uses: string;
  /** Folder of the workflow, absolute. */
  readonly folder: string;
  /** Path of the workflow from the project's folder. */
  readonly workflow: string;
}

/** Folders in which nobody keeps workflows. */
const LEFT_OUT: ReadonlySet<string> = new Set(["node_modules", "out"]);

/** Lists the plugins that the workflow files in a folder and below name by file or URL, each once per folder. */
export async function usedPlugins(project: string): Promise<readonly UsedPlugin[]> {
  const found = new Map<string, UsedPlugin>();
  for (const path of yamlFiles(project)) {
    const folder = dirname(path);
    const { shown: workflow } = filePath(path, project);
    for (const uses of await usesIn(path, project)) {
      found.set(`${folder} ${uses}`, { uses, folder, workflow });
    }
  }
  return [...found.values()];
}

function yamlFiles(folder: string): readonly string[] {
  const entries = readable(folder).toSorted((a, b) => a.name < b.name ? -1 : 1);
  return entries.flatMap(({ name, isDirectory, isFile }) => {
    if (name.startsWith(".") || LEFT_OUT.has(name)) return [];
    if (isDirectory) return yamlFiles(`${folder}/${name}`);
    return isFile && /\.ya?ml$/.test(name) ? [`${folder}/${name}`] : [];
  });
}

/** The entries of a folder; none where it must not be read. */
function readable(folder: string): readonly Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)];
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) return [];
    throw error;
  }
}

async function usesIn(path: string, project: string): Promise<readonly string[]> {
  const file = await readSource(filePath(path, project));
  if (!(file instanceof SourceFile)) return [];
  const { root } = await readYaml(file);
  const steps = valueOf(root, "steps");
  if (steps?.kind !== "map") return [];
  return steps.entries.flatMap(({ value }) => {
    const uses = valueOf(value, "uses");
    const text = uses?.kind === "scalar" ? uses.value : undefined;
    return typeof text === "string" && /^(\.{0,2}\/|npm:|jsr:|https:)/.test(text) ? [text] : [];
  });
}

function valueOf(node: YamlNode | undefined, key: string): YamlNode | undefined {
  if (node?.kind !== "map") return undefined;
  return node.entries.find((entry) => entry.key === key)?.value;
}
