// The engine is killed at random moments of a run, hundreds of times in one store: nothing that is half
// done is ever reused, nothing needs a person, and what its programs still write afterwards does no harm.
import assert from "node:assert/strict";
import { commandStep, Project, resultOf, workflowOf } from "../support/rig.ts";

const KILLS = 200;
/** Rounds in which several commands are killed beside each other. */
const ROUNDS = 50;
/** Kills of the same workflow, so that later runs build on what earlier ones left. */
const KILLS_OF_ONE = 4;
const SEED = 20_240_731;
/** Keeps the whole test within minutes on a machine that is busy with other things. */
const LATEST_KILL_MS = 700;
/** For commands beside each other, which take longer. */
const LATEST_KILL_OF_SEVERAL_MS = 2 * LATEST_KILL_MS;

const SUM = `import { definePlugin, z } from "cairn/plugin";
export const plugin = definePlugin({
  name: "sum",
  kind: "other",
  description: "adds up the numbers of its inputs",
  version: 1,
  config: z.strictObject({}),
  inputs: { left: { type: "text", description: "" }, right: { type: "text", description: "" } },
  outputs: { out: { type: "text", description: "" } },
  async run({ inputs, outputs }) {
    let sum = 0;
    for (const { path } of [inputs.left, inputs.right]) {
      for (const { name } of Deno.readDirSync(path)) sum += Number(Deno.readTextFileSync(path + "/" + name));
    }
    await Deno.writeTextFile(outputs.out + "/sum", String(sum));
  },
});
`;

/** Two lists of ten files, written slowly, and their sum. */
function workflow(version: number): string {
  const numbers = (from: number): string =>
    `for n in 0 1 2 3 4 5 6 7 8 9; do echo $((${from} + n)) > \${{ outputs.out }}/n$n; sleep 0.01; done`;
  return workflowOf([
    commandStep("left", numbers(version)),
    commandStep("middle", `cp \${{ inputs.in }}/* \${{ outputs.out }}\nsleep 0.02`, {
      inputs: "in: left.out",
    }),
    commandStep("right", numbers(1000 * version)),
    "  sum:\n    uses: ./sum.ts\n    inputs: { left: middle.out, right: right.out }\n",
  ], "publish:\n  out/list: middle.out\n  out/sum: sum.out\n");
}

/** What the workflow publishes. */
function right(version: number): Readonly<Record<string, string>> {
  const digits = [...Array(10).keys()];
  const list = digits.map((n) => [`list/n${n}`, `${version + n}\n`] as const);
  const sum = digits.reduce((sum, n) => sum + version + n + 1000 * version + n, 0);
  return { ...Object.fromEntries(list), "sum/sum": String(sum) };
}

function published(project: Project): Readonly<Record<string, string>> {
  const names = project.files("out").filter((name) => !name.endsWith(".cairn-published.json"));
  return Object.fromEntries(
    names.map((name) => [name, Deno.readTextFileSync(project.path(`out/${name}`))]),
  );
}

