// `mlflow sync` as people call it, and as the end of a run starts it.
import assert from "node:assert/strict";
import { Arguments, type CliContext, DiagnosticsError } from "../../../engine/mod.ts";
import { mlflowCommand } from "../../../plugins/register/mlflow_command.ts";
import { commandStep, Project, resultOf, workflowOf } from "../../support/rig.ts";
import { serveFakeMlflow } from "./fake_mlflow.ts";
import { openWorkshop, registerIn, type Workshop } from "./support.ts";

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** Performs `mlflow sync --once` on a workshop's folders. */
async function sync(workshop: Workshop, env: Record<string, string>): Promise<Ended> {
  const texts = { out: "", error: "" };
  const context: CliContext = {
    terminal: {
      isInteractive: false,
      hasColor: false,
      columns: 100,
      write: (text) => void (texts.out += text),
      writeError: (text) => void (texts.error += text),
    },
    cwd: workshop.shared,
    environment: (name) => env[name],
    builtIn: [],
    probes: () => Promise.resolve([]),
    signal: new AbortController().signal,
  };
  const args = new Arguments(["sync"], { store: workshop.shared, once: true });
  return { code: await mlflowCommand.perform(context, args), ...texts };
}

/** A registration that waits for a server, and the port at which that server can be started. */
async function openWaiting(): Promise<Workshop & { readonly base: string; readonly port: number }> {
  const workshop = await openWorkshop();
  const server = serveFakeMlflow();
  const { base } = server;
  await server[Symbol.asyncDispose]();
  await using _run = await registerIn(workshop, { server: { base } });
  return { ...workshop, base, port: Number(new URL(base).port) };
}

Deno.test("mlflow sync sends what waits and says so, and then has nothing to do", async () => {
  await using workshop = await openWaiting();
  const env = { MLFLOW_TRACKING_URI: workshop.base };
  const away = await sync(workshop, env);
  assert.equal(away.code, 1);
  assert.match(away.error, /Cannot reach the MLflow server/);
  assert.equal(away.out, "1 still waiting\n");
  await using server = serveFakeMlflow(workshop.port);
  const sent = await sync(workshop, env);
  assert.deepEqual(sent, {
    code: 0,
    out: 'sent "landcover" as version 1\nnothing waits any more\n',
    error: "",
  });
  const { requests } = server;
  assert.equal((await sync(workshop, env)).out, "nothing waits for an MLflow server\n");
  assert.equal(server.requests, requests);
});

Deno.test("mlflow sync without a server's address says which variable names it", async () => {
  await using workshop = await openWaiting();
  const complaint = async (env: Record<string, string>): Promise<string> =>
    await sync(workshop, env).then(() => "none", (error) => {
      assert.ok(error instanceof DiagnosticsError);
      return error.diagnostics[0]!.message;
    });
  assert.match(await complaint({}), /MLFLOW_TRACKING_URI is not set/);
  const wrong = await complaint({ MLFLOW_TRACKING_URI: "ftp://zoe:geheim@host/" });
  assert.match(wrong, /MLFLOW_TRACKING_URI is "ftp:\/\/host\/"/);
});

Deno.test("a run sends what waits after its last step, also when all of it was reused", async () => {
  await using workshop = await openWaiting();
  await using project = await Project.make({
    "workflow.yaml": workflowOf([commandStep("a", "echo a > outputs/out/a.txt")]),
  });
  for (const name of ["mlflow", "registry"]) {
    await Deno.rename(`${workshop.shared}/${name}`, project.path(`.cairn/${name}`));
  }
  const env = { MLFLOW_TRACKING_URI: workshop.base };
  const run = async (): Promise<Ended> =>
    await resultOf(project.spawnWith(env, "run", "workflow.yaml"));
  const away = await run();
  assert.match(away.error, /^mlflow: 2 still waiting;/m);
  await using server = serveFakeMlflow(workshop.port);
  const { code, out, error } = await run();
  assert.equal(code, away.code);
  assert.match(out, /reused +a/);
  assert.match(error, /^mlflow: sent "landcover" as version 1$/m);
  assert.equal(server.tracking.aliases.get("landcover@candidate"), "1");
});
