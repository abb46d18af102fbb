// What options take, in words, from the schemas that plugins declare.
import assert from "node:assert/strict";
import { optionRows } from "../../../../engine/graph/editor/option_words.ts";
import type { JsonObject } from "../../../../engine/workflow/workflow.ts";
import { path, z } from "../../../../engine/plugin.ts";

function wordsOf(schema: z.ZodType): string | undefined {
  const json = z.toJSONSchema(z.strictObject({ it: schema }), { io: "input" });
  return optionRows(json as JsonObject)[0]?.takes;
}

for (
  const [schema, words] of [
    [z.string(), "text"],
    [z.int(), "whole number"],
    [z.int().min(1), "whole number, 1 or more"],
    [z.number().min(0).max(1), "number, 0 to 1"],
    [z.number().positive().max(1), "number, more than 0, at most 1"],
    [z.boolean(), "true, false"],
    [z.enum(["adam", "sgd"]), "adam, sgd"],
    [path("file"), "path of a file"],
    [path(), "path"],
    [z.array(path("folder")), "[path of a folder, …]"],
    [z.tuple([z.number(), z.number()]), "[number, number]"],
    [z.record(z.string(), z.number()), "{ name: number, … }"],
    [z.strictObject({ flip: z.boolean(), turn: z.boolean() }), "{ flip, turn }"],
    [z.union([z.boolean(), z.array(z.string())]), "true, false or [text, …]"],
  ] as const
) {
  Deno.test(`an option is described as "${words}"`, () => assert.equal(wordsOf(schema), words));
}

Deno.test("a row says what an option is for, its default, and whether it must be given", () => {
  const schema = z.strictObject({
    size: z.int().describe("edge of a tile"),
    names: z.array(z.string()).default(["a", "b"]).describe("classes"),
    suffix: z.string().default(""),
  });
  const rows = optionRows(z.toJSONSchema(schema, { io: "input" }) as JsonObject);
  assert.deepEqual(rows, [
    { name: "size", takes: "whole number", isRequired: true, description: "edge of a tile" },
    {
      name: "names",
      takes: "[text, …]",
      default: "[a, b]",
      isRequired: false,
      description: "classes",
    },
    { name: "suffix", takes: "text", default: '""', isRequired: false, description: "" },
  ]);
});
