// A step that saves checkpoints goes on from them after a kill, and under options that say only how far to go:
// its result is always the one of a run that did all of the work.
import assert from "node:assert/strict";
import { CHECKPOINT_CRASH_POINTS } from "../../engine/cache/crash_points.ts";
import {
  ask,
  type Asked,
  CHAIN_PLUGIN,
  chainProject,
  checkpoints,
  right,
  runKilled,
  runRight,
  takeList,
} from "../support/chain_project.ts";
import { type Project, resultOf } from "../support/rig.ts";

Deno.test("a killed step goes on at its last checkpoint, and everything says so", async () => {
  await using project = await chainProject();
  await runKilled(project, { upTo: 4 }, "checkpoint-kept:2");
  assert.deepEqual(await takeList(project), [1, 2]);
  const [killed] = [...Deno.readDirSync(project.path(".cairn/runs"))];
  const from = { run: killed?.name, at: 2 };
  const explained = await project.cairn("explain", "workflow.yaml");
  assert.match(
    explained.out,
    new RegExp(`will run +it has not run before; run ${from.run} left a checkpoint at 2\n`),
  );
  const { code, out } = await project.cairn("run", "workflow.yaml");
  assert.equal(code, 0);
  assert.match(out, new RegExp(`^ran .+, resumed at 2 of run ${from.run}$`, "m"));
  assert.deepEqual(await takeList(project), [3, 4]);
  assert.equal(await project.read("out/value"), right({ upTo: 4 }));
  const [record] = project.files(".cairn/actions");
  assert.deepEqual(
    JSON.parse(await project.read(`.cairn/actions/${record}`)).record.resumedFrom,
    from,
  );
  const again = await project.run();
  assert.deepEqual(again.steps, { a: "reused" });
  assert.deepEqual(await takeList(project), []);
});

Deno.test("a run that is killed at any point of saving a checkpoint is made good by the next", async (test) => {
  await using project = await chainProject();
  const later = ["checkpoint-staged:2", "checkpoint-written:3", "checkpoint-saved:4"];
  for (const [at, moment] of [...CHECKPOINT_CRASH_POINTS, ...later].entries()) {
    await test.step(moment, async () => {
      const asked = { upTo: 5, seed: at + 1 };
      await runKilled(project, asked, moment);
      const before = await takeList(project);
      const { taken } = await runRight(project, asked);
      assert.equal(taken.at(-1), 5);
      assert.ok(before.length + taken.length <= 6, `${before} and ${taken}: one is lost at most`);
      assert.deepEqual(project.files(".cairn/tmp"), []);
      const verified = await project.cairn("verify");
      assert.deepEqual([verified.code, verified.error], [0, ""], verified.out);
    });
  }
});

Deno.test("a larger number goes on where the smaller one ended", async () => {
  await using project = await chainProject();
  assert.deepEqual((await runRight(project, { upTo: 5 })).taken, [1, 2, 3, 4, 5]);
  const { run, taken } = await runRight(project, { upTo: 8 });
  assert.deepEqual(taken, [6, 7, 8]);
  assert.equal(run.of("step-finished")[0]?.resumedFrom?.at, 5);
  assert.equal(checkpoints(project).filter((name) => name.endsWith("record.json")).length, 2);
});

Deno.test("a smaller number uses a checkpoint before it, or starts anew", async () => {
  await using project = await chainProject();
  await runRight(project, { upTo: 6 });
  const near = await runRight(project, { upTo: 5 });
  assert.deepEqual([near.taken, near.run.of("step-finished")[0]?.resumedFrom?.at], [[], 5]);
  const far = await runRight(project, { upTo: 3 });
  assert.deepEqual([far.taken, far.run.of("step-finished")[0]?.resumedFrom], [
    [1, 2, 3],
    undefined,
  ]);
  // The newest stay, not the furthest: so a kill now would lose nothing.
  assert.deepEqual((await runRight(project, { upTo: 4 })).taken, [4]);
});

