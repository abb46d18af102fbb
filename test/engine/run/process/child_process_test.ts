// A child process: its lines, its limits, and its certain end.
import assert from "node:assert/strict";
import {
  type ChildEnd,
  type ChildSpec,
  runChild,
} from "../../../../engine/run/process/child_process.ts";
import { eventually, isAlive } from "../../../support/rig.ts";

const never = new AbortController().signal;

/** Runs a shell script; gives how it ended and its lines. */
async function shell(
  script: string,
  options: Partial<ChildSpec> = {},
): Promise<{ readonly end: ChildEnd; readonly lines: readonly string[] }> {
  const lines: string[] = [];
  // How much memory it took depends on whether anybody looked.
  const { peakMemoryBytes: _, ...end } = await runChild({
    program: "sh",
    args: ["-c", script],
    env: { PATH: Deno.env.get("PATH") ?? "" },
    cwd: "/tmp",
    signal: never,
    onLine: (line) => lines.push(line),
    ...options,
  });
  return { end, lines };
}

/** Runs a script that prints process ids; aborts once it has printed so many lines. */
async function shellUntilPrinted(
  count: number,
  script: string,
): Promise<{ readonly end: ChildEnd; readonly pids: readonly number[] }> {
  const controller = new AbortController();
  const pids: number[] = [];
  const { end } = await shell(script, {
    signal: controller.signal,
    onLine: (line) => {
      pids.push(Number(line));
      if (pids.length === count) controller.abort();
    },
  });
  return { end, pids };
}

async function ended(pids: readonly number[]): Promise<void> {
  for (const pid of pids) {
    await eventually(`process ${pid} to end`, async () => await isAlive(pid) ? undefined : true);
  }
}

Deno.test("lines of both streams arrive, the last one also without its end", async () => {
  const { end, lines } = await shell("echo one; echo two >&2; echo; printf three");
  assert.deepEqual(end, { how: "exited", code: 0 });
  assert.deepEqual([...lines].sort(), ["", "one", "three", "two"]);
});

Deno.test("the exit code and the signal of an end are told", async () => {
  assert.deepEqual((await shell("exit 7")).end, { how: "exited", code: 7 });
  assert.deepEqual((await shell("kill -SEGV $$")).end, { how: "killed", signal: "SIGSEGV" });
});

Deno.test("a child sees the environment that it is given and no other", async () => {
  const { lines } = await shell("env | grep -v -e ^PWD= -e ^SHLVL= -e ^_=", {
    env: { PATH: "/usr/bin:/bin", A: "b" },
  });
  assert.deepEqual([...lines].sort(), ["A=b", "PATH=/usr/bin:/bin"]);
});

Deno.test("a program that does not exist is an error of its own", async () => {
  await assert.rejects(shell("", { program: "/no/such/program" }), Deno.errors.NotFound);
});

Deno.test("input is written and stays open until the child ends", async () => {
  const { end, lines } = await shell("read line; echo got $line", { input: "hello\n" });
  assert.deepEqual([end, lines], [{ how: "exited", code: 0 }, ["got hello"]]);
  assert.deepEqual((await shell("exit 0", { input: "unread\n".repeat(100_000) })).end, {
    how: "exited",
    code: 0,
  });
});

Deno.test("a child that takes too long is ended with all that it started", async () => {
  const { end, lines } = await shell("echo $$; sleep 100 & echo $!; wait", { timeoutMs: 100 });
  assert.deepEqual(end, { how: "timed-out" });
  assert.equal(lines.length, 2);
  await ended(lines.map(Number));
});

Deno.test("a cancelled child is ended with all that it started", async () => {
  const { end, pids } = await shellUntilPrinted(
    3,
    "echo $$; (sleep 100 & echo $!; sh -c 'echo $$; sleep 100'); wait",
  );
  assert.deepEqual(end, { how: "cancelled" });
  await ended(pids);
});

Deno.test("a cancelled child that ignores the request is killed after its grace", async () => {
  const { end, pids } = await shellUntilPrinted(
    1,
    "trap '' TERM; echo $$; while :; do sleep 1; done",
  );
  assert.deepEqual(end, { how: "cancelled" });
  await ended(pids);
});

Deno.test("a child cancelled before it began ends at once", async () => {
  const { end } = await shell("sleep 100", { signal: AbortSignal.abort() });
  assert.deepEqual(end, { how: "cancelled" });
});

Deno.test("what a child leaves behind is ended when the child ends", async () => {
  const { end, lines } = await shell("sleep 100 & echo $!");
  assert.deepEqual(end, { how: "exited", code: 0 });
  await ended(lines.map(Number));
});

Deno.test("a process that fled the group cannot keep the step from ending", async () => {
  const { end, lines } = await shell("setsid sh -c 'echo $$; exec sleep 100' & sleep 0.2");
  try {
    assert.deepEqual(end, { how: "exited", code: 0 });
  } finally {
    Deno.kill(Number(lines[0]), "SIGKILL");
  }
});

Deno.test("20 MB of output without a line's end come in bounded pieces", async () => {
  let total = 0;
  let longest = 0;
  const { end } = await shell("head -c 20000000 /dev/zero | tr '\\0' x", {
    onLine: (line) => {
      total += line.length;
      longest = Math.max(longest, line.length);
    },
  });
  assert.deepEqual([end, total], [{ how: "exited", code: 0 }, 20_000_000]);
  assert.ok(longest <= 500_000, `the longest piece has ${longest} characters`);
});

Deno.test("characters that fall between two chunks stay whole", async () => {
  const { lines } = await shell("printf 'a\\303'; sleep 0.05; printf '\\244b\\n'");
  assert.deepEqual(lines, ["aäb"]);
});
