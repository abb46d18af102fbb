// A served project whose last step registers a model, as small as one can be.
import { type ServedProject, serveProject } from "./served_project.ts";

const WORKFLOW = `name: small
params: { version: 1 }
steps:
  tiles:
    uses: command
    with: { run: "echo \${{ params.version }} > outputs/out/x", outputs: { out: tiles } }
  aside:
    uses: command
    with: { run: echo aside > outputs/out/x, outputs: { out: text } }
  version:
    uses: ./register.ts
    inputs: { model: tiles.out }
    with: { version: "\${{ params.version }}" }
`;

const PLUGIN = `import { definePlugin, z } from "cairn/plugin";
export const plugin = definePlugin({
  name: "small-register", kind: "register", description: "", version: 1,
  config: z.strictObject({ version: z.int() }),
  inputs: { model: { type: "tiles", description: "" } },
  outputs: { version: { type: "version", description: "" } },
  permissions: { shared: ["registry"] },
  async run({ config: { version }, outputs, shared, effect }) {
    const home = shared.registry + "/landcover";
    const path = home + "/versions/" + version + "/version.json";
    await Deno.mkdir(home + "/versions/" + version, { recursive: true });
    await Deno.mkdir(home + "/aliases", { recursive: true });
    const scores = { split: "test", tiles: 2, accuracy: 0.5 };
    const record = { created: "2026-01-01T00:00:00Z", digest: "sha256:0", model: { bands: 3 }, scores };
    await Deno.writeTextFile(path, JSON.stringify(record));
    await Deno.writeTextFile(home + "/aliases/candidate", version + "\\n");
    await Deno.writeTextFile(outputs.version + "/x", "x");
    effect(path);
  },
});
`;

/** Serves a project whose workflow registers the version that its parameter names. */
export async function serveRegistering(): Promise<ServedProject> {
  const served = await serveProject(WORKFLOW);
  await served.project.write("register.ts", PLUGIN);
  return served;
}
