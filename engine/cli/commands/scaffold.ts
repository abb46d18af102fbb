// The files that `cairn new` writes, as text: pure. They pass the formatter, the linter and their own test.

/** A file to write: its path from the folder that it is written to, and what it is for. */
export interface NewFile {
  readonly path: string;
  readonly purpose: string;
  readonly text: string;
}

/** Name of the files of a plugin or workflow that is called `name`. */
export function fileNameOf(name: string): string {
  return name.replaceAll("-", "_");
}

/** A plugin, its test, and a workflow that uses it; `schema` is the way from the workflow to its schema. */
export function pluginFiles(name: string, schema: string): readonly NewFile[] {
  const file = fileNameOf(name);
  const workflow = schemaLine(schema) + pluginWorkflow(name);
  return [
    { path: `plugins/${file}.ts`, purpose: "the plugin", text: pluginText(name) },
    { path: `plugins/${file}_test.ts`, purpose: "its test", text: testText(name) },
    { path: `${file}.yaml`, purpose: "a workflow that uses it", text: workflow },
  ];
}

/** A workflow of two steps. */
export function workflowFiles(name: string, schema: string): readonly NewFile[] {
  const text = schemaLine(schema) + workflowText(name);
  return [{ path: `${fileNameOf(name)}.yaml`, purpose: "the workflow", text }];
}

/** The line by which editors find the schema of a workflow. */
export function schemaLine(schema: string): string {
  return `# yaml-language-server: $schema=${schema}\n`;
}

/** Configuration of a project in which Deno finds what plugins and their tests import. */
export function projectConfig(home: string): NewFile {
  const config = {
    importMap: `${home}deno.json`,
    tasks: {
      cairn: "deno run --allow-read --allow-write --allow-run --allow-env --allow-sys " +
        `${home}main.ts`,
    },
  };
  const text = `${JSON.stringify(config, undefined, 2)}\n`;
  return { path: "deno.json", purpose: 'where "cairn/plugin" comes from', text };
}

/** Leaves what can be made again out of version control. */
export const IGNORE_FILE: NewFile = {
  path: ".gitignore",
  purpose: "keeps results out of version control",
  text: ".cairn/\nout/\n",
};

/** A plugin that counts words, to be changed into what is needed. */
export function pluginText(name: string): string {
  return `import { definePlugin, z } from "cairn/plugin";

export const plugin = definePlugin({
  name: "${name}",
  kind: "other",
  description: "Counts the words of text files",
  version: 1,
  config: z.strictObject({
    minimum: z.int().min(1).default(1).describe("letters of the shortest word that counts"),
  }),
  inputs: { text: { type: "text", description: "text files" } },
  outputs: { table: { type: "table", description: "words.csv: words of each file" } },
  async run({ config, inputs, outputs, signal, progress }): Promise<void> {
    const names = [...Deno.readDirSync(inputs.text.path)].map((entry) => entry.name).sort();
    const lines = ["file,words"];
    for (const [index, name] of names.entries()) {
      signal.throwIfAborted();
      const text = await Deno.readTextFile(\`\${inputs.text.path}/\${name}\`);
      const words = text.split(/\\s+/).filter((word) => word.length >= config.minimum);
      lines.push(\`\${name},\${words.length}\`);
      progress(index + 1, names.length, "files");
    }
    await Deno.writeTextFile(\`\${outputs.table}/words.csv\`, \`\${lines.join("\\n")}\\n\`);
  },
});
`;
}

function testText(name: string): string {
  return `import assert from "node:assert/strict";
import { testPlugin } from "cairn/testing";
import "./${fileNameOf(name)}.ts"; // has its types checked, too

Deno.test("${name} counts the words of each file", async () => {
  await using result = await testPlugin(import.meta.resolve("./${fileNameOf(name)}.ts"), {
    with: { minimum: 3 },
    inputs: { text: { "a.txt": "a few words", "b.txt": "" } },
  });
  assert.equal(await result.text("table", "words.csv"), "file,words\\na.txt,2\\nb.txt,0\\n");
});
`;
}

function pluginWorkflow(name: string): string {
  const file = fileNameOf(name);
  return `# A program writes a text, the plugin counts its words.
name: ${name}

steps:
  text:
    uses: command
    with:
      run: echo "three small words" > \${{ outputs.text }}/a.txt
      outputs: { text: text }
  words:
    uses: ./plugins/${file}.ts
    inputs: { text: text.text }
    with: { minimum: 1 }

publish:
  out/${name}: words.table
`;
}

function workflowText(name: string): string {
  return `# A program writes a text, another one counts its words.
name: ${name}

params:
  who: world

steps:
  greeting:
    uses: command
    with:
      run: echo "Hello, \${{ params.who }}" > \${{ outputs.text }}/hello.txt
      outputs: { text: text }
  count:
    uses: command
    inputs: { text: greeting.text }
    with:
      run: wc -w < \${{ inputs.text }}/hello.txt > \${{ outputs.words }}/words.txt
      outputs: { words: text }

publish:
  out/${name}: count.words
`;
}
