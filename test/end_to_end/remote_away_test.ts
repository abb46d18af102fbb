// Remote stores that are full, forbidden, silent or gone: one warning, and the run ends as it would without.
import assert from "node:assert/strict";
import { SHARING_CRASH_POINTS } from "../../engine/cache/crash_points.ts";
import { filesBelow } from "../../engine/cache/disk/folders.ts";
import type { Event } from "../../engine/events/event.ts";
import { readJournal } from "../../engine/events/files/journal.ts";
import {
  commandStep,
  eventually,
  Project,
  resultOf,
  type RunResult,
  workflowOf,
} from "../support/rig.ts";
import { freePort } from "../support/s3_server.ts";
import { person, remoteFolder, RIGHT } from "../support/shared_projects.ts";
import { DROP_RIGHTS, SmallDisk, testThatNeeds } from "../support/small_disk.ts";

const CREDENTIALS = { AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret" };

/** Someone whose bucket is on a server of the test's own. */
async function personAt(port: number, workflow?: string): Promise<Project> {
  const project = await person(workflow);
  for (const [name, value] of Object.entries(CREDENTIALS)) project.environment.set(name, value);
  project.environment.set("CAIRN_REMOTE", `http://127.0.0.1:${port}/bucket/results`);
  return project;
}

/** The run went as it does without a remote store, after one warning before any step began. */
function assertUndisturbed(run: RunResult, warning: RegExp): void {
  assert.deepEqual([run.code, run.steps], [0, { a: "ran", b: "ran" }]);
  const [problem, ...others] = run.of("remote-failed");
  assert.match(problem?.message ?? "", warning);
  assert.deepEqual(others, []);
  const order = run.events.map(({ type }) => type);
  assert.ok(order.indexOf("remote-failed") < order.indexOf("step-started"));
}

Deno.test("a server that accepts and never answers holds up a run once, not at every step", async () => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted: Deno.Conn[] = [];
  const accepting = (async (): Promise<void> => {
    for await (const connection of silent) accepted.push(connection);
  })();
  await using first = await personAt((silent.addr as Deno.NetAddr).port);
  const run = await first.run();
  assert.equal(accepted.length, 1, "it is asked once");
  accepted.forEach((connection) => connection.close());
  silent.close();
  await accepting.catch(() => {});
  assertUndisturbed(run, /^The remote store is not used from now on: it does not answer$/);
});

Deno.test("Ctrl-C ends a run that waits for a silent server", async () => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using first = await personAt((silent.addr as Deno.NetAddr).port);
  const interrupted = new AbortController();
  const run = first.cairnUntil(interrupted.signal, "run", "workflow.yaml", "--json");
  using _connection = await silent.accept();
  interrupted.abort();
  const { code, out } = await run;
  assert.equal(code, 130);
  assert.doesNotMatch(out, /remote-failed|step-started/);
});

Deno.test("a server that is busy is asked again", async () => {
  let refused = 0;
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => {
      const isBusy = refused++ < 2;
      const code = isBusy ? "SlowDown" : "NoSuchBucket";
      return new Response(`<Error><Code>${code}</Code></Error>`, { status: isBusy ? 503 : 404 });
    },
  );
  await using first = await personAt(server.addr.port);
  assertUndisturbed(await first.run(), /: it has no bucket "bucket"$/);
});

Deno.test("a server that is not there is one warning", async () => {
  await using first = await personAt(freePort());
  assertUndisturbed(await first.run(), /: it cannot be reached: Connection refused/);
});

Deno.test("a server that is no store is one warning", async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response("<html>Welcome</html>", { status: 400 }),
  );
  await using first = await personAt(server.addr.port);
  assertUndisturbed(await first.run(), /: it answers 400 \(/);
});

Deno.test("Ctrl-C ends a run that only waits for its results to be sent", async () => {
  const holding = Promise.withResolvers<Response>();
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      if (request.method === "PUT") return await holding.promise;
      const isList = new URL(request.url).search !== "";
      return isList
        ? new Response("<ListBucketResult></ListBucketResult>")
        : new Response("<Error><Code>NoSuchKey</Code></Error>", { status: 404 });
    },
  );
  const workflow = workflowOf([commandStep("a", "echo 1 > ${{ outputs.out }}/1")]);
  await using first = await personAt(server.addr.port, workflow);
  const interrupted = new AbortController();
  const run = first.cairnUntil(interrupted.signal, "run", "workflow.yaml", "--json");
  await eventually("the run to wait", async () => {
    const [journal] = first.files(".cairn/runs").filter((name) => name.endsWith(".ndjson"));
    if (journal === undefined) return undefined;
    const events = await readJournal(first.path(`.cairn/runs/${journal}`));
    return events.find(({ type }) => type === "remote-sending");
  });
  interrupted.abort();
  const { code, out } = await run;
  holding.resolve(new Response());
  const last = out.trim().split("\n").slice(-2).map((line) => JSON.parse(line) as Event);
  assert.equal(code, 0, "every step had ended well");
  assert.deepEqual(last.map(({ type }) => type), ["remote-sending", "run-finished"]);
  assert.deepEqual(last[0]?.type === "remote-sending" && [last[0].sent, last[0].unsent], [0, 1]);
});

