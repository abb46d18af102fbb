// verify and gc as people use them: around runs, and beside one.
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { COLLECTION_CRASH_POINTS } from "../../engine/cache/crash_points.ts";
import { commandStep, eventually, Project, resultOf, workflowOf } from "../support/rig.ts";

/** A makes a text of no file, so that no run waits until a file's stamp is settled; B adds a line. */
function chain(text: string): string {
  return workflowOf([
    commandStep("a", `echo ${text} > \${{ outputs.out }}/a.txt`),
    commandStep("b", "(cat ${{ inputs.in }}/a.txt; echo b) > ${{ outputs.out }}/b.txt", {
      inputs: "in: a.out",
    }),
  ], "publish:\n  out: b.out\n");
}

async function chainProject(): Promise<Project> {
  return await Project.make({ "workflow.yaml": chain("123") });
}

Deno.test("verify finds altered bytes once, and the next run makes the result anew", async () => {
  await using project = await chainProject();
  await project.run();
  const intact = await project.cairn("verify");
  assert.deepEqual([intact.code, intact.error], [0, ""]);
  assert.match(intact.out, /^6 objects \(.+\), 2 results and 0 views: nothing is wrong\n$/);
  const object = project.files(".cairn/objects/sha256").map((name) =>
    project.path(`.cairn/objects/sha256/${name}`)
  ).find((path) => Deno.readTextFileSync(path) === "123\nb\n");
  assert.ok(object !== undefined);
  await Deno.chmod(object, 0o644);
  await Deno.writeTextFile(object, "evil\n");
  const altered = await project.cairn("verify");
  assert.equal(altered.code, 1);
  assert.match(altered.out, /^altered +objects\/sha256\/\S+ is in the quarantine now\n/);
  assert.match(
    altered.out,
    /^missing +sha256:\S+ the result of step "b" in run \S+ is forgotten$/m,
  );
  assert.match(altered.out, /2 things wrong, set aside; the next run makes anew what it needs\n$/);
  assert.equal((await project.cairn("verify")).code, 0);
  assert.deepEqual((await project.run()).steps, { a: "reused", b: "ran" });
  assert.equal(await project.read("out/b.txt"), "123\nb\n");
});

Deno.test("gc says what it deletes, deletes nothing in a dry run, and keeps what the last runs used", async () => {
  await using project = await chainProject();
  await project.run();
  await project.write("workflow.yaml", chain("456"));
  await project.run();
  const dry = await project.cairn("gc", "--keep-runs", "1", "--dry-run");
  assert.equal(dry.code, 0);
  assert.match(
    dry.out,
    /^step +run +made +size\na +\d{8}-\S+ .+ 4 B\nb +\d{8}-\S+ .+ 6 B\n/,
  );
  assert.match(
    dry.out,
    /^Deletes 2 results, 6 objects \(.+\), 0 views, 0 quarantined files and 1 run folder$/m,
  );
  assert.match(dry.out, /^Keeps 2 results \(.+\)\nNothing was deleted: this was a dry run\n$/m);
  assert.deepEqual(
    (await project.cairn("gc", "--dry-run")).out.split("\n")[0]?.slice(0, 17),
    "Deletes 0 results",
  );
  const real = await project.cairn("gc", "--keep-runs", "1");
  assert.equal(dry.out.replace(/Nothing was deleted.*\n$/, ""), real.out);
  assert.deepEqual(project.files(".cairn/tmp"), []);
  assert.equal((await project.cairn("verify")).code, 0);
  assert.deepEqual((await project.run()).steps, { a: "reused", b: "reused" });
  await project.write("workflow.yaml", chain("123"));
  assert.deepEqual((await project.run()).steps, { a: "ran", b: "ran" });
});

Deno.test("gc --budget deletes nothing that fits, and refuses what is no size", async () => {
  await using project = await chainProject();
  await project.run();
  await project.write("workflow.yaml", chain("456"));
  await project.run();
  const roomy = await project.cairn("gc", "--keep-runs", "1", "--budget", "1GB");
  assert.match(roomy.out, /^Deletes 0 results, 0 objects \(0 B\)/);
  const tight = await project.cairn("gc", "--keep-runs", "1", "--budget", "1B");
  assert.match(tight.out, /over the budget, but recent runs or registered models need it\n$/);
  const odd = await project.cairn("gc", "--budget", "much");
  assert.equal(odd.code, 2);
  assert.match(odd.error, /Option "--budget" needs a size such as 500MB or 20GB, not "much"/);
});

Deno.test("gc that is killed at any moment leaves a store in which nothing is wrong", async () => {
  const [pathMoved, moved] = COLLECTION_CRASH_POINTS;
  for (const moment of [`${pathMoved}:1`, `${pathMoved}:2`, `${pathMoved}:5`, moved]) {
    await using project = await chainProject();
    await project.run();
    await project.write("workflow.yaml", chain("456"));
    await project.run();
    const killed = await resultOf(
      project.spawnWith({ CAIRN_CRASH_AT: moment }, "gc", "--keep-runs", "1"),
    );
    assert.equal(killed.code, 128 + 9, `${moment}: ${killed.out}${killed.error}`);
    const verified = await project.cairn("verify");
    assert.equal(verified.code, 0, `${moment}: ${verified.out}`);
    assert.deepEqual((await project.run()).steps, { a: "reused", b: "reused" }, moment);
    const again = await project.cairn("gc", "--keep-runs", "1");
    assert.match(again.out, /^Keeps 2 results/m);
    assert.deepEqual(project.files(".cairn/tmp"), []);
    assert.equal(project.files(".cairn/actions").length, 2);
  }
});

