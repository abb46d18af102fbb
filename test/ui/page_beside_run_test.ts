// `run --ui`: the page is there while the run goes on, and gone with it.
import assert from "node:assert/strict";
import type { RunSummary } from "../../ui/views/run_view.ts";
import { commandStep, eventually, Project, workflowOf } from "../support/rig.ts";

async function gatedProject(): Promise<Project> {
  const project = await Project.make();
  const gate = project.path("gate");
  await new Deno.Command("mkfifo", { args: [gate] }).output();
  const step = commandStep("slow", `cat ${gate} > /dev/null; echo x > outputs/out/x`);
  await project.write("workflow.yaml", workflowOf([step]));
  return project;
}

/** Reads what a process prints for people until it names an address. */
async function addressIn(stream: Deno.ChildProcess["stderr"]): Promise<string> {
  let text = "";
  for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
    text += piece;
    const address = /Open (http:\/\/127\.0\.0\.1:\d+)\/#token=[0-9a-f]{48}\n/.exec(text)?.[1];
    if (address !== undefined) return address;
  }
  throw new Error(`no address in: ${text}`);
}

async function answers(address: string): Promise<boolean> {
  return await fetch(address).then(async (response) => {
    await response.body?.cancel();
    return true;
  }, () => false);
}

Deno.test("the page is served while the run goes on; its events alone are on standard output", async () => {
  await using project = await gatedProject();
  const running = project.spawn("run", "workflow.yaml", "--ui", "--json");
  const out = new Response(running.stdout).text();
  const address = await addressIn(running.stderr);
  await eventually("the step to run", async () => {
    const { runs } = await (await fetch(`${address}/api/runs`)).json();
    return (runs as readonly RunSummary[]).find(({ counts }) => counts.running === 1);
  });
  await Deno.writeTextFile(project.path("gate"), "open");
  assert.equal((await running.status).code, 0);
  assert.ok((await out).trim().split("\n").every((line) => "type" in JSON.parse(line)));
  assert.equal(await answers(address), false);
});

Deno.test("the page is gone also when the run is killed", async () => {
  await using project = await gatedProject();
  const running = project.spawn("run", "workflow.yaml", "--ui");
  const address = await addressIn(running.stderr);
  await running.stdout.cancel();
  running.kill("SIGKILL");
  await running.status;
  await eventually("the page to end", async () => await answers(address) ? undefined : true);
});
