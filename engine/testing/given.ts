// The plugin that makes an artifact of files that a test gives; a program does it, which starts fastest.
import { definePlugin, path, z } from "../plugin.ts";

/** Makes an artifact of a folder. */
export const givenPlugin = definePlugin({
  name: "given",
  kind: "other",
  description: "Files that a test gives to a plugin",
  version: 1,
  config: z.strictObject({
    folder: path("folder").describe("the files"),
    type: z.string().describe("type of the artifact"),
  }),
  inputs: {},
  outputs: ({ type }) => ({ files: { type, description: "the files" } }),
  command: ({ folder }) => ({
    argv: ["cp", "-R", `${folder}/.`, "${{ outputs.files }}"],
    env: {},
  }),
});