testThatNeeds("to mount", "a remote folder on a full disk ends nothing", async () => {
  await using disk = await SmallDisk.mount(64);
  const make = (bytes: number): string => `head -c ${bytes} /dev/zero > \${{ outputs.out }}/zeros`;
  await using first = await person(
    workflowOf([commandStep("a", make(200_000)), commandStep("b", make(300_000))]),
  );
  const run = await first.run("--remote", disk.path);
  assert.deepEqual([run.code, run.steps], [0, { a: "ran", b: "ran" }]);
  assert.match(run.of("remote-failed")[0]?.message ?? "", /No space left on device/);
  assert.equal(run.of("remote-failed").length, 1);
  await eventually("what is half-written to be removed", () => {
    const isClean = [...filesBelow(`${disk.path}/tmp`)].length === 0;
    return Promise.resolve(isClean ? true : undefined);
  });
  assert.deepEqual([...filesBelow(`${disk.path}/actions`)], []);
});

testThatNeeds(
  "to mount",
  "a remote folder on a read-only disk still gives what it has",
  async () => {
    await using disk = await SmallDisk.mount(4096);
    await using first = await person();
    await first.run("--remote", disk.path);
    await disk.remount("ro");
    await using second = await person();
    const taken = await second.run("--remote", disk.path);
    assert.deepEqual([taken.steps, taken.of("remote-failed")], [{ a: "reused", b: "reused" }, []]);
    await disk.remount("rw");
  },
);

testThatNeeds(
  "to drop rights with setpriv",
  "a remote folder that is forbidden ends nothing",
  async () => {
    await using remote = await remoteFolder();
    await using first = await person();
    await Deno.chmod(remote.path, 0o000);
    const program = new URL("../../main.ts", import.meta.url).pathname;
    const words = [
      "run",
      "--quiet",
      "-A",
      program,
      "run",
      "workflow.yaml",
      "--remote",
      remote.path,
    ];
    const { code, out } = await resultOf(
      new Deno.Command("setpriv", {
        args: [DROP_RIGHTS, Deno.execPath(), ...words],
        cwd: first.folder,
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn(),
    );
    await Deno.chmod(remote.path, 0o700);
    assert.equal(code, 0, out);
    assert.match(
      out,
      /^warning\[remote\]: The remote store is not used from now on: Permission denied/m,
    );
    assert.match(out, /: 2 ran$/m);
  },
);

Deno.test("a run killed while it sends or fetches leaves no record without its objects", async (test) => {
  for (const moment of [...SHARING_CRASH_POINTS, "object-sent:3", "object-fetched:3"]) {
    await test.step(moment, async () => {
      await using remote = await remoteFolder();
      await using first = await person();
      const words = ["run", "workflow.yaml", "--remote", remote.path];
      if (moment.includes("fetched")) await (await person()).run("--remote", remote.path);
      const killed = await resultOf(first.spawnWith({ CAIRN_CRASH_AT: moment }, ...words));
      assert.equal(killed.code, 128 + 9, `it was to be killed:\n${killed.out}${killed.error}`);
      await assertWhole(remote.path);
      const next = await first.run("--remote", remote.path);
      assert.deepEqual([next.code, next.of("remote-failed")], [0, []]);
      assert.equal(await first.read("out/all"), RIGHT);
      const verified = await first.cairn("verify");
      assert.equal(verified.code, 0, verified.out);
    });
  }
});

/** A store made of a copy of the remote one lacks nothing, for `verify` looks for every object of every result. */
async function assertWhole(remote: string): Promise<void> {
  await using copy = await Project.make();
  await new Deno.Command("cp", { args: ["-rT", remote, copy.path(".cairn")] }).output();
  await Deno.mkdir(copy.path(".cairn/objects/sha256"), { recursive: true });
  const verified = await copy.cairn("verify");
  assert.deepEqual([verified.code, verified.error], [0, ""], verified.out);
}
