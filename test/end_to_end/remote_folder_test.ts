// Two people share results by a folder: what one made the other need not make, and whatever is wrong there
// costs work, never a wrong result.
import assert from "node:assert/strict";
import type { ActionRecord } from "../../engine/cache/action_record.ts";
import { digestBytes } from "../../engine/cache/content/digest.ts";
import { filesBelow } from "../../engine/cache/disk/folders.ts";
import { commandStep, Project, type RunResult, workflowOf } from "../support/rig.ts";
import { person, remoteFolder, RIGHT, WORKFLOW } from "../support/shared_projects.ts";
import { damage } from "../support/temp_store.ts";

/** Someone has made everything and sent it to a folder. */
async function filledRemote(): Promise<AsyncDisposable & { readonly path: string }> {
  const remote = await remoteFolder();
  await using first = await person();
  assert.equal((await first.run("--remote", remote.path)).code, 0);
  return remote;
}

/** The object with a text. */
function objectOf(remote: string, text: string): string {
  const found = [...filesBelow(`${remote}/objects`)].find((path) =>
    Deno.readTextFileSync(path) === text
  );
  assert.ok(found !== undefined);
  return found;
}

function recordOf(remote: string, step: string): string {
  const found = [...filesBelow(`${remote}/actions`)].find((path) =>
    Deno.readTextFileSync(path).includes(`"step":"${step}"`)
  );
  assert.ok(found !== undefined);
  return found;
}

function warnings(run: RunResult): readonly string[] {
  return run.of("remote-failed").map(({ message }) => message);
}

Deno.test("what one project made another takes from the shared folder, and nothing runs", async () => {
  await using remote = await remoteFolder();
  await using first = await person();
  const made = await first.run("--remote", remote.path);
  assert.deepEqual([made.code, made.steps], [0, { a: "ran", b: "ran" }]);
  const told = made.of("remote-sending").at(-1);
  assert.deepEqual([told?.sent, told?.unsent, told?.isOver], [2, 0, true]);

  await using second = await person();
  const taken = await second.run("--remote", remote.path);
  assert.deepEqual([taken.code, taken.steps], [0, { a: "reused", b: "reused" }]);
  const [a] = taken.of("step-reused");
  assert.deepEqual([a?.from, a?.madeBy], [remote.path, made.of("run-started")[0]?.run]);
  assert.ok((a?.fetchedBytes ?? 0) > 0);
  assert.deepEqual(taken.of("remote-sending"), [], "what came from there is not sent back");
  assert.equal(await second.read("out/all"), RIGHT);
  assert.equal((await second.cairn("verify")).code, 0);

  const later = await second.run();
  assert.deepEqual(later.steps, { a: "reused", b: "reused" }, "it is the project's own now");
  assert.equal(later.of("step-reused")[0]?.from, undefined);
});

Deno.test("a copy of a store is a remote store, and the other way round", async () => {
  await using first = await person();
  await first.run();
  await using remote = await remoteFolder();
  for (const name of ["objects", "actions"]) {
    await new Deno.Command("cp", { args: ["-r", first.path(`.cairn/${name}`), remote.path] })
      .output();
  }
  await using second = await person();
  assert.deepEqual((await second.run("--remote", remote.path)).steps, { a: "reused", b: "reused" });
  await using third = await person();
  await new Deno.Command("cp", { args: ["-rT", remote.path, third.path(".cairn")] }).output();
  assert.deepEqual((await third.run()).steps, { a: "reused", b: "reused" });
});

Deno.test("people read how much came from where and how much went there", async () => {
  await using remote = await remoteFolder();
  await using first = await person();
  first.environment.set("CAIRN_REMOTE", remote.path);
  const made = await first.cairn("run", "workflow.yaml");
  assert.match(made.out, /^sent {7}\S+ {2}2 results, [\d.]+ kB\n.*done in/ms);
  await using second = await person();
  second.environment.set("CAIRN_REMOTE", remote.path);
  const taken = await second.cairn("run", "workflow.yaml");
  assert.match(taken.out, /^reused {5}a {2}saved .+, fetched [\d.]+ k?B from \/\S+$/m);
});

Deno.test("a forecast knows what the remote store has and brings nothing", async () => {
  await using remote = await filledRemote();
  await using second = await person();
  const explained = await second.cairn("explain", "workflow.yaml", "--remote", remote.path);
  assert.match(explained.out, /^a +is reused .* the remote store has its result$/m);
  assert.match(explained.out, /^b +is reused /m);
  assert.deepEqual(second.files(".cairn/actions"), []);
  const dry = await second.cairn("run", "workflow.yaml", "--dry-run", "--remote", remote.path);
  assert.match(dry.out, /2 reused, 0 will run/);
  const alone = await second.cairn("explain", "workflow.yaml", "--remote", "/nowhere/at/all");
  assert.deepEqual([alone.code, /^a +will run/m.test(alone.out)], [0, true]);
  assert.match(alone.error, /^warning\[remote\]: .+: it does not exist \("\/nowhere\/at\/all"\)\n/);
});

