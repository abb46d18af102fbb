// Two people share results by a real server that speaks S3 and checks signatures. Needs such a server's
// program, named by CAIRN_S3_SERVER; CI installs one.
import assert from "node:assert/strict";
import { filesBelow } from "../../engine/cache/disk/folders.ts";
import { commandStep, Project, type RunResult, workflowOf } from "../support/rig.ts";
import { print } from "../support/print.ts";
import { S3_PROGRAM, type S3Server, startS3 } from "../support/s3_server.ts";
import { person, RIGHT } from "../support/shared_projects.ts";
import { damage } from "../support/temp_store.ts";

const REMOTE = "s3://shared/team/results";
/** Three parts. */
const LARGE = workflowOf([
  commandStep("a", "head -c 12000000 /dev/urandom > ${{ outputs.out }}/large"),
], "publish:\n  out: a.out\n");

function testWithServer(name: string, work: (server: S3Server) => Promise<void>): void {
  Deno.test({
    name,
    ignore: S3_PROGRAM === undefined,
    async fn(): Promise<void> {
      await using server = await startS3();
      await work(server);
    },
  });
}

if (S3_PROGRAM === undefined) {
  print("skipped: a real S3 server, because CAIRN_S3_SERVER names no program");
}

async function personAt(server: S3Server, workflow?: string): Promise<Project> {
  const project = await person(workflow);
  for (const [name, value] of Object.entries(server.environment)) {
    project.environment.set(name, value);
  }
  project.environment.set("CAIRN_REMOTE", REMOTE);
  return project;
}

function warnings(run: RunResult): readonly string[] {
  return run.of("remote-failed").map(({ message }) => message);
}

/** Names of the files in the bucket, below the prefix. */
function stored({ bucketFolder }: S3Server): readonly string[] {
  const folder = `${bucketFolder}/team/results`;
  return [...filesBelow(folder)].map((path) => path.slice(folder.length + 1)).sort();
}

testWithServer(
  "what one project made another takes from a bucket, in the local layout",
  async (server) => {
    await using first = await personAt(server);
    const made = await first.run();
    assert.deepEqual([made.steps, warnings(made)], [{ a: "ran", b: "ran" }, []]);
    const local = ["objects", "actions"].flatMap((folder) =>
      first.files(`.cairn/${folder}`).map((name) => `${folder}/${name}`)
    );
    assert.deepEqual(stored(server), [...local, "FORMAT"].sort());
    await using second = await personAt(server);
    const taken = await second.run();
    assert.deepEqual([taken.steps, warnings(taken)], [{ a: "reused", b: "reused" }, []]);
    assert.equal(taken.of("step-reused")[0]?.from, REMOTE);
    assert.equal(await second.read("out/all"), RIGHT);
    assert.equal((await second.cairn("verify")).code, 0);
  },
);

testWithServer("a bucket is also named by the server's address", async (server) => {
  await using first = await personAt(server);
  await first.run();
  const address = `${server.environment["AWS_ENDPOINT_URL"]}/shared/team/results`;
  await using second = await personAt(server);
  second.environment.set("AWS_ENDPOINT_URL", "");
  assert.deepEqual((await second.run("--remote", address)).steps, { a: "reused", b: "reused" });
});

testWithServer("a large file goes in parts and comes back whole", async (server) => {
  await using first = await personAt(server, LARGE);
  const made = await first.run();
  assert.deepEqual(warnings(made), []);
  assert.ok((made.of("remote-sending").at(-1)?.sentBytes ?? 0) > 12_000_000);
  await using second = await personAt(server, LARGE);
  const taken = await second.run();
  assert.deepEqual([taken.steps, warnings(taken)], [{ a: "reused" }, []]);
  assert.deepEqual(
    await Deno.readFile(second.path("out/large")),
    await Deno.readFile(first.path("out/large")),
  );
});

