// What a run keeps of the machine's load, with a driver's tool that tells what the test wants.
import assert from "node:assert/strict";
import { LoadReader } from "../../../../engine/events/files/load_file.ts";
import { parseGpuLoad } from "../../../../engine/run/load/gpu_watch.ts";
import { commandStep, eventually, Project, workflowOf } from "../../../support/rig.ts";

Deno.test("a run keeps how busy processors, memory and GPUs were; the driver's tool ends with it", async () => {
  await using project = await Project.make();
  const gate = project.path("gate");
  await new Deno.Command("mkfifo", { args: [gate] }).output();
  await project.write(
    "bin/nvidia-smi",
    `#!/bin/sh\necho $$ > ${project.path("pid")}
printf '0, 97, 40536, 81559\\n1, [N/A], 1, 2\\n'; exec sleep 600\n`,
  );
  await Deno.chmod(project.path("bin/nvidia-smi"), 0o755);
  const step = commandStep("slow", `cat ${gate}; echo x > outputs/out/x`);
  await project.write("workflow.yaml", workflowOf([step]));
  const path = `${project.path("bin")}:${Deno.env.get("PATH")}`;
  const running = project.spawnWith({ PATH: path }, "run", "workflow.yaml");
  const [, , pid] = await Promise.all([
    running.stdout.cancel(),
    running.stderr.cancel(),
    project.appears("pid"),
  ]);
  const [{ name: run } = { name: "" }] = [...Deno.readDirSync(project.path(".cairn/runs"))];
  const reader = new LoadReader(project.path(`.cairn/runs/${run}/load.ndjson`));
  const sample = await eventually("a sample with a GPU", async () => {
    return (await reader.next()).find(({ gpus }) => gpus.length > 0);
  });
  assert.deepEqual(sample.gpus, [
    { id: "0", use: 0.97, memoryBytes: 40536 * 2 ** 20, totalBytes: 81559 * 2 ** 20 },
  ]);
  assert.ok(sample.cpu >= 0 && sample.cpu <= 1);
  assert.ok(sample.memoryBytes > 0 && sample.memoryBytes < sample.totalBytes);
  await Deno.writeTextFile(gate, "open");
  assert.equal((await running.status).code, 0);
  assert.throws(() => Deno.kill(Number(pid), "SIGCONT"), "the tool is gone");
});

Deno.test("a line of the driver's tool that does not tell is left out", () => {
  assert.deepEqual(parseGpuLoad("1, [N/A], 1, 2"), []);
  assert.deepEqual(parseGpuLoad("No devices were found"), []);
});
