// Which files patterns name, and what changes their digest.
import assert from "node:assert/strict";
import { hashFiles } from "../../../engine/workflow/hashed_files.ts";
import { Project } from "../../support/rig.ts";

function projectOf(): Promise<Project> {
  return Project.make({
    "a.py": "a",
    "src/b.py": "b",
    "src/deep/down/c.py": "c",
    "src/deep/d.txt": "d",
    ".cairn/e.py": "e",
    "[odd] (name)+.txt": "f",
  });
}

Deno.test("patterns name files by their path, parts of names, or any folders", async () => {
  await using project = await projectOf();
  const digest = (...patterns: readonly string[]): unknown => hashFiles(project.folder, patterns);
  assert.deepEqual(digest("*.py"), digest("./a.py"));
  assert.deepEqual(digest("src/*.py"), digest("src/b.py"));
  assert.deepEqual(digest("**/*.py"), digest("src/deep/down/c.py", "a.py", "src/b.py", "a.py"));
  assert.deepEqual(digest("src/**/*.py"), digest("src/b.py", "src/deep/down/c.py"));
  assert.deepEqual(digest("src/**/?.py"), digest("src/**/*.py"));
  assert.deepEqual(digest("src"), digest("src/**"));
  assert.deepEqual(digest("src/*"), digest("src/"));
  assert.deepEqual(digest("s*/deep"), digest("src/deep/down/c.py", "src/deep/d.txt"));
  assert.deepEqual(digest("[odd] (name)+.txt"), digest("[odd]*"));
  assert.notDeepEqual(digest("a.py"), digest("src/b.py"));
});

Deno.test("content and names decide the digest", async () => {
  await using project = await projectOf();
  const before = hashFiles(project.folder, ["src"]);
  assert.deepEqual(hashFiles(project.folder, ["src"]), before);
  await project.write("src/b.py", "c");
  const edited = hashFiles(project.folder, ["src"]);
  assert.notDeepEqual(edited, before);
  await project.write("src/b.py", "b");
  assert.deepEqual(hashFiles(project.folder, ["src"]), before);
  await Deno.rename(project.path("src/b.py"), project.path("src/bb.py"));
  assert.notDeepEqual(hashFiles(project.folder, ["src"]), before);
});

Deno.test("patterns that name nothing, or lead out of the project, say which one it is", async () => {
  await using project = await projectOf();
  const { folder } = project;
  assert.deepEqual(hashFiles(folder, ["a.py", "b.py"]), { problem: "none", at: 1 });
  assert.deepEqual(hashFiles(folder, [".cairn/*"]), { problem: "none", at: 0 });
  assert.deepEqual(hashFiles(folder, ["src/../../x"]), { problem: "outside", at: 0 });
  assert.deepEqual(hashFiles(folder, ["/etc/passwd"]), { problem: "outside", at: 0 });
});

Deno.test("links in a circle end", async () => {
  await using project = await projectOf();
  const before = hashFiles(project.folder, ["src/deep/**"]);
  await Deno.symlink(".", project.path("src/deep/again"));
  assert.deepEqual(hashFiles(project.folder, ["src/deep/**"]), before);
});

Deno.test("a remembered workflow notices that hashed files changed", async () => {
  await using project = await Project.make({
    "code/a.py": "1",
    "workflow.yaml": `steps:
  a:
    uses: command
    with:
      run: echo \${{ hashFiles('code/**') }} > outputs/out/t
      outputs: { out: text }
publish: { out: a }
`,
  });
  assert.deepEqual((await project.run()).steps, { a: "ran" });
  const first = await project.read("out/t");
  assert.match(first, /^[0-9a-f]{64}\n$/);
  assert.deepEqual((await project.run()).steps, { a: "reused" });
  await project.write("code/b.py", "2");
  assert.deepEqual((await project.run()).steps, { a: "ran" });
  assert.notEqual(await project.read("out/t"), first);
  await Deno.remove(project.path("code/b.py"));
  assert.deepEqual((await project.run()).steps, { a: "reused" });
});
