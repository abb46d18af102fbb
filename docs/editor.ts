// Writes docs/editor.md, what an editor completes and explains, as the YAML language server of editors answers:
// deno task docs:editor
import { LanguageServer } from "../test/support/language_server.ts";
import { NpmRegistry, PACKAGE } from "../test/support/npm_registry.ts";
import { Project, resultOf } from "../test/support/rig.ts";

const FILE = new URL("./editor.md", import.meta.url);

const HEAD = `# What an editor shows

\`deno task schema\` writes \`.cairn/schema.json\`. A workflow whose first line is
\`# yaml-language-server: $schema=.cairn/schema.json\`, with the path from its own folder, is
completed, explained and checked by it in every editor that has the YAML language server: Visual
Studio Code with the YAML extension, Neovim, Helix, Emacs, Zed and others.

Below is what that server answers, in a project with a plugin in a file and one from npm; \`|\` is the
cursor. [\`test/docs/editor_test.ts\`](../test/docs/editor_test.ts) asks it again.
`;

/** Characters of a line. */
const WIDTH = 96;

const OWN = `import { definePlugin, z } from "cairn/plugin";
export const plugin = definePlugin({
  name: "areas", kind: "other", description: "Adds up areas", version: 1,
  config: z.strictObject({ unit: z.enum(["m2", "ha"]).default("ha").describe("unit of the areas") }),
  inputs: { images: { type: "images", description: "photographs" } },
  outputs: { table: { type: "table", description: "areas.csv" } },
  run(): void {},
});
`;

const THEIRS = `import * as z from "zod";
export const plugin = {
  name: "word-count", kind: "other", description: "Counts the words of text files", version: 1,
  config: z.strictObject({
    minimum: z.int().min(1).default(1).describe("letters of the shortest word that counts"),
    stop: z.boolean().default(false).describe("whether stop words count"),
  }),
  inputs: { text: { type: "text", description: "text files" } },
  outputs: { table: { type: "table", description: "words.csv" } },
  run() {},
};
`;

const THIRD_PARTY = `npm:${PACKAGE}@1.0.0`;

/** Workflows with a cursor, "|", and what is asked there. */
const QUESTIONS: readonly (readonly ["complete" | "hover", string])[] = [
  ["complete", "steps:\n  a:\n    uses: |"],
  ["hover", "steps:\n  a:\n    uses: tra|in"],
  ["complete", "steps:\n  a:\n    uses: register\n    with:\n      |"],
  ["hover", "steps:\n  a:\n    uses: train\n    with: { epo|chs: 3 }"],
  ["complete", "steps:\n  a:\n    uses: compare\n    inputs:\n      |"],
  ["hover", "steps:\n  a:\n    uses: train\n    inputs: { st|art: old.model }"],
  ["hover", "steps:\n  a:\n    uses: ./areas|.ts"],
  ["complete", "steps:\n  a:\n    uses: ./areas.ts\n    with:\n      unit: |"],
  ["hover", "steps:\n  a:\n    uses: ./areas.ts\n    inputs: { ima|ges: photos.images }"],
  ["hover", `steps:\n  a:\n    uses: ${THIRD_PARTY.slice(0, 12)}|${THIRD_PARTY.slice(12)}`],
  ["complete", `steps:\n  a:\n    uses: ${THIRD_PARTY}\n    with:\n      |`],
  ["complete", `steps:\n  a:\n    uses: ${THIRD_PARTY}\n    inputs:\n      |`],
];

/** A project with its schema, which knows a plugin in a file and one from a registry. */
async function projectWithSchema(registry: NpmRegistry): Promise<Project> {
  await registry.publish("1.0.0", THEIRS);
  const project = await Project.make({
    "areas.ts": OWN,
    "used.yaml": `steps: { a: { uses: ./areas.ts }, b: { uses: "${THIRD_PARTY}" } }\n`,
  });
  const child = project.spawnWith(await registry.newMachine(), "schema");
  const { code, error } = await resultOf(child);
  if (code !== 0 || error !== "") throw new Error(`There is no schema: ${error}`);
  return project;
}

/** Asks at the cursor and shows what the editor would. */
async function transcript(
  server: LanguageServer,
  path: string,
  [kind, marked]: typeof QUESTIONS[number],
): Promise<string> {
  const at = marked.indexOf("|");
  const before = marked.slice(0, at).split("\n");
  const head = "# yaml-language-server: $schema=.cairn/schema.json\n";
  await server.open(path, `${head}${marked.replace("|", "")}\n`);
  const cursor = { line: before.length, character: before.at(-1)?.length ?? 0 };
  const answer = kind === "hover"
    ? hovered(await server.hover(path, cursor))
    : [...await server.complete(path, cursor)].filter(([label]) => !label.startsWith("object"))
      .map(([label, words]) => lineOf(label, words));
  return `${marked}\n\n${answer.map((line) => `    ${line}`.trimEnd()).join("\n")}\n`;
}

/** A line of a list, cut where an editor would wrap it. */
function lineOf(label: string, words: string): string {
  const line = `${label.padEnd(12)}  ${words.replace(/\s+/g, " ").trim()}`.trimEnd();
  return line.length > WIDTH ? `${line.slice(0, WIDTH - 1).trimEnd()}…` : line;
}

/** Without what only Markdown needs. */
function hovered(text: string): readonly string[] {
  return text.replaceAll(/\\(.)/g, "$1").replaceAll("&nbsp;", " ").split("\n")
    .map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("Source:"));
}

/** The text of the file. */
export async function editorTranscript(): Promise<string> {
  await using registry = await NpmRegistry.open();
  await using project = await projectWithSchema(registry);
  await using server = await LanguageServer.start(project.folder);
  const shown: string[] = [];
  for (const [index, question] of QUESTIONS.entries()) {
    shown.push(await transcript(server, project.path(`q${index}.yaml`), question));
  }
  return `${HEAD}\n\`\`\`text\n${shown.join("\n")}\`\`\`\n`;
}

if (import.meta.main) await Deno.writeTextFile(FILE, await editorTranscript());
