// A plugin that is published as plugins/README.md says, on a registry of this machine, runs from there.
import assert from "node:assert/strict";
import { pluginText } from "../../engine/cli/commands/scaffold.ts";
import { NpmRegistry, PACKAGE } from "../support/npm_registry.ts";
import { Project, resultOf } from "../support/rig.ts";

const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

const WORKFLOW = `steps:
  text:
    uses: command
    with: { run: "echo three small words > \${{ outputs.text }}/a.txt", outputs: { text: text } }
  words:
    uses: npm:${PACKAGE}@1.0.0
    inputs: { text: text.text }
publish:
  out: words.table
`;

async function run(project: Project, program: string, ...args: readonly string[]): Promise<void> {
  const child = new Deno.Command(program, {
    args: [...args],
    cwd: project.folder,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const { code, error } = await resultOf(child);
  assert.equal(code, 0, `${program} ${args.join(" ")}\n${error}`);
}

/** Bundles the plugin that `new plugin` writes, packs it as `npm publish` does, and tries what JSR would say. */
async function packPlugin(project: Project): Promise<Uint8Array<ArrayBuffer>> {
  await project.write("plugins/word_count.ts", pluginText("word-count"));
  const bundle = ["--config", CONFIG, "--no-lock", "-o", "word_count.js"];
  await run(project, Deno.execPath(), "bundle", ...bundle, "plugins/word_count.ts");
  const about = { name: PACKAGE, version: "1.0.0", type: "module", exports: "./word_count.js" };
  await project.write("package.json", JSON.stringify(about));
  await run(project, "npm", "pack", "--silent");
  const packed = "cairn-test-word-count-1.0.0.tgz";
  const tarball = await Deno.readFile(project.path(packed));
  await Deno.remove(project.path("package.json"));
  const forJsr = { name: PACKAGE, version: "1.0.0", license: "MIT", exports: "./word_count.js" };
  await project.write("deno.json", JSON.stringify(forJsr));
  await run(project, Deno.execPath(), "publish", "--dry-run", "--allow-dirty");
  for (const name of ["deno.json", packed]) await Deno.remove(project.path(name));
  return tarball;
}

const hasNpm = await new Deno.Command("npm", { args: ["--version"] }).output()
  .then(({ success }) => success, () => false);

Deno.test({
  name: "a plugin that is bundled and packed for an npm registry runs from there, and is reused" +
    (hasNpm ? "" : " (skipped: needs npm)"),
  ignore: !hasNpm,
  fn: publishAndRun,
});

async function publishAndRun(): Promise<void> {
  await using project = await Project.make({ "workflow.yaml": WORKFLOW });
  await using registry = await NpmRegistry.open();
  registry.take("1.0.0", await packPlugin(project));
  const machine = await registry.newMachine();
  for (const [words, ending] of [[["--trust"], "2 ran"], [[], "2 reused"]] as const) {
    const child = project.spawnWith(machine, "run", "workflow.yaml", ...words);
    const { code, out, error } = await resultOf(child);
    assert.equal(code, 0, out + error);
    assert.match(out, new RegExp(`: ${ending}$`, "m"));
  }
  assert.equal(await project.read("out/words.csv"), "file,words\na.txt,3\n");
}
