// Who may ask, where answers can lead, and what a browser may do with them.
import assert from "node:assert/strict";
import type { StepPage } from "../../../ui/views/step_view.ts";
import { commandStep, workflowOf } from "../../support/rig.ts";
import { type ServedProject, serveProject } from "../served_project.ts";

const HOSTILE = workflowOf([
  commandStep(
    "evil",
    [
      `echo '<script>alert(1)</script>'`,
      `echo '<script>alert(1)</script>' > outputs/out/page.html`,
      `echo '<svg onload="alert(1)"/>' > outputs/out/drawing.svg`,
      `echo 'alert(1)' > outputs/out/code.js`,
      `echo secret > outputs/out/unknown.bin`,
    ].join("\n"),
  ),
]);

async function evilTree({ project, json }: ServedProject): Promise<string> {
  await project.run();
  const { runs } = await json<{ runs: readonly { run: string }[] }>("/api/runs");
  const page = await json<StepPage>(`/api/runs/${runs[0]?.run}/steps/evil`);
  return page.outputs[0]?.tree?.slice("sha256:".length) ?? "";
}

Deno.test("only this machine's own names are answered to", async () => {
  await using served = await serveProject(HOSTILE);
  const ask = async (url: string): Promise<number> =>
    (await served.handle(new Request(url))).status;
  assert.equal(await ask("http://127.0.0.1:4848/api/runs"), 200);
  assert.equal(await ask("http://localhost:4848/api/runs"), 200);
  assert.equal(await ask("http://rebound.example:4848/api/runs"), 403);
  assert.equal(await ask("http://127.0.0.1.example/api/runs"), 403);
});

Deno.test("requests of other sites are refused, and so is everything but looking", async () => {
  await using served = await serveProject(HOSTILE);
  const ask = async (headers: Record<string, string>, method = "GET"): Promise<number> =>
    (await served.get("/api/runs", { headers, method })).status;
  assert.equal(await ask({ origin: "http://127.0.0.1:4848" }), 200);
  assert.equal(await ask({ origin: "http://127.0.0.1:9999" }), 403);
  assert.equal(await ask({ origin: "https://example.org" }), 403);
  assert.equal(await ask({ origin: "null" }), 403);
  assert.equal(await ask({ "sec-fetch-site": "cross-site" }), 403);
  assert.equal(await ask({ "sec-fetch-site": "same-site" }), 403);
  const framed = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
  assert.equal(await ask({ ...framed, "sec-fetch-dest": "iframe" }), 403);
  assert.equal(await ask({ ...framed, "sec-fetch-dest": "document" }), 200, "a followed link");
  assert.equal(await ask({ ...framed, "sec-fetch-dest": "document" }, "POST"), 403);
  assert.equal(await ask({}, "POST"), 403);
  assert.equal(await ask({}, "DELETE"), 403);
});

Deno.test("every answer forbids inline scripts, other sites and guessing of types", async () => {
  await using served = await serveProject(HOSTILE);
  for (const path of ["/", "/page/main.js", "/api/runs", "/nowhere"]) {
    const { headers } = await served.get(path);
    const policy = headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'/, path);
    assert.match(policy, /script-src 'self';/, path);
    assert.doesNotMatch(policy, /unsafe|https?:/, path);
    assert.equal(headers.get("x-content-type-options"), "nosniff", path);
    assert.equal(headers.get("cross-origin-resource-policy"), "same-origin", path);
  }
});

Deno.test("what a step made is sent so that nothing in it can run", async () => {
  await using served = await serveProject(HOSTILE);
  const tree = await evilTree(served);
  const types = {
    "page.html": "text/html; charset=utf-8",
    "drawing.svg": "image/svg+xml",
    "code.js": "text/plain; charset=utf-8",
    "unknown.bin": "application/octet-stream",
  };
  for (const [file, type] of Object.entries(types)) {
    const response = await served.get(`/artifacts/${tree}/${file}`);
    await response.body?.cancel();
    const policy = response.headers.get("content-security-policy") ?? "";
    assert.equal(response.headers.get("content-type"), type);
    assert.match(policy, /^sandbox; default-src 'none'/);
    assert.doesNotMatch(policy, /script|allow-/);
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  }
});

Deno.test("no path leads out of the store", async () => {
  await using served = await serveProject(HOSTILE);
  const tree = await evilTree(served);
  await served.project.write("secret.txt", "secret");
  const paths = [
    `/artifacts/${tree}/../../../secret.txt`,
    `/artifacts/${tree}/..%2f..%2f..%2fsecret.txt`,
    `/artifacts/${tree}/%2e%2e/%2e%2e/secret.txt`,
    `/artifacts/${tree}/%2fetc%2fpasswd`,
    `/artifacts/${tree}/page.html%00.png`,
    "/page/..%2fserver%2fserver.ts",
    "/page/%2e%2e/server/server.ts",
    "/api/runs/..%2f..",
    "/api/runs/..%2fregistry/events",
    "/api/artifacts/..%2f..%2fFORMAT",
  ];
  for (const path of paths) assert.equal((await served.get(path)).status, 404, path);
});

Deno.test("asking for a file's bytes as if they were a folder leaves them unharmed", async () => {
  await using served = await serveProject(workflowOf([
    commandStep("a", "printf '\\377\\376\\000' > outputs/out/bytes.bin"),
  ]));
  await served.project.run();
  for (const object of served.project.files(".cairn/objects/sha256")) {
    const hex = object.replaceAll("/", "");
    const response = await served.get(`/api/artifacts/${hex}`);
    assert.ok([200, 410].includes(response.status), `${response.status}`);
  }
  assert.deepEqual(served.project.files(".cairn/quarantine"), []);
});

Deno.test("altered bytes are not shown as if they were the result", async () => {
  await using served = await serveProject(HOSTILE);
  const tree = await evilTree(served);
  for (const object of served.project.files(".cairn/objects/sha256")) {
    const path = served.project.path(`.cairn/objects/sha256/${object}`);
    if (await Deno.readTextFile(path) !== "secret\n") continue;
    await Deno.chmod(path, 0o644);
    await Deno.writeTextFile(path, "forged\n");
  }
  const response = await served.get(`/artifacts/${tree}/unknown.bin`);
  assert.equal(response.status, 410);
  assert.match((await response.json()).message, /altered; run the workflow again/);
});

Deno.test("an address that is not well written is answered, not crashed on", async () => {
  await using served = await serveProject(HOSTILE);
  for (const path of ["/api/runs/%ff", "/api/runs/a/steps/%E0%A4%A", "/page/%"]) {
    const { status } = await served.get(path);
    assert.ok([400, 404].includes(status), `${path}: ${status}`);
  }
});
