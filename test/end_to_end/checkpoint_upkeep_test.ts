// verify and gc where steps have saved checkpoints.
import assert from "node:assert/strict";
import { ask, chainProject, checkpoints, runRight } from "../support/chain_project.ts";
import { eventually, resultOf } from "../support/rig.ts";

Deno.test("gc keeps the checkpoints of the last runs and of those that go on, and says what goes", async () => {
  await using project = await chainProject();
  await runRight(project, { upTo: 3 });
  const kept = await project.cairn("gc", "--keep-runs", "1");
  assert.match(
    kept.out,
    /^Deletes 0 results, 0 objects \(0 B\), 0 views, 0 quarantined files and/m,
  );
  await project.write(".cairn/outside/stop", "2");
  await ask(project, { upTo: 4, factor: 9 });
  const running = project.spawn("run", "workflow.yaml");
  await project.appears(".cairn/outside/waiting");
  await project.write("other.yaml", "steps:\n  b:\n    uses: ./chain.ts\n    with: { upTo: 0 }\n");
  assert.equal((await project.cairn("run", "other.yaml")).code, 0);
  const dry = await project.cairn("gc", "--keep-runs", "1", "--dry-run");
  assert.match(dry.out, /^Deletes 1 result, .+ 0 quarantined files, 2 checkpoints \(\d+ B\) and/m);
  assert.equal(checkpoints(project).length, 2 * 3);
  await project.cairn("gc", "--keep-runs", "1");
  await eventually(
    "two checkpoints to go",
    () => Promise.resolve(checkpoints(project).length === 2 ? true : undefined),
  );
  await project.write(".cairn/outside/go", "go");
  assert.equal((await resultOf(running)).code, 0);
  assert.deepEqual([...Deno.readDirSync(project.path(".cairn/checkpoints"))].length, 2);
});

Deno.test("verify finds a damaged checkpoint and removes it", async () => {
  await using project = await chainProject();
  await runRight(project, { upTo: 3 });
  const state = checkpoints(project).find((name) => name.endsWith("state.json"));
  await Deno.writeTextFile(project.path(`.cairn/checkpoints/${state}`), "bad");
  const { code, out } = await project.cairn("verify");
  assert.equal(code, 1);
  assert.match(out, /^damaged +checkpoints\/\S+ is removed\n/);
  assert.equal((await project.cairn("verify")).code, 0);
  assert.equal(checkpoints(project).length, 2);
});
