// What `cairn new` writes runs at once and passes its own test, and nothing is ever written over.
import assert from "node:assert/strict";
import { pluginFiles, pluginText } from "../../../../engine/cli/commands/scaffold.ts";
import { type CliResult, Project, resultOf } from "../../../support/rig.ts";

async function deno(project: Project, ...args: readonly string[]): Promise<CliResult> {
  return await resultOf(
    new Deno.Command(Deno.execPath(), {
      args: [...args],
      cwd: project.folder,
      env: { NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn(),
  );
}

/** The commands that a person is told to type next, as words after `deno`. */
function nextCommands({ out }: CliResult): readonly (readonly string[])[] {
  return out.split("\n").flatMap((line) => {
    const words = /^ {2}deno (.+)$/.exec(line)?.[1];
    return words === undefined ? [] : [words.split(" ")];
  });
}

Deno.test("a new plugin runs and passes its test at once, in a folder that knows nothing of cairn", async () => {
  await using project = await Project.make();
  const made = await project.cairn("new", "plugin", "word-count");
  assert.deepEqual([made.code, made.error], [0, ""]);
  assert.deepEqual(project.files("plugins"), ["word_count.ts", "word_count_test.ts"]);
  assert.equal(await project.read(".gitignore"), ".cairn/\nout/\n");
  const commands = nextCommands(made);
  assert.equal(commands.length, 2);
  for (const words of commands) {
    const { code, out, error } = await deno(project, ...words);
    assert.equal(code, 0, `deno ${words.join(" ")}\n${out}\n${error}`);
  }
  assert.equal(await project.read("out/word-count/words.csv"), "file,words\na.txt,3\n");
  assert.match(
    await project.read("word_count.yaml"),
    /^# yaml-language-server: \$schema=\.cairn\/schema\.json\n/,
  );
  assert.match(await project.read(".cairn/schema.json"), /"\.\/plugins\/word_count\.ts"/);
});

Deno.test("in a project with its own configuration the commands name cairn's, which stays as it is", async () => {
  await using project = await Project.make({ "deno.json": "{}\n", "workflows/a.txt": "" });
  const made = await project.cairn("new", "plugin", "word-count");
  for (const words of nextCommands(made)) {
    const { code, out, error } = await deno(project, ...words);
    assert.equal(code, 0, `deno ${words.join(" ")}\n${out}\n${error}`);
  }
  assert.equal(await project.read("deno.json"), "{}\n");
  assert.deepEqual(project.files("workflows"), [
    "a.txt",
    "plugins/word_count.ts",
    "plugins/word_count_test.ts",
    "word_count.yaml",
  ]);
  assert.match(await project.read("workflows/word_count.yaml"), /\$schema=\.\.\/\.cairn\/schema/);
});

Deno.test("a new workflow runs at once", async () => {
  await using project = await Project.make();
  await project.cairn("new", "workflow", "first-steps");
  const { code } = await project.cairn("run", "first_steps.yaml");
  assert.equal(code, 0);
  assert.equal((await project.read("out/first-steps/words.txt")).trim(), "2");
});

Deno.test("new files are formatted and linted as those of cairn are", async () => {
  await using project = await Project.make();
  await project.cairn("new", "plugin", "word-count");
  await project.cairn("new", "workflow", "first-steps");
  const config = new URL("../../../../deno.json", import.meta.url).pathname;
  for (const words of [["fmt", "--check"], ["lint"]]) {
    const files = ["plugins", ...words[0] === "fmt" ? ["word_count.yaml", "first_steps.yaml"] : []];
    const { code, error } = await deno(project, ...words, "--config", config, ...files);
    assert.equal(code, 0, error);
  }
});

for (
  const [words, message] of [
    [["plugn", "a"], 'Cannot make a new "plugn"\n  hint: Did you mean "plugin"?'],
    [["plugin", "WordCount"], 'joined by "-"\n  hint: Write "word-count"'],
    [["plugin", "word_count"], 'joined by "-"\n  hint: Write "word-count"'],
    [["plugin", "../x"], 'joined by "-"\n  hint: Write "x"'],
    [["plugin", "7"], 'joined by "-"\n  hint: Choose one such as "word-count"'],
    [["plugin", "command"], 'A plugin "command" comes with cairn already\n'],
    [["plugin"], "Usage: cairn new plugin|workflow NAME"],
  ] as const
) {
  Deno.test(`"new ${words.join(" ")}" is refused with a way out, and writes nothing`, async () => {
    await using project = await Project.make();
    const { code, error } = await project.cairn("new", ...words);
    assert.equal(code, 2);
    assert.ok(error.includes(message), error);
    assert.deepEqual(project.files("."), []);
  });
}

Deno.test("one file that is there already keeps all of them from being written", async () => {
  await using project = await Project.make({ "plugins/word_count_test.ts": "mine" });
  const { code, error } = await project.cairn("new", "plugin", "word-count");
  assert.equal(code, 2);
  assert.match(error, /Nothing was written: "plugins\/word_count_test\.ts" exists already/);
  assert.deepEqual(project.files("."), ["plugins/word_count_test.ts"]);
  assert.equal(await project.read("plugins/word_count_test.ts"), "mine");
});

Deno.test("plugins/README.md shows the plugin and the test that `new plugin` writes", async () => {
  const readme = await Deno.readTextFile("plugins/README.md");
  assert.ok(readme.includes(`\`\`\`ts\n${pluginText("word-count")}\`\`\``));
  const [, test] = pluginFiles("word-count", "");
  assert.ok(readme.includes(`\`\`\`ts\n${test?.text}\`\`\``));
});
