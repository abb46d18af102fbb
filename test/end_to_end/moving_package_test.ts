// A plugin whose npm package gets a newer version, on a registry of this machine.
import assert from "node:assert/strict";
import { Project, resultOf } from "../support/rig.ts";

const NAME = "@cairn-test/moving";
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

const PLUGIN = `import { definePlugin, z } from "cairn/plugin";
import { version } from "npm:${NAME}@1";
export const plugin = definePlugin({
  name: "mine",
  kind: "other",
  description: "writes which version it got",
  version: 1,
  config: z.strictObject({}),
  inputs: {},
  outputs: { out: { type: "text", description: "" } },
  run: ({ outputs }) => Deno.writeTextFile(outputs.out + "/version", version),
});
`;

/** Packs a version as `npm publish` does. */
async function pack(project: Project, version: string): Promise<Uint8Array<ArrayBuffer>> {
  const description = { name: NAME, version, type: "module", exports: "./main.js" };
  await project.write("package/package.json", JSON.stringify(description));
  await project.write("package/main.js", `export const version = "${version}";\n`);
  const tar = new Deno.Command("tar", {
    args: ["czf", "package.tgz", "package"],
    cwd: project.folder,
  });
  assert.equal((await tar.output()).code, 0);
  return await Deno.readFile(project.path("package.tgz"));
}

/** A registry of the versions that are in the map at each moment. */
function serve(
  versions: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, ({ url }) => {
    const { origin, pathname } = new URL(url);
    const asked = versions.get(pathname.slice(1));
    if (asked !== undefined) return new Response(asked);
    const entries = [...versions.keys()].map((version) => {
      const dist = { tarball: `${origin}/${version}` };
      return [version, { name: NAME, version, dist }] as const;
    });
    const tags = { latest: entries.at(-1)?.[0] };
    return Response.json({
      name: NAME,
      "dist-tags": tags,
      versions: Object.fromEntries(entries),
    });
  });
}

Deno.test("a step runs again once Deno knows of a newer version that its plugin's imports may mean", async () => {
  await using project = await Project.make({
    "plugin.ts": PLUGIN,
    "workflow.yaml": "steps:\n  a:\n    uses: ./plugin.ts\npublish:\n  out: a.out\n",
  });
  const versions = new Map([["1.0.0", await pack(project, "1.0.0")]]);
  await using server = serve(versions);
  const registry = `@cairn-test:registry=http://127.0.0.1:${server.addr.port}/\n`;
  await project.write("home/.npmrc", registry);
  const denoDir = Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`;
  const env = { HOME: project.path("home"), DENO_DIR: denoDir };
  const runsAs = async (ending: string, version: string): Promise<void> => {
    const { code, out, error } = await resultOf(project.spawnWith(env, "run", "workflow.yaml"));
    assert.equal(code, 0, out + error);
    assert.match(out, new RegExp(`: ${ending}$`, "m"));
    assert.equal(await project.read("out/version"), version);
  };
  await runsAs("1 ran", "1.0.0");
  await runsAs("1 reused", "1.0.0");
  versions.set("1.1.0", await pack(project, "1.1.0"));
  await runsAs("1 reused", "1.0.0");
  const reload = new Deno.Command(Deno.execPath(), {
    args: ["cache", "--no-lock", "--config", CONFIG, `--reload=npm:${NAME}`, "plugin.ts"],
    cwd: project.folder,
    env,
  });
  assert.equal((await reload.output()).code, 0);
  await runsAs("1 ran", "1.1.0");
  await runsAs("1 reused", "1.1.0");
});
