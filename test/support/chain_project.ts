// A project with one step that saves checkpoints, and tells outside of its outputs how much it really does.
import assert from "node:assert/strict";
import { commandStep, Project, resultOf, type RunResult, workflowOf } from "./rig.ts";

/**
 * Counts to `upTo` and mixes each number with what came before. Outside of its outputs it lists each number that
 * it really comes to, and waits at the one in `stop` until there is `go`.
 */
export const CHAIN_PLUGIN = `import { definePlugin, monotone, path, z } from "cairn/plugin";
export const plugin = definePlugin({
  name: "chain",
  kind: "other",
  description: "a chain of numbers",
  version: 1,
  config: z.strictObject({
    upTo: monotone(z.int().default(3), { when: { end: "open" } }).describe("last number"),
    end: z.enum(["open", "fixed"]).default("open").describe("whether the last number matters"),
    factor: z.int().default(7).describe("what is multiplied with"),
    data: path("file").optional().describe("a file"),
  }),
  inputs: { in: { type: "text", description: "", optional: true } },
  outputs: { out: { type: "text", description: "" } },
  permissions: { shared: ["outside"] },
  async run({ config, outputs, shared: { outside }, checkpoint, seed, signal }) {
    const read = (path) => Deno.readTextFile(path).catch(() => "");
    const found = await checkpoint.latest(config.upTo);
    let { at, value } = found === undefined
      ? { at: 0, value: seed }
      : JSON.parse(await read(found.path + "/deep/state.json"));
    while (at < config.upTo) {
      value = (value * config.factor + ++at) % 1000003;
      await Deno.writeTextFile(outside + "/list", at + "\\n", { append: true });
      if (await read(outside + "/stop") === String(at)) {
        await Deno.writeTextFile(outside + "/waiting", "x");
        while (await read(outside + "/go") === "") {
          signal.throwIfAborted();
          await new Promise((next) => setTimeout(next, 2));
        }
      }
      await checkpoint.save(at, async (folder) => {
        await Deno.mkdir(folder + "/deep");
        await Deno.writeTextFile(folder + "/deep/state.json", JSON.stringify({ at, value }));
      });
    }
    await Deno.writeTextFile(outputs.out + "/value", String(value));
  },
});
`;

/** What the step is asked for. */
export interface Asked {
  readonly upTo: number;
  readonly end?: string;
  readonly factor?: number;
  readonly seed?: number;
  readonly data?: string;
  /** What a step before it makes. */
  readonly input?: string;
}

/** What the step must make. */
export function right({ upTo, factor = 7, seed = 0 }: Asked): string {
  let value = seed;
  for (let at = 1; at <= upTo; at++) value = (value * factor + at) % 1000003;
  return String(value);
}

/** Writes the workflow. */
export async function ask(project: Project, asked: Asked): Promise<void> {
  const { seed = 0, input, ...options } = asked;
  const inputs = input === undefined ? "" : "    inputs: { in: before.out }\n";
  const steps = [
    ...(input === undefined
      ? []
      : [commandStep("before", `echo ${input} > \${{ outputs.out }}/x`)]),
    `  a:\n    uses: ./chain.ts\n    seed: ${seed}\n    with: ${
      JSON.stringify(options)
    }\n${inputs}`,
  ];
  await project.write("workflow.yaml", workflowOf(steps, "publish:\n  out: a.out\n"));
}

/** A project with the plugin. */
export async function chainProject(): Promise<Project> {
  return await Project.make({ "chain.ts": CHAIN_PLUGIN, "data.txt": "data" });
}

/** Numbers that the step came to since this was last asked. */
export async function takeList(project: Project): Promise<readonly number[]> {
  const numbers = (await project.lines(".cairn/outside/list")).map(Number);
  await project.write(".cairn/outside/list", "");
  return numbers;
}

/** Runs to the end and checks the result; gives the numbers that were come to. */
export async function runRight(
  project: Project,
  asked: Asked,
  ...flags: readonly string[]
): Promise<{ readonly run: RunResult; readonly taken: readonly number[] }> {
  await ask(project, asked);
  const run = await project.run(...flags);
  assert.deepEqual([run.code, run.error], [0, ""]);
  assert.equal(run.steps["a"], "ran", "it is not reused here");
  assert.equal(await project.read("out/value"), right(asked));
  return { run, taken: await takeList(project) };
}

/** Files of all checkpoints. */
export function checkpoints(project: Project): readonly string[] {
  return project.files(".cairn/checkpoints");
}

/** Runs until it is killed at a moment. */
export async function runKilled(project: Project, asked: Asked, moment: string): Promise<void> {
  await ask(project, asked);
  const killed = await resultOf(
    project.spawnWith({ CAIRN_CRASH_AT: moment }, "run", "workflow.yaml"),
  );
  assert.equal(killed.code, 128 + 9, `it was to be killed at ${moment}:\n${killed.error}`);
}
