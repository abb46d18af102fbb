// What happens to registrations while an MLflow server is away, busy, or dies at any moment: nothing is
// lost, and nothing comes twice.
import assert from "node:assert/strict";
import { drain, type Drained } from "../../../plugins/register/mlflow/drain.ts";
import { openOutbox, type OutboxLimits } from "../../../plugins/register/mlflow/outbox.ts";
import type { MlflowSettings } from "../../../plugins/register/mlflow/settings.ts";
import { type FakeMlflow, serveFakeMlflow } from "./fake_mlflow.ts";
import { changeModel, openWorkshop, registerIn, rejectsWith, type Workshop } from "./support.ts";

const config = { promote: { when: "macro-f1" } };
const all = { config, withAll: true };

async function sync(
  workshop: Workshop,
  settings: MlflowSettings,
  pausesMs: readonly number[] = [],
): Promise<Drained> {
  using outbox = await openOutbox(`${workshop.shared}/mlflow`);
  const registry = `${workshop.shared}/registry`;
  const { signal } = new AbortController();
  return await drain(outbox, { settings, registry, signal, pausesMs });
}

async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) names.push(name);
  return names.sort();
}

const waitingIn = (workshop: Workshop): Promise<string[]> =>
  namesIn(`${workshop.shared}/mlflow/outbox`);

/** A server's address at which nobody answers for now. */
async function unusedAddress(): Promise<{ readonly base: string; readonly port: number }> {
  await using server = serveFakeMlflow();
  return { base: server.base, port: Number(new URL(server.base).port) };
}

/** What a server holds after three registrations without any trouble. */
async function undisturbed(): Promise<FakeMlflow & { readonly summary: unknown }> {
  await using workshop = await openWorkshop();
  await using server = serveFakeMlflow();
  await using _run = await registerIn(workshop, { server, ...all });
  return { ...server, summary: server.tracking.summary() };
}

Deno.test("a server that is away costs a warning; what waits goes there later, in order", async () => {
  await using workshop = await openWorkshop();
  const { base, port } = await unusedAddress();
  await using first = await registerIn(workshop, { server: { base }, ...all });
  assert.match(first.warnings.join(), /Cannot reach .* waits in \.cairn\/mlflow/);
  const output = JSON.parse(await Deno.readTextFile(`${first.outputs["version"]}/mlflow.json`));
  assert.deepEqual(output, { server: base, name: "landcover", isWaiting: true });
  await changeModel(workshop, { weights: "better", predicted: [0, 0, 1, 1] });
  await using _second = await registerIn(workshop, { server: { base }, ...all });
  assert.equal((await waitingIn(workshop)).length, 2);
  await using server = serveFakeMlflow(port);
  const { delivered, waiting, stopped } = await sync(workshop, server);
  assert.deepEqual([...delivered.values()].map(({ version }) => version), ["1", "2"]);
  assert.equal(waiting, 0);
  assert.equal(stopped, undefined);
  const { aliases, runs } = server.tracking;
  assert.deepEqual([...aliases].sort(), [["landcover@candidate", "2"], [
    "landcover@champion",
    "2",
  ]]);
  assert.equal(runs.length, 8);
  const entry = first.effects.find((path) => path.endsWith("entry.json"));
  assert.ok(entry !== undefined, "the result is reused only until the entry is sent");
  await assert.rejects(Deno.stat(entry), Deno.errors.NotFound);
});

Deno.test("the next registration sends what waits before its own version", async () => {
  await using workshop = await openWorkshop();
  const { base, port } = await unusedAddress();
  await using _first = await registerIn(workshop, { server: { base }, ...all });
  await using server = serveFakeMlflow(port);
  await changeModel(workshop, { weights: "other", predicted: [1, 1, 0, 1] });
  await using second = await registerIn(workshop, { server, ...all });
  assert.deepEqual(server.tracking.versions.map(({ version }) => version), ["1", "2"]);
  assert.ok(second.logs.includes('MLflow version 2 of "landcover" is now "candidate"'));
  assert.deepEqual(await waitingIn(workshop), []);
});

for (const trouble of ["before", "after"] as const) {
  const what = trouble === "before" ? "is not heard" : "is done but never answered";
  Deno.test(`whichever request ${what}, the next attempt completes all and doubles nothing`, async () => {
    const { requests, summary, files } = await undisturbed();
    assert.ok(requests > 30, `${requests} requests`);
    await using workshop = await openWorkshop();
    for (let bad = 0; bad < requests; bad++) {
      await using server = serveFakeMlflow();
      server.trouble = (request) => request === bad ? trouble : undefined;
      await using _run = await registerIn(workshop, { server, ...all });
      assert.equal((await waitingIn(workshop)).length, 1, `request ${bad} keeps it waiting`);
      const { waiting } = await sync(workshop, server);
      assert.equal(waiting, 0);
      assert.deepEqual(server.tracking.summary(), summary, `after request ${bad}`);
      assert.deepEqual([...server.files.keys()].sort(), [...files.keys()].sort());
    }
  });
}

