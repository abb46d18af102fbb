// A project with one TypeScript plugin of its own, for tests of what such a plugin may do.
import type { Project, RunResult } from "./rig.ts";

/** What such a workflow has besides the body of its plugin. */
export interface Parts {
  /** Fields of the plugin besides the usual ones. */
  readonly config?: string;
  readonly inputs?: string;
  readonly permissions?: string;
  /** What its run function is given besides the usual. */
  readonly tools?: string;
  /** Lines of the workflow's step besides `uses`. */
  readonly step?: string;
  /** Text of the workflow before and after the step. */
  readonly before?: string;
  readonly after?: string;
}

/** Writes a workflow of one TypeScript plugin with this body of its run function. */
export async function writePlugin(
  project: Project,
  body: string,
  parts: Parts = {},
): Promise<void> {
  const { config = "", inputs = "{}", permissions = "{}", step = "", before = "", after = "" } =
    parts;
  const tools = parts.tools === undefined ? "" : `, ${parts.tools}`;
  await project.write(
    "plugins/mine.ts",
    `import { definePlugin, path, StepError, z } from "cairn/plugin";
export const plugin = definePlugin({
  name: "mine", kind: "other", description: "", version: 1,
  config: z.strictObject({ ${config} }), inputs: ${inputs}, permissions: ${permissions},
  outputs: { out: { type: "text", description: "" } },
  async run({ config, inputs, outputs, scratch${tools} }) {
    ${body}
    await Deno.writeTextFile(outputs.out + "/x", "x");
  },
});
`,
  );
  await project.write(
    "workflow.yaml",
    `steps:\n${before}  mine:\n    uses: ./plugins/mine.ts\n${step}${after}`,
  );
}

/** Writes and runs such a workflow. */
export async function runPlugin(
  project: Project,
  body: string,
  parts: Parts = {},
): Promise<RunResult> {
  await writePlugin(project, body, parts);
  return await project.run();
}
