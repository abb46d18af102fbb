// Any program as a step: spawned directly in a folder of its own that holds only what the step declares.
import { definePlugin, path, type Ports, z } from "../../engine/plugin.ts";

const name = z.string().regex(/^[A-Za-z_][\w-]*$/, "must be letters, digits, _ or -");

export const commandPlugin = definePlugin({
  name: "command",
  kind: "other",
  description:
    "Runs a program; it finds its inputs, its declared files and its output folders in its " +
    "working folder",
  version: 1,
  config: z.strictObject({
    run: z.union([z.string().min(1), z.array(z.string()).min(1)]).describe(
      "a shell command, or a program and its arguments; ${{ inputs.x }}, ${{ outputs.x }} and " +
        "${{ scratch }} stand for folders",
    ),
    outputs: z.record(name, z.string().min(1)).default({}).describe(
      "artifact type of each output; the program fills the folder ${{ outputs.NAME }}",
    ),
    files: z.array(path("any")).default([]).describe(
      "files and folders that the program reads; copied to the same relative path in its folder",
    ),
    env: z.record(z.string().regex(/^[A-Za-z_]\w*$/), z.string()).default({}).describe(
      "environment variables of the program; no others are passed on",
    ),
  }),
  inputs: "any",
  outputs: (config): Ports =>
    Object.fromEntries(
      Object.entries(config.outputs).map(([name, type]) => [name, { type, description: "" }]),
    ),
  command: (config) => ({
    argv: typeof config.run === "string" ? ["sh", "-e", "-c", config.run] : config.run,
    env: config.env,
  }),
});
