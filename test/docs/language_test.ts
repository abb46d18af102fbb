// The page of the language: each of its examples is right, and every key of the language has one.
import assert from "node:assert/strict";
import { renderDiagnostics } from "../../engine/diagnostics/render.ts";
import { checkWorkflow } from "../../engine/graph/check_workflow.ts";
import { Registry } from "../../engine/graph/plugins/registry.ts";
import { WORKFLOW_KEYS } from "../../engine/workflow/load.ts";
import { PARAM_KEYS } from "../../engine/workflow/sections/params/params.ts";
import { RETRY_KEYS } from "../../engine/workflow/sections/step/retry.ts";
import { RESOURCE_KEYS } from "../../engine/workflow/sections/step/step_limits.ts";
import { STEP_KEYS } from "../../engine/workflow/sections/step/steps.ts";
import { builtInPlugins } from "../../plugins/mod.ts";
import { Project } from "../support/rig.ts";

const PAGE = await Deno.readTextFile("docs/language.md");

/** A workflow of the page with the files that go with it. */
interface Example {
  readonly title: string;
  readonly files: Record<string, string>;
}

/** Each block of YAML starts with the name of its file; one named workflow.yaml begins an example. */
function examplesOf(page: string): readonly Example[] {
  const found: Example[] = [];
  for (const section of page.split(/^## /m).slice(1)) {
    for (const [, name = "", text = ""] of section.matchAll(/```yaml\n# (\S+)\n([^]*?)```/g)) {
      if (name === "workflow.yaml") found.push({ title: section.split("\n")[0] ?? "", files: {} });
      const example = found.at(-1);
      assert.ok(example !== undefined, `${name} belongs to no workflow`);
      example.files[name] = text;
    }
  }
  return found;
}

for (const [at, { title, files }] of examplesOf(PAGE).entries()) {
  Deno.test(`example ${at + 1} of the language is right: ${title}`, async () => {
    await using project = await Project.make({ ...files, "deno.json": "{}" });
    for (const site of ["", "lakes/", "hills/", "coast/"]) {
      await project.write(`data/${site}images/a.tif`, "");
      await project.write(`data/${site}masks/a.tif`, "");
    }
    const { diagnostics } = await checkWorkflow({
      path: "workflow.yaml",
      cwd: project.folder,
      set: [],
      paramsFile: "params.yaml" in files ? "params.yaml" : undefined,
      env: (name) => name === "HOME" ? "/home/ada" : undefined,
    }, new Registry(builtInPlugins));
    assert.equal(renderDiagnostics(diagnostics, { color: false }), "");
  });
}

Deno.test("every key of the language stands in an example", () => {
  const text = examplesOf(PAGE).flatMap(({ files }) => Object.values(files)).join("\n");
  const keys = [WORKFLOW_KEYS.keys, STEP_KEYS.keys, PARAM_KEYS, RESOURCE_KEYS, RETRY_KEYS].flat();
  const missing = keys.filter((key) => !new RegExp(`(?:^|[\\s{,])${key}:`, "m").test(text));
  assert.deepEqual(missing, []);
});