Deno.test("gc beside a run leaves what the run goes on with", async () => {
  await using project = await Project.make();
  const wait = `echo on > ${project.path("started")}\n` +
    `until [ -e ${project.path("go")} ]; do sleep 0.02; done\necho > \${{ outputs.out }}/b`;
  await project.write(
    "workflow.yaml",
    workflowOf([
      commandStep("a", "echo first > ${{ outputs.out }}/a"),
      commandStep("b", wait, { inputs: "in: a.out" }),
      commandStep("c", "cp ${{ inputs.in }}/a ${{ outputs.out }}/c", {
        inputs: "in: a.out",
        more: "after: [b]",
      }),
    ], "publish:\n  out: c.out\n"),
  );
  await project.write(
    "other.yaml",
    workflowOf([commandStep("x", "echo other > ${{ outputs.out }}/x")]),
  );
  const running = project.spawn("run", "workflow.yaml");
  await project.appears("started");
  // Newer runs, so that the running one is not among the last.
  await project.cairn("run", "other.yaml");
  await project.cairn("run", "other.yaml");
  const collected = await project.cairn("gc", "--keep-runs", "1");
  assert.match(collected.out, /^Deletes 0 results, 0 objects \(0 B\), .+ and 1 run folder$/m);
  await project.write("go", "now");
  const { code, out, error } = await resultOf(running);
  assert.equal(code, 0, out + error);
  assert.equal(await project.read("out/c"), "first\n");
  assert.equal((await project.cairn("verify")).code, 0);
  assert.match((await project.cairn("gc", "--keep-runs", "1")).out, /Keeps 1 result /);
});

Deno.test("verify and gc say where they looked when nothing is stored there", async () => {
  await using project = await Project.make();
  for (const command of ["verify", "gc"]) {
    const { code, error } = await project.cairn(command, "--store", "nowhere");
    assert.equal(code, 2);
    assert.match(error, /Cannot use the store ".+\/nowhere": nothing is stored there/);
    assert.equal(await Deno.stat(project.path("nowhere")).catch(() => "absent"), "absent");
  }
});

Deno.test("files that somebody else left in every folder of the store are in nobody's way", async () => {
  await using project = await chainProject();
  await project.run();
  const folders = ["", "runs/", "actions/", "checkpoints/", "checkpoints/ab/", "objects/sha256/"];
  for (const folder of [...folders, "views/", "tmp/", "locks/", "quarantine/"]) {
    await project.write(`.cairn/${folder}.DS_Store`, "left by a file manager");
  }
  assert.deepEqual((await project.run()).steps, { a: "reused", b: "reused" });
  for (const command of ["runs", "gc", "verify"]) {
    const { error } = await project.cairn(command);
    assert.equal(error, "", command);
  }
  assert.deepEqual((await project.run()).steps, { a: "reused", b: "reused" });
});

Deno.test("what the index remembers is forgotten where it is not what was written", async () => {
  await using project = await chainProject();
  await project.run();
  await eventually("a run that reads nothing", async () => {
    const index = new DatabaseSync(project.path(".cairn/index.sqlite"), { readOnly: true });
    using _closed = { [Symbol.dispose]: () => index.close() };
    const { count } = index.prepare("SELECT count(whole) AS count FROM last_result").get() ?? {};
    return count === 2 ? true : void await project.run();
  });
  for (const harm of ["'{'", "substr(%, 1, length(%) - 1)", "replace(%, '123', '124')", "''"]) {
    const index = new DatabaseSync(project.path(".cairn/index.sqlite"));
    for (
      const [table, column] of [
        ["known_graph", "conditions"],
        ["known_graph", "graph"],
        ["module_graph", "graph"],
        ["last_result", "whole"],
      ] satisfies [string, string][]
    ) index.exec(`UPDATE ${table} SET ${column} = ${harm.replaceAll("%", column)}`);
    index.close();
    const run = await project.run();
    assert.deepEqual([run.steps, run.error], [{ a: "reused", b: "reused" }, ""]);
  }
});

Deno.test("folders in place of objects and records give way", async () => {
  await using project = await chainProject();
  await project.run();
  for (const kind of ["objects", "actions"]) {
    for (const name of project.files(`.cairn/${kind}`)) {
      await Deno.remove(project.path(`.cairn/${kind}/${name}`));
      await Deno.mkdir(project.path(`.cairn/${kind}/${name}`));
    }
  }
  assert.deepEqual((await project.run()).steps, { a: "ran", b: "ran" });
  assert.deepEqual((await project.run()).steps, { a: "reused", b: "reused" });
  assert.equal((await project.cairn("verify")).code, 0);
});
