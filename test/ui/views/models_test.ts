// The registry on the page: versions with what made them, damaged records, and aliases that move.
import assert from "node:assert/strict";
import type { ModelView } from "../../../ui/views/models.ts";
import type { RunSummary } from "../../../ui/views/run_view.ts";
import { serveRegistering } from "../registering_project.ts";
import { type ServedProject, serveProject, TOKEN } from "../served_project.ts";

async function listModels({ json }: ServedProject): Promise<readonly ModelView[]> {
  return (await json<{ models: readonly ModelView[] }>("/api/models")).models;
}

async function move(
  { get }: ServedProject,
  path: string,
  options: { readonly version: unknown; readonly token?: string },
): Promise<{ readonly status: number; readonly message: string }> {
  const headers = { "x-cairn-token": options.token ?? TOKEN };
  const body = JSON.stringify({ version: options.version });
  const response = await get(`/api/models/${path}`, { method: "POST", headers, body });
  const { message = "" } = await response.json();
  return { status: response.status, message };
}

async function registerTwo({ project }: ServedProject): Promise<void> {
  assert.equal((await project.cairn("run", "workflow.yaml")).code, 0);
  assert.equal((await project.cairn("run", "workflow.yaml", "--set", "version=2")).code, 0);
}

Deno.test("without a registry there are no models", async () => {
  await using served = await serveProject("");
  assert.deepEqual(await listModels(served), []);
});

Deno.test("versions have their scores, aliases, and the steps of the run that led to them", async () => {
  await using served = await serveRegistering();
  await registerTwo(served);
  await served.project.cairn("run", "workflow.yaml"); // reuses what the first run made
  const { runs } = await served.json<{ runs: readonly RunSummary[] }>("/api/runs");
  const [model] = await listModels(served);
  assert.equal(model?.name, "landcover");
  assert.deepEqual(model.versions.map(({ version, origin }) => [version, origin?.run]), [
    [2, runs[1]?.run],
    [1, runs[2]?.run],
  ]);
  const [newest] = model.versions;
  assert.equal(newest?.record?.scores?.accuracy, 0.5);
  assert.deepEqual(newest.origin?.steps, [
    { name: "tiles", makes: ["tiles"] },
    { name: "version", makes: ["version"] },
  ]);
});

Deno.test("a damaged record is shown as such beside the others", async () => {
  await using served = await serveRegistering();
  await registerTwo(served);
  await served.project.write(".cairn/registry/landcover/versions/2/version.json", "{ torn");
  const [model] = await listModels(served);
  assert.deepEqual(model?.versions.map(({ record }) => record !== undefined), [false, true]);
});

Deno.test("an alias moves to another version, as the command moves it", async () => {
  await using served = await serveRegistering();
  await registerTwo(served);
  const aliases = async (): Promise<unknown> => (await listModels(served))[0]?.aliases;
  assert.deepEqual(await aliases(), [{ name: "candidate", version: 2 }]);
  assert.equal((await move(served, "landcover/aliases/candidate", { version: 1 })).status, 200);
  assert.deepEqual(await aliases(), [{ name: "candidate", version: 1 }]);
  const { code, out } = await served.project.cairn("alias", "landcover", "best", "2");
  assert.deepEqual([code, out], [0, `"best" of "landcover" is now version 2\n`]);
  assert.deepEqual(await aliases(), [
    { name: "best", version: 2 },
    { name: "candidate", version: 1 },
  ]);
});

Deno.test("no alias leads to a version that is not there, out of the registry, or without the token", async () => {
  await using served = await serveRegistering();
  await registerTwo(served);
  const before = served.project.files(".cairn");
  for (
    const [path, version, said] of [
      ["landcover/aliases/candidate", 3, /no version "3" of a model "landcover"/],
      ["landcover/aliases/candidate", "../1", /no version/],
      ["landcover/aliases/candidate", null, /no version/],
      ["other/aliases/candidate", 1, /no version "1" of a model "other"/],
      ["landcover/aliases/latest", 1, /Reserved/],
      ["landcover/aliases/..%2f..%2fx", 1, /cannot be an alias/],
      ["..%2flandcover/aliases/x", 1, /cannot be an alias/],
      ["--store/aliases/x", 1, /cannot be an alias/],
    ] as const
  ) {
    const { status, message } = await move(served, path, { version });
    assert.equal(status, 422, path);
    assert.match(message, said);
  }
  const stranger = { version: 1, token: "b".repeat(48) };
  assert.equal((await move(served, "landcover/aliases/candidate", stranger)).status, 403);
  assert.deepEqual(served.project.files(".cairn"), before);
  assert.equal((await listModels(served))[0]?.aliases[0]?.version, 2);
});
