// The engine is killed at random moments while a step saves checkpoints: the result is always the right one,
// and each run goes on at least where the last one had come to.
import assert from "node:assert/strict";
import { seededRandom } from "../../plugins/random.ts";
import { ask, chainProject, right, takeList } from "../support/chain_project.ts";
import { resultOf } from "../support/rig.ts";

const KILLS = 60;
const EARLIEST_KILL_MS = 150;
const LATEST_KILL_MS = 600;

Deno.test(`a step that saves checkpoints survives ${KILLS} random kills`, async () => {
  await using project = await chainProject();
  const random = seededRandom(1);
  let [seed, reached] = [0, 0];
  for (let kill = 0; kill < KILLS; kill++) {
    const asked = { upTo: 400, seed };
    await ask(project, asked);
    const running = project.spawn("run", "workflow.yaml");
    const afterMs = EARLIEST_KILL_MS + random() * (LATEST_KILL_MS - EARLIEST_KILL_MS);
    const timer = setTimeout(() => running.kill("SIGKILL"), afterMs);
    const { code, error } = await resultOf(running);
    clearTimeout(timer);
    assert.ok(code === 0 || code === 128 + 9, error);
    const taken = await takeList(project);
    // The last number may have been come to without being saved.
    if (taken.length > 0) {
      assert.ok(taken[0]! >= reached && taken[0]! <= reached + 1, `${reached}: ${taken}`);
    }
    reached = taken.at(-1) ?? reached;
    const verified = await project.cairn("verify");
    assert.equal(verified.code, 0, verified.out);
    if (code !== 0) continue;
    assert.equal(await project.read("out/value"), right(asked));
    [seed, reached] = [seed + 1, 0];
  }
  const last = await project.run();
  assert.deepEqual([last.code, await project.read("out/value")], [0, right({ upTo: 400, seed })]);
  assert.deepEqual(project.files(".cairn/tmp"), []);
});
