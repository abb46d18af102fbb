// Loading from disk: what makes a file unreadable, which project it belongs to, what it becomes.
import assert from "node:assert/strict";
import type { LoadResult } from "../../../engine/workflow/load.ts";
import { loadWorkflow } from "../../../engine/workflow/load.ts";

/** A folder that is removed at the end of the test. */
async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.realPath(await Deno.makeTempDir({ prefix: "cairn_load_" }));
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

function load(path: string, cwd: string): Promise<LoadResult> {
  return loadWorkflow({ path, cwd, set: [], env: () => undefined });
}

async function codes(path: string, cwd: string): Promise<readonly string[]> {
  return (await load(path, cwd)).diagnostics.map(({ code }) => code);
}

const STEP = "steps: { a: { uses: prepare } }\n";

Deno.test("a missing file, a folder, a device and a file below a file are refused", async () => {
  await using folder = await temporaryFolder();
  await Deno.writeTextFile(`${folder.path}/file`, STEP);
  assert.deepEqual(await codes("none.yaml", folder.path), ["file-missing"]);
  assert.deepEqual(await codes("file/none.yaml", folder.path), ["file-missing"]);
  assert.deepEqual(await codes(".", folder.path), ["file-is-folder"]);
  assert.deepEqual(await codes("/dev/zero", folder.path), ["file-not-regular"]);
});

Deno.test("a file over 10 MB is refused before it is read, with its size", async () => {
  await using folder = await temporaryFolder();
  const path = `${folder.path}/large.yaml`;
  await Deno.writeTextFile(path, "");
  await Deno.truncate(path, 100_000_000);
  const { diagnostics } = await load(path, folder.path);
  assert.equal(
    diagnostics[0]?.message,
    '"large.yaml" has 100.0 MB; a workflow file has at most 10.0 MB',
  );
});

Deno.test("file names are shown from where the person stands", async () => {
  await using folder = await temporaryFolder();
  await Deno.mkdir(`${folder.path}/here`);
  await Deno.writeTextFile(`${folder.path}/w.yaml`, STEP);
  const { workflow } = await load("../w.yaml", `${folder.path}/here`);
  assert.equal(workflow?.file.name, "../w.yaml");
  assert.equal(workflow?.path, `${folder.path}/w.yaml`);
});

Deno.test("the project is the nearest folder with a mark, else the workflow's own", async () => {
  await using folder = await temporaryFolder();
  await Deno.mkdir(`${folder.path}/a/b/c`, { recursive: true });
  const path = `${folder.path}/a/b/c/w.yaml`;
  await Deno.writeTextFile(path, STEP);
  const project = async (): Promise<string | undefined> =>
    (await load(path, "/")).workflow?.projectFolder;
  assert.equal(await project(), `${folder.path}/a/b/c`);
  await Deno.writeTextFile(`${folder.path}/deno.json`, "{}");
  assert.equal(await project(), folder.path);
  await Deno.mkdir(`${folder.path}/a/b/.cairn`);
  assert.equal(await project(), `${folder.path}/a/b`);
});

Deno.test("everything that a file says arrives typed", async () => {
  await using folder = await temporaryFolder();
  await Deno.writeTextFile(
    `${folder.path}/my_flow.yaml`,
    `params: { n: 2 }
seed: \${{ params.n + 1 }}
steps:
  a: { uses: prepare, with: { tile: "\${{ params.n * 8 }}", list: [1, "\${{ params.n }}"] } }
  b:
    uses: \${{ 'train' }}
    inputs: { tiles: a.tiles, more: a }
    after: [a]
    resources: { cpus: 2, memory: 1GiB, gpus: 0 }
    timeout: 90s
    seed: 9
publish: { "out/\${{ params.n }}": b.model }
`,
  );
  const { workflow, diagnostics } = await load("my_flow.yaml", folder.path);
  assert.deepEqual(diagnostics, []);
  assert.ok(workflow !== undefined);
  const [a, b] = workflow.steps;
  assert.equal(workflow.name, "my_flow");
  assert.deepEqual(workflow.params, { n: 2 });
  assert.deepEqual([a?.seed, b?.seed], [3, 9]);
  assert.deepEqual(a?.with.value, { tile: 16, list: [1, 2] });
  assert.equal(b?.uses.value, "train");
  assert.deepEqual(
    b?.inputs.map(({ port, step, output }) => [port.value, step.value, output?.value]),
    [["tiles", "a", "tiles"], ["more", "a", undefined]],
  );
  assert.deepEqual(b?.resources, { cpus: 2, memoryBytes: 2 ** 30, gpus: 0 });
  assert.equal(b?.timeoutMs, 90_000);
  assert.equal(workflow.publish[0]?.target.value, `${folder.path}/out/2`);
});

Deno.test("a link that leads out of the project is no way to publish there", async () => {
  await using folder = await temporaryFolder();
  await using outside = await temporaryFolder();
  await Deno.mkdir(`${folder.path}/.cairn`);
  await Deno.symlink(outside.path, `${folder.path}/link`);
  await Deno.writeTextFile(`${folder.path}/w.yaml`, `${STEP}publish: { link/report: a.tiles }\n`);
  const { diagnostics } = await load("w.yaml", folder.path);
  assert.equal(
    diagnostics[0]?.message,
    `"link/report" leaves the project: it is "${outside.path}/report"`,
  );
});

Deno.test("any damage to a file gives diagnostics and no exception", async () => {
  await using folder = await temporaryFolder();
  const sample = new URL("../../samples/a_good_workflow_gives_its_graph/", import.meta.url);
  const text = await Deno.readTextFile(new URL("workflow.yaml", sample));
  const path = `${folder.path}/w.yaml`;
  const damages = ["", "{", "]", ":", "'", "\t", "- ", "${{", "\n", "&a ", "*a", "#"];
  for (let at = 0; at < text.length; at += 7) {
    const damage = damages[at % damages.length] ?? "";
    await Deno.writeTextFile(path, text.slice(0, at) + damage + text.slice(at + 1));
    const { diagnostics } = await load(path, folder.path);
    for (const { place } of diagnostics) assert.ok(place === undefined || place.span.start >= 0);
  }
});
