// What the system refuses, recognised by the words of the real refusal.
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { diskProblemOf } from "../../../engine/diagnostics/disk_problem.ts";

Deno.test("an index that another program holds is told in words", async () => {
  const folder = await Deno.makeTempDir();
  const [holder, other] = [new DatabaseSync(`${folder}/a`), new DatabaseSync(`${folder}/a`)];
  holder.exec("BEGIN EXCLUSIVE");
  try {
    other.exec("CREATE TABLE t (a)");
    assert.fail("two hold it");
  } catch (error) {
    assert.match(diskProblemOf(error)?.message ?? "", /^Another program holds/);
  } finally {
    for (const database of [holder, other]) database.close();
    await Deno.remove(folder, { recursive: true });
  }
});
