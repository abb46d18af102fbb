// A file of many gigabytes goes through the store, a consumer and publication without ever being in memory.
// CAIRN_LARGE_GB says how many; the file is sparse where it is made, and whole once it is published.
import assert from "node:assert/strict";
import { statfsSync } from "node:fs";
import { commandStep, Project, resultOf, workflowOf } from "../support/rig.ts";

const GIGABYTES = Number(Deno.env.get("CAIRN_LARGE_GB") ?? 4);
const LARGE = GIGABYTES * 1e9;
const MOST_MB = 100;

/** Looks at its input without reading it: what it is given is the store's own file. */
const MEASURE = `import { definePlugin, z } from "cairn/plugin";
export const plugin = definePlugin({
  name: "measure", kind: "other", description: "tells how large its input is", version: 1,
  config: z.strictObject({}),
  inputs: { in: { type: "text", description: "" } },
  outputs: { out: { type: "text", description: "" } },
  async run({ inputs, outputs }) {
    const { size, nlink } = await Deno.stat(inputs.in.path + "/large");
    await Deno.writeTextFile(outputs.out + "/size", size + (nlink > 1 ? " shared" : " copied"));
  },
});
`;

/** Makes a file of a size, measures it, and publishes both. */
function workflow(bytes: number): string {
  return workflowOf([
    commandStep("make", `truncate -s ${bytes} \${{ outputs.out }}/large`),
    "  measure: { uses: ./measure.ts, inputs: { in: make.out } }\n",
  ], "publish:\n  out/large: make.out\n  out/size: measure.out\n");
}

/** Runs in a process of its own; gives what it printed and how much memory it had at most, megabytes. */
async function runMeasured(
  project: Project,
): Promise<{ readonly out: string; readonly peakMb: number }> {
  const child = project.spawn("run", "workflow.yaml");
  let peakKib = 0;
  const timer = setInterval(() => peakKib = Math.max(peakKib, peakKibOf(child.pid)), 5);
  const { code, out, error } = await resultOf(child);
  clearInterval(timer);
  assert.deepEqual([code, error], [0, ""], out);
  assert.ok(peakKib > 0, "the engine's memory was seen");
  return { out, peakMb: peakKib * 1024 / 1e6 };
}

/** The most memory that a process had so far; it is kept by the system, so that looking late misses nothing. */
function peakKibOf(pid: number): number {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0);
  } catch {
    return 0; // it has just ended
  }
}

async function projectWith(bytes: number): Promise<Project> {
  return await Project.make({ "measure.ts": MEASURE, "workflow.yaml": workflow(bytes) });
}

function lackOf(): string | undefined {
  if (Deno.build.os !== "linux") return "needs /proc";
  const { bavail, bsize } = statfsSync(Deno.env.get("TMPDIR") ?? "/tmp");
  return bavail * bsize < 3 * LARGE ? `needs ${3 * GIGABYTES} GB of free disk` : undefined;
}

const lack = lackOf();
const name = `an artifact of ${GIGABYTES} GB takes less than ${MOST_MB} MB of memory`;

Deno.test({
  name: lack === undefined ? name : `${name} (skipped: ${lack})`,
  ignore: lack !== undefined,
  fn: async (test) => {
    await using small = await projectWith(1000);
    const { peakMb: usualMb } = await runMeasured(small);
    await using project = await projectWith(LARGE);
    const first = await runMeasured(project);
    assert.match(first.out, /: 2 ran$/m);
    assert.equal(await project.read("out/size/size"), `${LARGE} shared`);
    assert.equal((await Deno.stat(project.path("out/large/large"))).size, LARGE);
    const second = await runMeasured(project);
    assert.match(second.out, /: 2 reused$/m);
    for (const [what, { peakMb }] of [["made", first], ["reused", second]] as const) {
      const more = peakMb - usualMb;
      const log = `${what}: ${Math.round(peakMb)} MB at most, ` +
        `${Math.round(more)} MB more than the ${Math.round(usualMb)} MB of a run with 1 kB`;
      await test.step(log, () => assert.ok(more < MOST_MB));
    }
  },
});
