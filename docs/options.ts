// Writes docs/options.md, the options of every plugin, from their declarations: deno task docs:options
import { optionRows, PluginLock, Registry, type ResolvedPlugin } from "../engine/mod.ts";
import type { Ports } from "../engine/plugin.ts";
import { builtInPlugins } from "../plugins/mod.ts";

const FILE = new URL("./options.md", import.meta.url);

const HEAD = `# Options of the plugins

What each plugin takes and what may stand below \`with\`. Made by \`deno task docs:options\` from what the
plugins declare; \`deno task schema\` shows the same in an editor.
`;

/** The text of the file: one section for each plugin that comes with cairn. */
export async function optionTables(): Promise<string> {
  const registry = new Registry(builtInPlugins);
  const lock = await PluginLock.open(".");
  if (!(lock instanceof PluginLock)) throw new Error(lock.message);
  const sections: string[] = [];
  for (const name of registry.names) {
    const plugin = await registry.resolve(name, ".", lock);
    if ("problem" in plugin) throw new Error(`the plugin "${name}" ${plugin.problem}`);
    sections.push(sectionOf(plugin));
  }
  return await formatted([HEAD, ...sections].join("\n"));
}

function sectionOf(plugin: ResolvedPlugin): string {
  const rows = optionRows(plugin.configSchema).map((row) => [
    `\`${row.name}\``,
    row.takes,
    row.isRequired ? "must be given" : row.default === undefined ? "" : `\`${row.default}\``,
    row.description,
  ]);
  return [
    `## ${plugin.name}`,
    `${plugin.description}.`,
    ...(plugin.inputs === "any" ? ["Takes whatever is connected."] : inputsOf(plugin.inputs)),
    tableOf(["option", "takes", "default", "what"], rows),
    "",
  ].join("\n\n");
}

function inputsOf(ports: Ports): readonly string[] {
  const rows = Object.entries(ports).map(([name, { type, description, optional, many }]) => [
    `\`${name}\``,
    `${many === true ? "list of " : ""}${type}${optional === true ? ", may be left out" : ""}`,
    description,
  ]);
  return rows.length === 0 ? [] : [tableOf(["input", "takes", "what"], rows)];
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** The text as `deno fmt` leaves it. */
async function formatted(text: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext", "md", "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  return new TextDecoder().decode((await child.output()).stdout);
}

if (import.meta.main) await Deno.writeTextFile(FILE, await optionTables());
