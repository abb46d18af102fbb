// Words for what a schema finds wrong, for each sort of issue.
import assert from "node:assert/strict";
import { optionIssues } from "../../../../engine/graph/plugins/option_issues.ts";
import type { OptionIssue } from "../../../../engine/graph/plugins/plugin_source.ts";
import { z } from "../../../../engine/plugin.ts";
import type { JsonObject } from "../../../../engine/workflow/workflow.ts";

/** Issues of an option named "x" with a schema and a value. */
function issues(schema: z.ZodType, value: unknown): readonly OptionIssue[] {
  const options = z.strictObject({ x: schema, other: z.string().optional() });
  const raw = value === undefined ? {} : { x: value };
  const { error } = options.safeParse(raw);
  assert.ok(error !== undefined, "the value fits");
  const json = z.toJSONSchema(options, { io: "input", unrepresentable: "any" }) as JsonObject;
  return optionIssues(error, raw, json);
}

function words(schema: z.ZodType, value: unknown): string {
  return issues(schema, value).map(({ path, message }) => `${path.join(".")} ${message}`).join(
    "; ",
  );
}

Deno.test("wrong types say what was wanted and what is there", () => {
  const cases: readonly (readonly [z.ZodType, unknown, string])[] = [
    [z.number(), "many", 'x must be a number, not "many"'],
    [z.int(), 2.5, "x must be a whole number, not 2.5"],
    [z.string(), 5, "x must be a text, not 5"],
    [z.boolean(), "yes", 'x must be true or false, not "yes"'],
    [z.array(z.string()), "a", 'x must be a list, not "a"'],
    [z.array(z.string()), ["a", 1], "x.1 must be a text, not 1"],
    [z.tuple([z.number(), z.number()]), {}, "x must be a list, not a map"],
    [z.record(z.string(), z.number()), [], "x must be a map, not an empty list"],
    [z.record(z.string(), z.number()), { a: true }, "x.a must be a number, not true"],
    [z.strictObject({ y: z.int() }), { y: null }, "x.y must be a whole number, not nothing"],
  ];
  for (const [schema, value, text] of cases) {
    assert.equal(words(schema, value), text);
    assert.equal(issues(schema, value)[0]?.kind, "wrong-type");
  }
});

Deno.test("limits are named with the value that crosses them", () => {
  const cases: readonly (readonly [z.ZodType, unknown, string])[] = [
    [z.int().min(1), 0, "x must be at least 1, not 0"],
    [z.int().max(5), 6, "x must be at most 5, not 6"],
    [z.number().positive(), 0, "x must be more than 0, not 0"],
    [z.number().lt(1), 1, "x must be less than 1, not 1"],
    [z.string().min(1), "", "x must not be empty"],
    [z.string().max(3), "abcd", "x must have at most 3 characters, not 4"],
    [z.array(z.int()).min(2), [1], "x must have at least 2 items, not 1"],
    [z.array(z.int()).length(2), [1], "x must have exactly 2 items, not 1"],
    [z.tuple([z.int(), z.int()]), [1, 2, 3], "x must have at most 2 items, not 3"],
  ];
  for (const [schema, value, text] of cases) {
    assert.equal(words(schema, value), text);
    assert.equal(issues(schema, value)[0]?.kind, "out-of-range");
  }
});

Deno.test("choices are handed on for suggestions", () => {
  const [issue] = issues(z.enum(["auto", "cpu"]), "gpu");
  assert.equal(issue?.message, 'cannot be "gpu"');
  assert.deepEqual([issue?.key, issue?.candidates], ["gpu", ["auto", "cpu"]]);
  assert.equal(words(z.literal("one"), "two"), 'x must be "one", not "two"');
});

Deno.test("a missing option is called missing, whatever its schema", () => {
  const schemas = [z.int(), z.enum(["a", "b"]), z.union([z.int(), z.string()]), z.array(z.int())];
  for (const schema of schemas) {
    const [issue, ...more] = issues(schema.describe("what for"), undefined);
    assert.deepEqual([issue?.kind, issue?.path, issue?.key], ["missing", ["x"], "x"]);
    assert.match(issue?.hint ?? "", /what for/);
    assert.deepEqual(more, []);
  }
});

Deno.test("every unknown option is an issue of its own, nested ones too", () => {
  const schema = z.strictObject({ near: z.int().optional(), far: z.int().optional() });
  const found = issues(schema, { naer: 1, fra: 2 });
  assert.deepEqual(found.map(({ kind, path }) => [kind, path]), [
    ["unknown", ["x", "naer"]],
    ["unknown", ["x", "fra"]],
  ]);
  assert.deepEqual(found[0]?.candidates, ["near", "far"]);
});

Deno.test("a union takes the branch that fits the kind of value", () => {
  const schema = z.union([z.enum(["auto", "off"]), z.int().min(1), z.array(z.int())]);
  assert.equal(words(schema, 0), "x must be at least 1, not 0");
  assert.equal(words(schema, ["a"]), 'x.0 must be a whole number, not "a"');
  assert.equal(
    words(schema, "on"),
    'x must be "auto", "off", a whole number or a list, not "on"',
  );
});

Deno.test("alternatives told apart by one field say what that field may be", () => {
  const schema = z.discriminatedUnion("by", [
    z.strictObject({ by: z.literal("fraction"), test: z.number() }),
    z.strictObject({ by: z.literal("list"), file: z.string() }),
  ]);
  assert.equal(words(schema, { by: "lst" }), 'x.by cannot be "lst"');
  assert.equal(words(schema, {}), "x.by is missing");
  assert.equal(words(schema, { by: "list", file: 3 }), "x.file must be a text, not 3");
});

Deno.test("patterns, multiples and an author's own words are told", () => {
  assert.equal(words(z.number().multipleOf(16), 20), "x must be a multiple of 16, not 20");
  assert.equal(words(z.string().regex(/^a+$/), "b"), 'x must match /^a+$/, not "b"');
  assert.equal(words(z.string().regex(/^a+$/, "must be made of a"), "b"), "x must be made of a");
  assert.equal(words(z.iso.date(), "today"), 'x must be of the form "date", not "today"');
  assert.equal(words(z.int().refine((n) => n % 2 === 0, "must be even"), 3), "x must be even");
});