/** Numbers from 0 to below 1, the same for the same seed. */
function* random(seed: number): Generator<number, never> {
  for (let state = seed;;) {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    yield ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

/** Starts a command, kills it after a while, and says whether it was still going on then. */
async function startAndKill(
  project: Project,
  afterMs: number,
  ...words: readonly string[]
): Promise<boolean> {
  const child = project.spawn(...words);
  const timer = setTimeout(() => {
    try {
      child.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended already
    }
  }, afterMs);
  const { code, out, error } = await resultOf(child);
  clearTimeout(timer);
  assert.ok(code === 0 || code === 128 + 9, `exit code ${code}:\n${out}${error}`);
  return code !== 0;
}

/** Kills a workflow's runs until enough were killed or one ended in time; says when each was killed. */
async function killSome(project: Project, delaysMs: () => number): Promise<readonly number[]> {
  const killedAfterMs: number[] = [];
  while (killedAfterMs.length < KILLS_OF_ONE) {
    const afterMs = delaysMs();
    if (!await startAndKill(project, afterMs, "run", "workflow.yaml")) break;
    killedAfterMs.push(afterMs);
  }
  return killedAfterMs;
}

async function durationMs(work: () => Promise<unknown>): Promise<number> {
  const startedAtMs = performance.now();
  await work();
  return performance.now() - startedAtMs;
}

Deno.test(`a store survives ${KILLS} runs killed at random moments`, async (test) => {
  const fractions = random(SEED);
  await using project = await Project.make({ "sum.ts": SUM, "workflow.yaml": workflow(0) });
  await project.spawnToEnd("run", "workflow.yaml");
  await project.write("workflow.yaml", workflow(KILLS)); // as much to do as any later version has
  const wholeMs = await durationMs(() => project.spawnToEnd("run", "workflow.yaml"));
  const latestMs = Math.min(wholeMs, LATEST_KILL_MS);
  let killed = 0;
  for (let version = 1; killed < KILLS; version++) {
    assert.ok(version < KILLS, "runs are killed before their end");
    await project.write("workflow.yaml", workflow(version));
    const moments = await killSome(project, () => Math.round(fractions.next().value * latestMs));
    killed += moments.length;
    const left = project.files(".cairn/tmp").length;
    const run = await project.run();
    const reused = Object.values(run.steps).filter((end) => end === "reused").length;
    // The names of the steps are the log of this test.
    const what = moments.length === 0 ? "ended in time" : `killed after ${moments.join(", ")} ms`;
    const log = `${what}: ${left} files left in tmp, ${reused} of 4 reused`;
    await test.step(log, () => {
      assert.deepEqual([run.code, run.error], [0, ""]);
      assert.deepEqual(published(project), right(version));
      assert.deepEqual(project.files(".cairn/tmp"), []);
    });
    await assertNothingWrong(project);
  }
  await test.step(`${killed} runs of about ${Math.round(wholeMs)} ms were killed`, () => {
    assert.deepEqual(project.files(".cairn/quarantine"), []);
  });
});

/** Every object is read again, and every run can be told of. */
async function assertNothingWrong(project: Project): Promise<void> {
  const verified = await project.cairn("verify");
  assert.equal(verified.code, 0, verified.out);
  assert.equal((await project.cairn("runs")).code, 0);
}

Deno.test(`a store survives ${ROUNDS} rounds of two runs and a collection killed at random moments`, async (test) => {
  const fractions = random(SEED + 1);
  await using project = await Project.make({ "sum.ts": SUM, "workflow.yaml": workflow(0) });
  await project.spawnToEnd("run", "workflow.yaml");
  const commands = [
    ["run", "workflow.yaml"],
    ["run", "workflow.yaml"],
    ["gc", "--keep-runs", "1"],
  ] as const;
  await project.write("workflow.yaml", workflow(ROUNDS + 1)); // as much to do as any round has
  const wholeMs = await durationMs(() =>
    Promise.all(commands.map((words) => project.spawnToEnd(...words)))
  );
  const latestMs = Math.min(wholeMs, LATEST_KILL_OF_SEVERAL_MS);
  let killed = 0;
  for (let round = 1; round <= ROUNDS; round++) {
    await project.write("workflow.yaml", workflow(round));
    const ends = await Promise.all(commands.map(async (words) => {
      const afterMs = Math.round(fractions.next().value * latestMs);
      const isKilled = await startAndKill(project, afterMs, ...words);
      if (isKilled) killed++;
      return `${words[0]} ${isKilled ? `killed after ${afterMs} ms` : "ended in time"}`;
    }));
    const run = await project.run();
    const reused = Object.values(run.steps).filter((end) => end === "reused").length;
    await test.step(`${ends.join(", ")}: ${reused} of 4 reused`, async () => {
      assert.deepEqual([run.code, run.error], [0, ""]);
      assert.deepEqual(published(project), right(round));
      assert.deepEqual(project.files(".cairn/tmp"), []);
      await assertNothingWrong(project);
    });
  }
  assert.ok(killed > ROUNDS, `${killed} of ${3 * ROUNDS} were killed`);
});
