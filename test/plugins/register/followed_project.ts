// A project whose runs are followed on an MLflow server.
import assert from "node:assert/strict";
import { builtInPlugins } from "../../../plugins/mod.ts";
import { mlflowCommand } from "../../../plugins/register/mlflow_command.ts";
import { openMlflowTracker, resolveModelAddresses } from "../../../plugins/register/run_hooks.ts";
import { Project } from "../../support/rig.ts";
import type { FakeMlflow } from "./fake_mlflow.ts";
import type { FakeRun } from "./fake_replies.ts";

/** A plugin that reports a curve. */
export const PLUGIN = `
import { definePlugin, z } from "cairn/plugin";
export const plugin = definePlugin({
  name: "curve", kind: "train", description: "Reports a curve", version: 1,
  config: z.strictObject({ points: z.int(), text: z.string().default("") }),
  inputs: {}, outputs: { out: { type: "text", description: "" } },
  async run({ config, outputs, metric }) {
    for (let at = 1; at <= config.points; at++) metric("loss", 1 / at, at);
    await Deno.writeTextFile(outputs.out + "/points.txt", String(config.points));
  },
});
`;

const WORKFLOW = `
name: followed
params: { points: { type: int, default: 3 } }
steps:
  curve: { uses: ./curve.ts, with: { points: "\${{ params.points }}" } }
  script:
    uses: command
    after: [curve]
    with:
      run: env | grep -o 'MLFLOW_[A-Z_]*=.*' | sort > outputs/out/env.txt
      outputs: { out: text }
  fails: { uses: command, after: [script], with: { run: "echo oh; exit 3" } }
publish: { out: script.out }
`;

/** A project whose runs are followed. */
export async function followedProject(
  server: Pick<FakeMlflow, "base">,
  files: Readonly<Record<string, string>> = {},
): Promise<Project> {
  const project = await Project.make({
    "workflow.yaml": WORKFLOW,
    "curve.ts": PLUGIN,
    ...files,
  });
  project.environment.set("MLFLOW_TRACKING_URI", server.base);
  project.parts = {
    builtIn: builtInPlugins,
    resolveAddresses: resolveModelAddresses,
    openTracker: openMlflowTracker,
    commands: [mlflowCommand],
  };
  return project;
}

/** The only run of a name. */
export function runNamed({ tracking }: FakeMlflow, name: string): FakeRun {
  const found = tracking.runs.filter((run) => run.name === name);
  assert.equal(found.length, 1, `one run is "${name}"`);
  return found[0]!;
}