Deno.test("a busy server is asked again within the step", async () => {
  await using workshop = await openWorkshop();
  await using server = serveFakeMlflow();
  server.trouble = (request) => request === 7 || request === 20 ? "before" : undefined;
  await using run = await registerIn(workshop, { server, ...all, pausesMs: [0, 0] });
  assert.deepEqual(run.warnings, []);
  assert.deepEqual(server.tracking.summary(), (await undisturbed()).summary);
});

Deno.test("a server that asks for minutes is left alone until later", async () => {
  await using workshop = await openWorkshop();
  await using server = serveFakeMlflow();
  const headers = { "retry-after": "600" };
  server.refusals.set("runs/create", new Response("slow down", { status: 429, headers }));
  await using run = await registerIn(workshop, { server, ...all, pausesMs: [0] });
  assert.match(run.warnings.join(), /refused: 429 slow down\. The version waits/);
  assert.equal(server.calls.filter(({ path }) => path.endsWith("runs/create")).length, 1);
});

Deno.test("wrong credentials stop everything, and what waits goes on once they are right", async () => {
  await using workshop = await openWorkshop();
  await using server = serveFakeMlflow();
  server.refusals.set("model-versions/search", new Response("<html>", { status: 401 }));
  await rejectsWith(registerIn(workshop, { server, ...all }), /refused: 401/, /_PASSWORD/);
  const { stopped, waiting } = await sync(workshop, server);
  assert.equal(stopped?.remedy, "mend");
  assert.equal(waiting, 1);
  server.refusals.clear();
  await sync(workshop, server);
  assert.equal(server.tracking.aliases.get("landcover@candidate"), "1");
});

Deno.test("an entry whose model is gone is set aside and does not hold up the others", async () => {
  await using workshop = await openWorkshop();
  const { base, port } = await unusedAddress();
  await using _first = await registerIn(workshop, { server: { base }, ...all });
  await changeModel(workshop, { weights: "other", predicted: [0, 0, 1, 1] });
  await using _second = await registerIn(workshop, { server: { base }, ...all });
  await Deno.remove(`${workshop.shared}/registry/landcover/versions/1`, { recursive: true });
  await using server = serveFakeMlflow(port);
  const { delivered, refused, waiting } = await sync(workshop, server);
  assert.equal(delivered.size, 1);
  assert.equal(waiting, 0);
  assert.ok((await namesIn(refused[0]!.folder)).includes("why.txt"));
});

Deno.test("a version waits for its run, and goes without where that will never come", async () => {
  await using workshop = await openWorkshop();
  await using server = serveFakeMlflow();
  const place = `${workshop.shared}/mlflow/runs`;
  await Deno.mkdir(place, { recursive: true });
  await Deno.writeTextFile(`${place}/lost.json`, "{}");
  const tracked = { run: "lost", experiment: "whole" };
  await using run = await registerIn(workshop, { server, tracked });
  assert.match(run.warnings.join(), /does not know of run lost yet/);
  await Deno.remove(`${place}/lost.json`);
  assert.equal((await sync(workshop, server)).waiting, 0);
  assert.equal(server.tracking.run("register").status, "FINISHED");
  assert.equal(server.tracking.aliases.get("landcover@candidate"), "1");
});

Deno.test("what waits for one server is not sent to another", async () => {
  await using workshop = await openWorkshop();
  const { base } = await unusedAddress();
  await using _first = await registerIn(workshop, { server: { base } });
  await using other = serveFakeMlflow();
  const { waiting } = await sync(workshop, other);
  assert.equal(waiting, 1);
  assert.deepEqual(other.calls, []);
});

Deno.test("a full outbox is an error that says how to empty it", async () => {
  await using workshop = await openWorkshop();
  const { base } = await unusedAddress();
  await using _run = await registerIn(workshop, { server: { base } });
  const home = `${workshop.shared}/mlflow`;
  const [name] = await waitingIn(workshop);
  const entry = JSON.parse(await Deno.readTextFile(`${home}/outbox/${name}/entry.json`));
  const add = async (limits: OutboxLimits): Promise<unknown> => {
    using outbox = await openOutbox(home, limits);
    return await outbox.add({ ...entry, digest: "sha256:other" }, {});
  };
  await rejectsWith(add({ entries: 1, bytes: 1e9 }), /outbox is full: 1 versions/, /mlflow sync/);
  await rejectsWith(add({ entries: 9, bytes: 10 }), /outbox is full/);
  await add({ entries: 9, bytes: 1e9 });
  assert.equal((await waitingIn(workshop)).length, 2);
});

Deno.test("neither user, password nor token ever reaches the outbox or the outputs", async () => {
  await using workshop = await openWorkshop();
  const { base } = await unusedAddress();
  const server = { base, authorization: "Basic c2VjcmV0" };
  await using run = await registerIn(workshop, { server, ...all });
  const folders = [`${workshop.shared}/mlflow`, run.outputs["version"]!];
  const { stdout } = await new Deno.Command("grep", {
    args: ["-r", "-l", "c2VjcmV0", ...folders],
  }).output();
  assert.equal(new TextDecoder().decode(stdout), "");
  assert.ok(![...run.logs, ...run.warnings].join().includes("c2VjcmV0"));
});
