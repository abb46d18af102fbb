// Publication: only files that cairn itself wrote are ever replaced or removed.
import assert from "node:assert/strict";
import { commandStep, Project, workflowOf } from "../support/rig.ts";

/** A project that publishes files, "name" or "name=text", to `out`. */
async function publishing(...files: readonly string[]): Promise<Project> {
  const project = await Project.make();
  await setFiles(project, ...files);
  return project;
}

async function setFiles(project: Project, ...files: readonly string[]): Promise<void> {
  const script = files.map((file) => {
    const [name = "", text = name] = file.split("=");
    const path = `\${{ outputs.out }}/${name}`;
    return name.endsWith("/")
      ? `mkdir -p ${path}`
      : `mkdir -p $(dirname ${path}); printf ${text} > ${path}`;
  }).join("\n");
  await project.write(
    "workflow.yaml",
    workflowOf([commandStep("a", script)], "publish:\n  out: a.out\n"),
  );
}

const RECORD = ".cairn-published.json";

Deno.test("an output is copied to where people look, empty folders too, links to the store never", async () => {
  await using project = await publishing("a.txt", "sub/b.txt", "empty/");
  const { code } = await project.run();
  assert.equal(code, 0);
  assert.deepEqual(project.files("out"), [RECORD, "a.txt", "sub/b.txt"]);
  assert.ok((await Deno.stat(project.path("out/empty"))).isDirectory);
  const { nlink, mode } = await Deno.stat(project.path("out/a.txt"));
  assert.deepEqual([nlink, mode! & 0o777], [1, 0o644]);
});

Deno.test("somebody else's file is never replaced, and nothing is written beside it", async () => {
  await using project = await publishing("a.txt", "b.txt");
  await project.write("out/b.txt", "mine");
  const run = await project.run();
  const [failure] = run.of("publish-failed");
  assert.equal(run.code, 1);
  assert.match(failure?.message ?? "", /out\/b\.txt" exists and was not made by cairn/);
  assert.match(failure?.hint ?? "", /Move it away/);
  assert.deepEqual(project.files("out"), ["b.txt"]);
  assert.equal(await project.read("out/b.txt"), "mine");
});

Deno.test("files behind a link that took a published folder's place are never touched", async () => {
  await using project = await publishing("sub/a.txt", "sub/b.txt");
  await project.run();
  await Deno.rename(project.path("out/sub"), project.path("moved"));
  await project.write("moved/a.txt", "mine");
  await Deno.symlink("../moved", project.path("out/sub"));
  await setFiles(project, "sub/a.txt=new");
  const [failure] = (await project.run()).of("publish-failed");
  assert.match(failure?.message ?? "", /out\/sub" is a symbolic link/);
  assert.equal(await project.read("moved/a.txt"), "mine");
  await setFiles(project, "other.txt");
  assert.equal((await project.run()).code, 0);
  assert.deepEqual(project.files("moved"), ["a.txt", "b.txt"]);
});

Deno.test("other files beside the published ones are left alone", async () => {
  await using project = await publishing("a.txt");
  await project.write("out/notes.txt", "mine");
  assert.equal((await project.run()).code, 0);
  await setFiles(project, "b.txt");
  assert.equal((await project.run()).code, 0);
  assert.deepEqual(project.files("out"), [RECORD, "b.txt", "notes.txt"]);
});

Deno.test("what an older result published and the new one lacks is removed, unless it was edited", async () => {
  await using project = await publishing("a.txt", "sub/old.txt", "edited.txt");
  await project.run();
  await project.write("out/edited.txt", "my notes");
  await setFiles(project, "a.txt=new");
  assert.equal((await project.run()).code, 0);
  assert.deepEqual(project.files("out"), [RECORD, "a.txt", "edited.txt"]);
  assert.equal(await project.read("out/a.txt"), "new");
  assert.equal(await project.read("out/edited.txt"), "my notes");
});

Deno.test("a record that leads outside removes nothing there", async () => {
  await using project = await publishing("a.txt");
  await project.run();
  await project.write("precious.txt", "a.txt");
  const record = JSON.parse(await project.read(`out/${RECORD}`));
  await project.write(
    `out/${RECORD}`,
    JSON.stringify({
      ...record,
      "../precious.txt": record["a.txt"],
      [project.path("precious.txt")]: record["a.txt"],
    }),
  );
  assert.equal((await project.run()).code, 0);
  assert.equal(await project.read("precious.txt"), "a.txt");
});

Deno.test("a record that is not readable costs nothing but a comparison", async () => {
  await using project = await publishing("a.txt");
  await project.run();
  for (const text of ["{", "null", "[]", "7"]) {
    await project.write(`out/${RECORD}`, text);
    const again = await project.run();
    assert.deepEqual([again.code, again.of("published")[0]?.changed], [0, 0], text);
  }
});

for (
  const [what, place] of [
    ["a folder lies where a file belongs", (project) => project.write("out/a.txt/mine", "mine")],
    ["a file lies where the folder belongs", (project) => project.write("out", "mine")],
    ["a file lies where a folder inside belongs", (project) => project.write("out/sub", "mine")],
    ["a folder lies where the list belongs", (project) => project.write(`out/${RECORD}/a`, "mine")],
    [
      "a link to itself lies where the folder belongs",
      (project) => Deno.symlink("out", project.path("out")),
    ],
  ] satisfies [string, (project: Project) => Promise<void>][]
) {
  Deno.test(`where ${what}, publishing fails with a sentence`, async () => {
    await using project = await publishing("a.txt", "sub/b.txt");
    await place(project);
    const { code, out } = await project.cairn("run", "workflow.yaml");
    assert.equal(code, 1);
    assert.match(out, /error\[publish-failed\]: Cannot publish to "out": /);
    assert.match(out, /failed in/);
    assert.doesNotMatch(out, /^\s+at /m);
  });
}