for (
  const [what, spoil] of [
    ["an altered object", (remote) => damage(objectOf(remote, "2\n"), "3\n")],
    ["a truncated object", (remote) => damage(objectOf(remote, "2\n"), "")],
    ["an object that goes on", (remote) => damage(objectOf(remote, "2\n"), "2\n2\n")],
    ["a missing object", (remote) => Deno.remove(objectOf(remote, "2\n"))],
    ["an altered list of files", (remote) => {
      const list = [...filesBelow(`${remote}/objects`)].find((path) =>
        /^cairn-tree.*deep\/2/s.test(Deno.readTextFileSync(path))
      );
      return damage(list ?? "", "cairn-tree/1\n");
    }],
    ["an altered record", async (remote) => {
      const path = recordOf(remote, "a");
      await damage(path, (await Deno.readTextFile(path)).replace('"step":"a"', '"step":"z"'));
    }],
    ["another step's record", async (remote) => {
      await Deno.writeTextFile(
        recordOf(remote, "a"),
        await Deno.readTextFile(recordOf(remote, "b")),
      );
    }],
  ] satisfies readonly (readonly [string, (remote: string) => Promise<void>])[]
) {
  Deno.test(`${what} in the remote store is never stored: the step runs, and mends it there`, async () => {
    await using remote = await filledRemote();
    await spoil(remote.path);
    await using second = await person();
    const run = await second.run("--remote", remote.path);
    assert.deepEqual([run.code, run.steps], [0, { a: "ran", b: "reused" }]);
    assert.equal(warnings(run).length, 1, "it is said once");
    assert.match(warnings(run)[0] ?? "", /^The result of "a" there cannot be used: its /);
    assert.equal(await second.read("out/all"), RIGHT);
    assert.equal((await second.cairn("verify")).code, 0);
    await using third = await person();
    const mended = await third.run("--remote", remote.path);
    assert.deepEqual([mended.steps, warnings(mended)], [{ a: "reused", b: "reused" }, []]);
  });
}

for (
  const [what, forge, words] of [
    ["names a run by a path", () => ({ run: "../../../../evil" }), "its record is damaged"],
    ["tells no size", () => ({ sizeBytes: "large" }), "its record is damaged"],
    [
      "names another result's material",
      ({ material }) => ({ material }),
      "its material belongs to another result",
    ],
  ] satisfies readonly (readonly [string, (other: ActionRecord) => object, string])[]
) {
  Deno.test(`a record whose checksum is right but that ${what} is refused`, async () => {
    await using remote = await filledRemote();
    const path = recordOf(remote.path, "a");
    const read = async (step: string): Promise<ActionRecord> =>
      JSON.parse(await Deno.readTextFile(recordOf(remote.path, step))).record;
    const record = { ...await read("a"), ...forge(await read("b")) };
    await damage(path, JSON.stringify({ record, checksum: digestBytes(JSON.stringify(record)) }));
    await using second = await person();
    const run = await second.run("--remote", remote.path);
    assert.deepEqual([run.code, run.steps], [0, { a: "ran", b: "reused" }]);
    assert.deepEqual(warnings(run), [`The result of "a" there cannot be used: ${words}`]);
    assert.equal((await second.cairn("verify")).code, 0);
  });
}

const WRITES_OUTSIDE = `import { definePlugin, z } from "cairn/plugin";
export const plugin = definePlugin({
  name: "notes",
  kind: "other",
  description: "writes beside the store",
  version: 1,
  config: z.strictObject({}),
  inputs: {},
  outputs: { out: { type: "text", description: "" } },
  permissions: { shared: ["notes"] },
  async run({ shared, outputs, effect }) {
    await Deno.writeTextFile(shared.notes + "/note", "x");
    await Deno.writeTextFile(outputs.out + "/x", "x");
    effect(shared.notes + "/note");
  },
});
`;

Deno.test("a result that stands for a file outside the store is neither sent nor taken", async () => {
  await using remote = await remoteFolder();
  const files = {
    "notes.ts": WRITES_OUTSIDE,
    "workflow.yaml": "steps:\n  a: { uses: ./notes.ts }\n",
  };
  await using first = await Project.make(files);
  const made = await first.run("--remote", remote.path);
  assert.deepEqual([made.steps, made.of("remote-sending")], [{ a: "ran" }, []]);
  assert.deepEqual([...Deno.readDirSync(remote.path)], []);
  for (const name of ["objects", "actions"]) {
    await new Deno.Command("cp", { args: ["-r", first.path(`.cairn/${name}`), remote.path] })
      .output();
  }
  await using second = await Project.make(files);
  assert.deepEqual((await second.run("--remote", remote.path)).steps, { a: "ran" });
  assert.equal(await second.read(".cairn/notes/note"), "x");
});

