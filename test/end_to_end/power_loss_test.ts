// After a power cut a file may have lost its bytes and kept its name, size and times, while the index, which
// is younger, still remembers its digest. Such bytes are never reused.
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { digestBytes } from "../../engine/cache/content/digest.ts";
import { stampOf } from "../../engine/cache/content/stat_stamp.ts";
import { commandStep, Project, workflowOf } from "../support/rig.ts";

const TEXT = "good\n";

interface Lost {
  readonly project: Project;
  readonly index: DatabaseSync;
}

/** A project whose stored and published file has become zeros that the index still takes for the text. */
async function withLostBytes(work: (lost: Lost) => Promise<void>): Promise<void> {
  const script = `printf '${TEXT}' > \${{ outputs.out }}/x`;
  await using project = await Project.make({
    "workflow.yaml": workflowOf([commandStep("a", script)], "publish:\n  out: a.out\n"),
  });
  assert.equal((await project.run()).code, 0);
  const hex = digestBytes(TEXT).slice("sha256:".length);
  const object = project.path(`.cairn/objects/sha256/${hex.slice(0, 2)}/${hex.slice(2)}`);
  using index = new DatabaseSync(project.path(".cairn/index.sqlite"));
  for (const path of [object, project.path("out/x")]) {
    await Deno.chmod(path, 0o644);
    await Deno.writeFile(path, new Uint8Array(TEXT.length));
    const { device, inode, sizeBytes, modifiedMs, changedMs } = stampOf(await Deno.stat(path));
    index.prepare("INSERT OR REPLACE INTO file_digest VALUES (?, ?, ?, ?, ?, ?, ?)")
      .run(path, device, inode, sizeBytes, modifiedMs, changedMs, digestBytes(TEXT));
  }
  await work({ project, index });
}

Deno.test("bytes that were lost in a power cut are made anew, although the index vouches for them", () =>
  withLostBytes(async ({ project, index }) => {
    index.exec("UPDATE machine SET started = started - 60000"); // the machine was started again since
    const run = await project.run();
    assert.deepEqual([run.code, run.steps], [0, { a: "ran" }]);
    assert.equal(project.files(".cairn/quarantine").length, 1);
    assert.equal(await project.read("out/x"), TEXT);
    assert.equal((await project.cairn("verify")).code, 0);
  }));

Deno.test("while the machine stays up, the index is believed: this is what makes the test above a test", () =>
  withLostBytes(async ({ project }) => {
    assert.deepEqual((await project.run()).steps, { a: "reused" });
    assert.equal(
      (await project.cairn("verify")).code,
      1,
      "verify reads everything whatever is remembered",
    );
  }));