Deno.test("where the number matters, no checkpoint of another number is used", async () => {
  await using project = await chainProject();
  await runRight(project, { upTo: 3, end: "fixed" });
  assert.deepEqual((await runRight(project, { upTo: 4, end: "fixed" })).taken, [1, 2, 3, 4]);
  await runKilled(project, { upTo: 5, end: "fixed" }, "checkpoint-kept:3");
  await takeList(project);
  assert.deepEqual((await runRight(project, { upTo: 5, end: "fixed" })).taken, [4, 5]);
});

for (
  const [what, change, after] of [
    ["another option", () => Promise.resolve(), { upTo: 4, factor: 8 }],
    ["another seed", () => Promise.resolve(), { upTo: 4, seed: 1 }],
    ["another input", () => Promise.resolve(), { upTo: 4, input: "other" }],
    [
      "another file",
      (project) => project.write("data.txt", "other"),
      { upTo: 4, data: "data.txt" },
    ],
    [
      "other code",
      (project) => project.write("chain.ts", `${CHAIN_PLUGIN}// other\n`),
      { upTo: 4, data: "data.txt" },
    ],
  ] satisfies [string, (project: Project) => Promise<void>, Asked][]
) {
  Deno.test(`a step with ${what} uses no checkpoint`, async () => {
    await using project = await chainProject();
    await runRight(project, { upTo: 3, data: "data.txt" });
    await change(project);
    assert.deepEqual((await runRight(project, { data: "data.txt", ...after })).taken, [1, 2, 3, 4]);
  });
}

for (
  const [what, damage, taken] of [
    ["altered", (path) => Deno.writeTextFile(path, '{"at":3,"value":1}'), [3, 4]],
    ["truncated", (path) => Deno.truncate(path, 5), [3, 4]],
    ["missing", (path) => Deno.remove(path), [3, 4]],
  ] satisfies [string, (path: string) => Promise<void>, readonly number[]][]
) {
  for (const part of ["deep/state.json", "record.json"]) {
    Deno.test(`a checkpoint whose ${part} is ${what} gives way to the one before it`, async () => {
      await using project = await chainProject();
      await runRight(project, { upTo: 3 });
      const newest = checkpoints(project).filter((name) => name.endsWith(part)).at(-1);
      await damage(project.path(`.cairn/checkpoints/${newest}`));
      assert.deepEqual((await runRight(project, { upTo: 4 })).taken, taken);
      const verified = await project.cairn("verify");
      assert.deepEqual([verified.code, verified.out.match(/2 checkpoints/)?.length], [0, 1]);
    });
  }
}

Deno.test("where every checkpoint is damaged the step starts anew", async () => {
  await using project = await chainProject();
  await runRight(project, { upTo: 3 });
  for (const name of checkpoints(project)) {
    await Deno.writeTextFile(project.path(`.cairn/checkpoints/${name}`), "bad");
  }
  assert.deepEqual((await runRight(project, { upTo: 4 })).taken, [1, 2, 3, 4]);
});

Deno.test("once an input changed no checkpoint is kept, and the run says it once", async () => {
  await using project = await chainProject();
  await project.write(".cairn/outside/stop", "2");
  await ask(project, { upTo: 5, data: "data.txt" });
  const running = project.spawn("run", "workflow.yaml");
  await project.appears(".cairn/outside/waiting");
  await project.write("data.txt", "edited");
  await project.write(".cairn/outside/go", "go");
  const { out } = await resultOf(running);
  assert.match(out, /^ran /m);
  const told = out.match(/^warning .+no checkpoint is kept any more: ".+data.txt" changed while/gm);
  assert.equal(told?.length, 1, out);
  const kept = checkpoints(project).filter((name) => name.endsWith("state.json"));
  const states = await Promise.all(kept.map((name) => project.read(`.cairn/checkpoints/${name}`)));
  assert.deepEqual(states.map((text) => JSON.parse(text).at), [1], "only the one before the edit");
  await project.write("data.txt", "data");
  await takeList(project);
  await project.write(".cairn/outside/stop", "");
  const { taken } = await runRight(project, { upTo: 5, data: "data.txt" });
  assert.deepEqual(taken, [2, 3, 4, 5]);
});