Deno.test("with --remote-read-only or CAIRN_REMOTE_MODE=read nothing is written there", async () => {
  await using remote = await remoteFolder();
  await using first = await person();
  await first.run("--remote", remote.path, "--remote-read-only");
  first.environment.set("CAIRN_REMOTE", remote.path);
  first.environment.set("CAIRN_REMOTE_MODE", "read");
  const run = await first.run("--force", "all");
  assert.deepEqual(run.steps, { a: "ran", b: "ran" });
  assert.deepEqual([...Deno.readDirSync(remote.path)], []);
});

Deno.test("a step that is forced runs although the remote store has its result", async () => {
  await using remote = await filledRemote();
  await using second = await person();
  const run = await second.run("--remote", remote.path, "--force", "a");
  assert.deepEqual(run.steps, { a: "ran", b: "reused" });
});

Deno.test("a remote folder that is not there is one warning, and the run is as without", async () => {
  await using first = await person();
  const run = await first.run("--remote", "/nowhere/at/all");
  assert.deepEqual([run.code, run.steps], [0, { a: "ran", b: "ran" }]);
  assert.deepEqual(warnings(run), ["The remote store is not used from now on: it does not exist"]);
  assert.equal(await Deno.stat("/nowhere").catch(() => "absent"), "absent");
  const shown = await first.cairn(
    "run",
    "workflow.yaml",
    "--remote",
    "/nowhere/at/all",
    "--force=a",
  );
  assert.match(
    shown.out,
    /^warning\[remote\]: The remote store .+ \("\/nowhere\/at\/all"\)\n {2}hint: Make /m,
  );
  assert.match(shown.out, /^unsent {5}\/nowhere\/at\/all {2}1 result kept here only$/m);
});

Deno.test("a remote folder that goes away during a run ends nothing", async () => {
  await using remote = await remoteFolder();
  await using first = await Project.make();
  const remove = `mv ${remote.path} ${first.path("gone")}; echo 1 > \${{ outputs.out }}/1`;
  await first.write(
    "workflow.yaml",
    workflowOf([
      commandStep("a", "echo 1 > ${{ outputs.out }}/1"),
      commandStep("b", `: \${{ inputs.in }}; ${remove}`, { inputs: "in: a.out" }),
      commandStep("c", "cp ${{ inputs.in }}/1 ${{ outputs.out }}/1", { inputs: "in: b.out" }),
    ]),
  );
  const run = await first.run("--remote", remote.path);
  assert.deepEqual([run.code, run.steps], [0, { a: "ran", b: "ran", c: "ran" }]);
  assert.equal(warnings(run).length, 1);
  assert.match(warnings(run)[0] ?? "", /^The remote store is not used from now on: /);
  assert.equal(await Deno.stat(remote.path).catch(() => "absent"), "absent", "it is not made anew");
  assert.ok((run.of("remote-sending").at(-1)?.unsent ?? 0) >= 2);
});

Deno.test("a remote store of a later version is left alone", async () => {
  await using remote = await remoteFolder();
  await Deno.writeTextFile(`${remote.path}/FORMAT`, "9\n");
  await using first = await person();
  const run = await first.run("--remote", remote.path);
  assert.equal(run.code, 0);
  assert.deepEqual(warnings(run), [
    'The remote store is not used from now on: its FORMAT is "9", this version reads 1',
  ]);
  assert.deepEqual([...Deno.readDirSync(remote.path)].length, 1);
});

for (
  const [address, words] of [
    ["ftp://host/x", "it is no address that cairn knows"],
    ["s3://", '"" cannot be the name of a bucket'],
    ["s3://bucket/../x", "AWS_ACCESS_KEY_ID is not set"],
    ["s3://key:hush@bucket/x", "it holds credentials or options, which logs would show"],
    ["https://host/", '"" cannot be the name of a bucket'],
    ["s3://bucket/x", "AWS_ACCESS_KEY_ID is not set"],
    ["", "it is empty"],
  ] as const
) {
  Deno.test(`the remote address "${address}" is refused before anything runs`, async () => {
    await using first = await person(WORKFLOW);
    first.environment.set("AWS_ACCESS_KEY_ID", "");
    const { code, out, error } = await first.cairn("run", "workflow.yaml", `--remote=${address}`);
    assert.deepEqual([code, out], [2, ""]);
    assert.match(error, /^error\[bad-remote\]: Cannot use the remote store .+ of --remote: /);
    assert.ok(error.includes(words), error);
    assert.doesNotMatch(error, /hush/);
    assert.deepEqual(first.files(".cairn/runs"), []);
  });
}
