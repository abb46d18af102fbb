// A plugin that is published as plugins/README.md says, on a registry of this machine, runs from there.
import assert from "node:assert/strict";
import { pluginText } from "../../engine/cli/commands/scaffold.ts";
import { Project, resultOf } from "../support/rig.ts";

const NAME = "@cairn-test/word-count";
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

const WORKFLOW = `steps:
  text:
    uses: command
    with: { run: "echo three small words > \${{ outputs.text }}/a.txt", outputs: { text: text } }
  words:
    uses: npm:${NAME}@1.0.0
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

/** Packs the bundled plugin as `npm publish` does. */
async function packPlugin(project: Project): Promise<Uint8Array<ArrayBuffer>> {
  await project.write("plugins/word_count.ts", pluginText("word-count"));
  const bundle = ["--config", CONFIG, "--no-lock", "-o", "package/word_count.js"];
  await run(project, Deno.execPath(), "bundle", ...bundle, "plugins/word_count.ts");
  const description = { name: NAME, version: "1.0.0", type: "module", exports: "./word_count.js" };
  await project.write("package/package.json", JSON.stringify(description));
  await run(project, "tar", "czf", "package.tgz", "package");
  return await Deno.readFile(project.path("package.tgz"));
}

/** A registry that has just this package. */
async function serve(tarball: Uint8Array<ArrayBuffer>): Promise<Deno.HttpServer<Deno.NetAddr>> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-512", tarball));
  const integrity = `sha512-${btoa(String.fromCharCode(...hash))}`;
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, ({ url }) => {
    if (url.endsWith(".tgz")) return new Response(tarball);
    const dist = { tarball: `${new URL(url).origin}/package.tgz`, integrity };
    const version = { name: NAME, version: "1.0.0", dist };
    const tags = { latest: "1.0.0" };
    return Response.json({ name: NAME, "dist-tags": tags, versions: { "1.0.0": version } });
  });
}

Deno.test("a plugin that is bundled and published to an npm registry runs, and is reused", async () => {
  await using project = await Project.make({ "workflow.yaml": WORKFLOW });
  await using server = await serve(await packPlugin(project));
  const registry = `@cairn-test:registry=http://127.0.0.1:${server.addr.port}/\n`;
  await project.write("home/.npmrc", registry);
  const denoDir = Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`;
  const env = { HOME: project.path("home"), DENO_DIR: denoDir };
  for (const ending of ["2 ran", "2 reused"]) {
    const child = project.spawnWith(env, "run", "workflow.yaml");
    const { code, out, error } = await resultOf(child);
    assert.equal(code, 0, out + error);
    assert.match(out, new RegExp(`: ${ending}$`, "m"));
  }
  assert.equal(await project.read("out/words.csv"), "file,words\na.txt,3\n");
});