Deno.test("once bytes of an input were altered no checkpoint is kept", async () => {
  await using project = await chainProject();
  await project.write(".cairn/outside/stop", "2");
  await ask(project, { upTo: 4, input: "word" });
  const running = project.spawn("run", "workflow.yaml");
  await project.appears(".cairn/outside/waiting");
  const [shown] = project.files(".cairn/views");
  await Deno.chmod(project.path(`.cairn/views/${shown}`), 0o644);
  await project.write(`.cairn/views/${shown}`, "evil");
  await project.write(".cairn/outside/go", "go");
  const { out } = await resultOf(running);
  assert.match(out, /no checkpoint is kept any more/);
  assert.equal(checkpoints(project).filter((name) => name.endsWith("record.json")).length, 1);
});

Deno.test("a step that is forced does all of its work, and its checkpoints replace the older ones", async () => {
  await using project = await chainProject();
  await runRight(project, { upTo: 5 });
  const { run, taken } = await runRight(project, { upTo: 2 }, "--force", "a");
  assert.deepEqual([taken, run.of("step-finished")[0]?.resumedFrom], [[1, 2], undefined]);
  assert.deepEqual((await runRight(project, { upTo: 6 })).taken, [3, 4, 5, 6]);
});

Deno.test("steps that save under one key at once do not disturb each other", async () => {
  await using project = await chainProject();
  const step = (name: string, upTo: number): string =>
    `  ${name}:\n    uses: ./chain.ts\n    with: { upTo: ${upTo} }\n`;
  const steps = [20, 30, 40].map((upTo) => step(`to${upTo}`, upTo)).join("");
  await project.write(
    "workflow.yaml",
    `steps:\n${steps}publish:\n  out/a: to20.out\n  out/b: to30.out\n  out/c: to40.out\n`,
  );
  const run = await project.run();
  assert.deepEqual([run.code, run.error], [0, ""]);
  const values = await Promise.all(
    ["a", "b", "c"].map((name) => project.read(`out/${name}/value`)),
  );
  assert.deepEqual(values, [20, 30, 40].map((upTo) => right({ upTo })));
  assert.deepEqual(project.files(".cairn/tmp"), []);
  assert.equal((await project.cairn("verify")).code, 0);
});

Deno.test("a store that cannot keep a checkpoint fails the step with words", async () => {
  await using project = await chainProject();
  await project.write(".cairn/checkpoints", "in the way");
  await ask(project, { upTo: 2 });
  const { failure } = await project.run();
  assert.match(failure.message, /Not a directory/i);
});

Deno.test("a step that is interrupted goes on at its last checkpoint", async () => {
  await using project = await chainProject();
  await project.write(".cairn/outside/stop", "3");
  await ask(project, { upTo: 4 });
  const running = project.spawn("run", "workflow.yaml");
  await project.appears(".cairn/outside/waiting");
  running.kill("SIGINT");
  assert.equal((await resultOf(running)).code, 130);
  await project.write(".cairn/outside/stop", "");
  await takeList(project);
  assert.deepEqual((await runRight(project, { upTo: 4 })).taken, [3, 4]);
});

Deno.test("a link in a checkpoint fails the step with words", async () => {
  await using project = await chainProject();
  const linking = CHAIN_PLUGIN.replace(
    'await Deno.mkdir(folder + "/deep");',
    'await Deno.symlink("/tmp", folder + "/link");',
  );
  await project.write("chain.ts", linking);
  await ask(project, { upTo: 2 });
  const run = await project.run();
  assert.match(run.failure.message, /link/);
});
