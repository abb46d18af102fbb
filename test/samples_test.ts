// Every folder in samples/ is a behaviour: what checking its workflow prints, mistakes or the graph, with the
// parameters of params.yaml and set.txt where it has them.
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { renderDiagnostics } from "../engine/diagnostics/render.ts";
import { checkWorkflow } from "../engine/graph/check_workflow.ts";
import { renderGraph } from "../engine/graph/render.ts";
import { FakePlugins } from "./support/fake_plugins.ts";

const samples = new URL("./samples/", import.meta.url).pathname;
const repository = new URL("../", import.meta.url).pathname.slice(0, -1);
const environment = new Map([
  ["HOME", "/home/ada"],
  ["EPOCHS", "7"],
  ["CAIRN_PARAM_from_env", "9"],
  ["CAIRN_PARAM_wrong_env", "many"],
]);

for (
  const { name } of [...Deno.readDirSync(samples)].toSorted((a, b) => a.name < b.name ? -1 : 1)
) {
  Deno.test(`sample: ${name.replaceAll("_", " ")}`, async () => {
    const folder = `${samples}${name}`;
    const actual = await check(folder);
    const expected = await Deno.readTextFile(`${folder}/expected.txt`);
    if (actual !== expected) {
      assert.fail(`${folder}/expected.txt differs; this was printed:\n${actual}`);
    }
  });
}

async function check(folder: string): Promise<string> {
  const hasParams = await Deno.stat(`${folder}/params.yaml`).then(() => true, () => false);
  const { graph, diagnostics } = await checkWorkflow({
    path: "workflow.yaml",
    cwd: folder,
    set: await settings(`${folder}/set.txt`),
    paramsFile: hasParams ? "params.yaml" : undefined,
    env: (name) => environment.get(name),
  }, new FakePlugins());
  const text = graph === undefined
    ? renderDiagnostics(diagnostics, { color: false })
    : renderGraph(graph, "mermaid");
  return text.replaceAll(repository, "<project>").replaceAll(
    `"${dirname(repository)}/`,
    '"<above>/',
  );
}

/** The lines NAME=VALUE of an optional file, as `--set` would get them. */
async function settings(file: string): Promise<readonly { name: string; value: string }[]> {
  const text = await Deno.readTextFile(file).catch(() => "");
  return text.split("\n").filter((line) => line !== "").map((line) => {
    const [name = "", value = ""] = line.split("=");
    return { name, value };
  });
}
