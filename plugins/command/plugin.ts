// Any program as a step: spawned directly in a folder of its own that holds only what the step declares.
import { definePlugin, type OptionProblem, path, type Ports, z } from "../../engine/plugin.ts";

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
        "${{ scratch }} stand for folders; an input that is a list holds a folder for each item",
    ),
    outputs: z.record(name, z.string().min(1)).default({}).describe(
      "artifact type of each output; the program fills the folder ${{ outputs.NAME }}",
    ),
    files: z.array(path("any")).default([]).describe(
      "files and folders that the program reads; copied to the same relative path in its folder",
    ),
    env: z.record(z.string().regex(/^[A-Za-z_]\w*$/), z.string()).default({}).describe(
      "environment variables of the program; no others are passed on; their values are kept with the " +
        "step's results and shared with them, so name a file that holds a secret instead",
    ),
  }),
  check: ({ files }) => files.flatMap((file, index) => fileProblems(file, { index, files })),
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

/** Problems of one declared file: it must have a place of its own in the program's folder. */
function fileProblems(
  file: string,
  { index, files }: { readonly index: number; readonly files: readonly string[] },
): readonly OptionProblem[] {
  const problem = (message: string, hint: string): readonly OptionProblem[] => [
    { path: ["files", index], message, hint },
  ];
  const place = placeOf(file);
  if (place === "") {
    return problem(`"${file}" is the whole project`, "Name the files that are read");
  }
  return files.findIndex((other) => placeOf(other) === place) < index
    ? problem(`"${file}" and another file would lie at "${place}"`, "Rename one of them")
    : [];
}

/** Where a file will lie: files from outside of the project keep only their name. */
function placeOf(file: string): string {
  const parts = file.split("/").filter((part) => part !== "" && part !== ".");
  const isOutside = file.startsWith("/") || parts.includes("..");
  return isOutside ? parts.at(-1) ?? "" : parts.join("/");
}
