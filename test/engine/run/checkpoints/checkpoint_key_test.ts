// Which options count as monotone.
import assert from "node:assert/strict";
import { monotoneOptions } from "../../../../engine/run/checkpoints/checkpoint_key.ts";
import { monotone, runtimeOnly, z } from "../../../../engine/plugin.ts";
import type { ResolvedPlugin } from "../../../../engine/graph/plugins/plugin_source.ts";
import type { JsonObject } from "../../../../engine/workflow/workflow.ts";

const SCHEMA = z.strictObject({
  always: monotone(z.int().min(1).default(1)).describe("marked before the description"),
  sometimes: monotone(z.int().optional().describe("marked after it"), {
    when: { schedule: "constant", warm: true },
  }),
  schedule: z.enum(["constant", "cosine"]).default("cosine"),
  warm: z.boolean().default(false),
  threads: runtimeOnly(z.int().default(1)),
});

function found(config: JsonObject): readonly string[] {
  const plugin: ResolvedPlugin = {
    name: "p",
    kind: "other",
    description: "",
    version: 1,
    inputs: {},
    configSchema: z.toJSONSchema(SCHEMA, { io: "input" }) as JsonObject, // JSON, as its name says
    specifier: "",
    permissions: {},
  };
  return monotoneOptions({ plugin, resolved: { config, outputs: {}, resources: {} } });
}

Deno.test("a marked option is monotone, with conditions only where all of them hold", () => {
  const config = { always: 1, sometimes: 2, schedule: "constant", warm: true, threads: 4 };
  assert.deepEqual(found(config), ["always", "sometimes"]);
  assert.deepEqual(found({ ...config, warm: false }), ["always"]);
  assert.deepEqual(found({ ...config, schedule: "cosine" }), ["always"]);
});
