// How much memory processes take, as seen from outside.
import assert from "node:assert/strict";
import { runChild } from "../../../../engine/run/process/child_process.ts";
import {
  type MemorySample,
  MemoryWatch,
  parseSample,
} from "../../../../engine/run/process/memory_watch.ts";

const isLinux = Deno.build.os === "linux";

// A kernel thread, then two processes of one group and one of another, as Linux 6.8 prints them.
const RECORDED = `NSpgid:\t0
NSpgid:\t812
VmHWM:\t  204800 kB
VmRSS:\t    1024 kB
NSpgid:\t812
VmHWM:\t    3072 kB
VmRSS:\t    2048 kB
NSpgid:\t990\t7
VmHWM:\t  102400 kB
VmRSS:\t  102400 kB
oom_kill 3
oom_kill 1
`;

Deno.test("a group takes what its processes take now, or what one of them took before", () => {
  const { groups, kills } = parseSample(RECORDED);
  assert.deepEqual([...groups], [[812, 204800 * 1024], [990, 102400 * 1024]]);
  assert.equal(kills, 4);
  assert.deepEqual(parseSample(""), { groups: new Map(), kills: undefined });
});

/** A watch on group 1 whose samples the test decides; waits until it has looked once. */
async function watched(...samples: readonly MemorySample[]): Promise<MemoryWatch> {
  const looked = Promise.withResolvers<void>();
  let at = 0;
  const watch = new MemoryWatch(() => {
    looked.resolve();
    return Promise.resolve(samples[Math.min(at++, samples.length - 1)]);
  });
  watch.start(1);
  await looked.promise;
  return watch;
}

const sample = (bytes: number, kills: number | undefined): MemorySample => ({
  groups: new Map([[1, bytes]]),
  kills,
});

Deno.test({
  name: "who was killed when the kernel's count of such kills rose, was killed for lack of memory",
  ignore: !isLinux,
  fn: async () => {
    const rose = await watched(sample(5, 7), sample(0, 8));
    assert.deepEqual(await rose.end(1, { isSuspect: true }), {
      peakBytes: 5,
      wasKilledForMemory: true,
    });
    const same = await watched(sample(5, 7), sample(0, 7));
    assert.equal((await same.end(1, { isSuspect: true })).wasKilledForMemory, false);
    const silent = await watched(sample(5, undefined));
    assert.equal((await silent.end(1, { isSuspect: true })).wasKilledForMemory, undefined);
  },
});

Deno.test("nobody looks for the sake of a short process", async () => {
  const watch = new MemoryWatch(() => assert.fail("looked"));
  for (let group = 1; group <= 1000; group++) {
    watch.start(group);
    const use = await watch.end(group, { isSuspect: false });
    assert.deepEqual(use, { peakBytes: undefined, wasKilledForMemory: undefined });
  }
});

Deno.test({
  name: "the peak of a process and of its child is seen",
  ignore: !isLinux,
  fn: async () => {
    const MEBIBYTE = 2 ** 20;
    const fill = "const kept = new Uint8Array(150 * 2 ** 20).fill(1); " +
      "setTimeout(() => Deno.exit(kept[9] - 1), 2500)";
    const { peakMemoryBytes = 0, ...end } = await runChild({
      program: "/bin/sh",
      args: [
        "-c",
        `"${Deno.execPath()}" eval '${fill}' & "${Deno.execPath()}" eval '${fill}'; wait`,
      ],
      env: { PATH: Deno.env.get("PATH") ?? "", HOME: Deno.env.get("HOME") ?? "" },
      cwd: "/tmp",
      signal: new AbortController().signal,
      onLine: () => {},
    });
    assert.deepEqual(end, { how: "exited", code: 0 });
    assert.ok(peakMemoryBytes > 300 * MEBIBYTE, `${peakMemoryBytes / MEBIBYTE} MiB`);
    assert.ok(peakMemoryBytes < 1000 * MEBIBYTE, `${peakMemoryBytes / MEBIBYTE} MiB`);
  },
});
