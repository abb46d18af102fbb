// Probes of what happens while a step runs: the engine is killed, its input is edited, another run does the same.
import assert from "node:assert/strict";
import { resultOf, type RunResult } from "../support/rig.ts";
import { Chain } from "./chain.ts";
import type { Probe } from "./probe.ts";

/** A's result came of a file that moved under it: it is neither kept nor published. */
function isDistrusted(run: RunResult): void {
  assert.match(run.of("step-finished")[0]?.unreusable ?? "", /in\.txt" changed while/);
  assert.deepEqual(run.of("published"), []);
  assert.equal(run.code, 1);
}

export const movingProbes: readonly Probe[] = [
  {
    number: 10,
    name: "SIGKILL in the middle of a step, run again",
    check: async (kind) => {
      await using chain = await Chain.make(kind);
      await chain.hold("start");
      const engine = chain.project.spawn("run", "workflow.yaml");
      await chain.isHeld("start"); // its output holds "half" now
      engine.kill("SIGKILL");
      await resultOf(engine);
      assert.deepEqual(chain.project.files("out"), []);
      await chain.letGo("start");
      await chain.ends("ran", "ran");
      await chain.shows("abc\n");
      await chain.isQuiet(); // what the killed engine's step still wrote has changed nothing
      await chain.ends("reused", "reused");
      await chain.shows("abc\n");
    },
  },
  {
    number: 11,
    name: "input edited during the run, then straight back",
    check: async (kind) => {
      await using chain = await Chain.make(kind, { source: "file" });
      await chain.hold("start");
      await chain.hold("end");
      const run = chain.project.run();
      await chain.isHeld("start");
      await chain.editUnnoticed("x y z\n");
      await chain.letGo("start");
      await chain.isHeld("end");
      await chain.editUnnoticed("a b c\n");
      await chain.letGo("end");
      isDistrusted(await run);
      await chain.ends("ran", "ran");
      await chain.shows("abc\n");
      await chain.ends("reused", "reused");
    },
  },
  {
    number: 12,
    name: "same, with one run on the new content in between",
    check: async (kind) => {
      await using chain = await Chain.make(kind, { source: "file" });
      await chain.hold("start");
      const run = chain.project.run();
      await chain.isHeld("start");
      await chain.editUnnoticed("x y z\n");
      await chain.letGo("start");
      isDistrusted(await run);
      // What the first run made is not A's result for the new content either; B's is, for it has just these bytes.
      await chain.ends("ran", "reused");
      await chain.shows("xyz\n");
      await chain.editUnnoticed("a b c\n");
      await chain.ends("ran", "ran");
      await chain.shows("abc\n");
      await chain.ends("reused", "reused");
    },
  },
  {
    number: 15,
    name: "several runs at once: each step once, all right",
    check: async (kind) => {
      await using chain = await Chain.make(kind);
      const runs = [1, 2, 3].map(() => chain.project.spawnToEnd("run", "workflow.yaml"));
      for (const { code, out, error } of await Promise.all(runs)) {
        assert.equal(code, 0, out + error);
      }
      await chain.hasRun(1, 1);
      await chain.shows("abc\n");
      assert.deepEqual(chain.project.files(".cairn/tmp"), []);
    },
  },
];