for (
  const [what, text] of [["altered", "x\n"], ["truncated", ""], ["missing", undefined]] as const
) {
  testWithServer(
    `an object that is ${what} in the bucket is made anew and mended there`,
    async (server) => {
      await using first = await personAt(server);
      await first.run();
      const object = [...filesBelow(`${server.bucketFolder}/team/results/objects`)].find((path) =>
        Deno.readTextFileSync(path) === "2\n"
      );
      assert.ok(object !== undefined);
      if (text === undefined) await Deno.remove(object);
      else await damage(object, text);
      await using second = await personAt(server);
      const run = await second.run();
      assert.deepEqual([run.code, run.steps], [0, { a: "ran", b: "reused" }]);
      assert.match(
        warnings(run).join("\n"),
        /^The result of "a" there cannot be used: its object .+$/,
      );
      assert.equal(await second.read("out/all"), RIGHT);
      assert.equal(await Deno.readTextFile(object), "2\n");
    },
  );
}

testWithServer("wrong credentials are one warning, and no secret is told", async (server) => {
  await using first = await personAt(server);
  first.environment.set("AWS_SECRET_ACCESS_KEY", "guessed-guessed");
  const run = await first.run();
  assert.deepEqual([run.code, run.steps], [0, { a: "ran", b: "ran" }]);
  assert.deepEqual(warnings(run), [
    "The remote store is not used from now on: it refuses these credentials (SignatureDoesNotMatch)",
  ]);
  assert.deepEqual(stored(server), []);
  await first.run("--force", "all");
  const told = JSON.stringify(run.events) + run.error +
    first.files(".cairn").map((name) => Deno.readTextFileSync(first.path(`.cairn/${name}`))).join();
  assert.doesNotMatch(told, /guessed/);
});

testWithServer("no file of a run or of the store holds the secret", async (server) => {
  await using first = await personAt(server);
  const { events, error } = await first.run();
  const files = [...first.files(".cairn").map((name) => first.path(`.cairn/${name}`))]
    .concat([...filesBelow(server.bucketFolder)]);
  const told = files.map((path) => Deno.readTextFileSync(path)).join() + JSON.stringify(events);
  assert.doesNotMatch(told + error, new RegExp(server.secret));
});

testWithServer("a bucket that does not exist is one warning", async (server) => {
  await using first = await personAt(server);
  const run = await first.run("--remote", "s3://nobodys/results");
  assert.deepEqual([run.code, run.steps], [0, { a: "ran", b: "ran" }]);
  assert.deepEqual(warnings(run), [
    'The remote store is not used from now on: it has no bucket "nobodys"',
  ]);
});

testWithServer("a server that is killed during a run ends nothing", async (server) => {
  await using first = await personAt(
    server,
    workflowOf([
      commandStep("a", "echo 1 > ${{ outputs.out }}/1"),
      commandStep("b", `kill -9 ${server.pid}; cp \${{ inputs.in }}/1 \${{ outputs.out }}/1`, {
        inputs: "in: a.out",
      }),
      commandStep("c", "cp ${{ inputs.in }}/1 ${{ outputs.out }}/1", { inputs: "in: b.out" }),
    ], "publish:\n  out: c.out\n"),
  );
  const run = await first.run();
  assert.deepEqual([run.code, run.steps], [0, { a: "ran", b: "ran", c: "ran" }]);
  assert.equal(warnings(run).length, 1);
  assert.match(
    warnings(run)[0] ?? "",
    /^The remote store is not used from now on: it cannot be reached: /,
  );
  assert.equal(await first.read("out/1"), "1\n");
});

testWithServer("with --remote-read-only nothing is written to the bucket", async (server) => {
  await using first = await personAt(server);
  const run = await first.run("--remote-read-only");
  assert.deepEqual([run.steps, warnings(run)], [{ a: "ran", b: "ran" }, []]);
  assert.deepEqual(stored(server), []);
});
