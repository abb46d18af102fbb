// A page for other machines: nothing of it without the token, and no name that somebody else could own.
import assert from "node:assert/strict";
import { hostProblem, isLoopback, welcome } from "../../../ui/access/hosts.ts";
import { commandStep, Project, workflowOf } from "../../support/rig.ts";
import { type ServedProject, serveProject, TOKEN } from "../served_project.ts";

const WORKFLOW = workflowOf([commandStep("a", "echo x > outputs/out/x")]);
const ORIGIN = "http://192.0.2.7:4848";
const EVERYTHING = [
  "/",
  "/page/main.js",
  "/api/runs",
  "/api/events",
  `/artifacts/${"0".repeat(64)}/x`,
  `/artifacts/${"0".repeat(64)}.zip`,
  "/nowhere",
];

const serveOthers = (): Promise<ServedProject> => serveProject(WORKFLOW, new Set(["box"]));

async function ask(
  { handle }: ServedProject,
  path: string,
  options: RequestInit = {},
): Promise<Response> {
  const response = await handle(
    new Request(path.startsWith("http") ? path : ORIGIN + path, options),
  );
  await response.body?.cancel();
  return response;
}

Deno.test("other machines get nothing without the token, on no path", async () => {
  await using served = await serveOthers();
  for (const path of EVERYTHING) {
    for (const headers of [{}, { "x-cairn-token": "b".repeat(48) }, { cookie: "cairn_4848=x" }]) {
      assert.equal((await ask(served, path, { headers })).status, 401, path);
    }
  }
  for (const origin of ["http://127.0.0.1:4848", "http://localhost:4848"]) {
    assert.equal((await ask(served, `${origin}/api/runs`)).status, 401, "nor does this one");
  }
  assert.equal((await ask(served, `/?token=${"b".repeat(48)}`)).status, 401);
  const page = await served.handle(new Request(`${ORIGIN}/`, { headers: { accept: "text/html" } }));
  assert.match(await page.text(), /needs the address that the terminal shows/);
});

Deno.test("the address with the token leads in: once in the address, then by a cookie", async () => {
  await using served = await serveOthers();
  const welcomed = await ask(served, `/runs/x?open=a&token=${TOKEN}`);
  assert.equal(welcomed.status, 303);
  assert.equal(welcomed.headers.get("location"), `${ORIGIN}/runs/x?open=a#token=${TOKEN}`);
  const [cookie = "", ...rules] = (welcomed.headers.get("set-cookie") ?? "").split("; ");
  assert.ok(rules.includes("HttpOnly") && rules.includes("SameSite=Lax"));
  assert.ok(!cookie.includes(TOKEN), "it is no token");
  for (const path of ["/", "/page/main.js", "/api/runs"]) {
    assert.equal((await ask(served, path, { headers: { cookie: `a=b; ${cookie}` } })).status, 200);
  }
  assert.equal(
    (await ask(served, "/api/runs", { headers: { "x-cairn-token": TOKEN } })).status,
    200,
  );
  const other = ORIGIN.replace("4848", "4849");
  assert.equal(
    (await ask(served, `${other}/`, { headers: { cookie } })).status,
    401,
    "of one port",
  );
});

Deno.test("a cookie alone changes nothing, and another site neither sees nor changes", async () => {
  await using served = await serveOthers();
  const { headers } = await ask(served, `/?token=${TOKEN}`);
  const [cookie = ""] = (headers.get("set-cookie") ?? "").split("; ");
  const post = { method: "POST", body: "{}" };
  assert.equal((await ask(served, "/api/runs", { ...post, headers: { cookie } })).status, 403);
  const foreign = { cookie, origin: "http://192.0.2.7:9999" };
  assert.equal((await ask(served, "/api/runs", { headers: foreign })).status, 403);
});

Deno.test("addresses and the machine's own names are answered to, other names not", async () => {
  await using served = await serveOthers();
  const headers = { "x-cairn-token": TOKEN };
  const statusOf = async (origin: string): Promise<number> =>
    (await ask(served, `${origin}/api/runs`, { headers })).status;
  for (const host of ["192.0.2.7", "[fd00::2]", "box", "BOX", "localhost"]) {
    assert.equal(await statusOf(`http://${host}:4848`), 200, host);
  }
  for (const host of ["rebound.example", "box.example", "1.2.3.4.example"]) {
    assert.equal(await statusOf(`http://${host}:4848`), 403, host);
  }
});

Deno.test("the terminal shows an address that works, and for other machines what it gives away", () => {
  const here = welcome({ host: "127.0.0.1", port: 1, token: "t" });
  assert.equal(here, "Open http://127.0.0.1:1/#token=t\n");
  const there = welcome({ host: "fd00::2", port: 1, token: "t" });
  assert.match(there, /^Open http:\/\/\[fd00::2\]:1\/\?token=t\n.*can start workflows/);
  assert.match(welcome({ host: "0.0.0.0", port: 1, token: "t" }), /^Open http:\/\/\d+\.\d+/);
  assert.deepEqual(["127.0.0.1", "::1", "0.0.0.0", "192.0.2.7"].map(isLoopback), [
    true,
    true,
    false,
    false,
  ]);
});

Deno.test("a host that cannot be listened on is a message with a way out", () => {
  const absent = hostProblem("192.0.2.9", new Deno.errors.AddrNotAvailable("no"));
  assert.match(absent ?? "", /"192\.0\.2\.9" is no address of this machine\n.*It has 127\.0\.0\.1/);
  const refused = hostProblem("192.0.2.9", new Deno.errors.NotCapable("no"));
  assert.match(refused ?? "", /may not listen on "192\.0\.2\.9"\n.*--host 0\.0\.0\.0/);
  assert.equal(hostProblem("x", new Error("a defect")), undefined);
});

Deno.test("a port that no machine has is told with the last one", async () => {
  await using project = await Project.make({});
  const { code, error } = await project.spawnToEnd("ui", "--port", "65536");
  assert.equal(code, 2);
  assert.match(error, /"--port" needs a whole number from 1 to 65535, not "65536"/);
});
