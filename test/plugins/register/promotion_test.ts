// When a version takes an alias from another: the rule, and what the local registry makes of it.
import assert from "node:assert/strict";
import { StepError } from "../../../engine/plugin.ts";
import { registerPlugin } from "../../../plugins/register/plugin.ts";
import { decidePromotion, type Rated } from "../../../plugins/register/promotion.ts";
import { changeModel, openWorkshop, registerIn, type Workshop } from "./support.ts";

const rule = { alias: "champion", when: "macro-f1", by: 0 } as const;
const scored = (version: string, macroF1: number, split = "test"): Required<Rated> & {
  scores: NonNullable<Rated["scores"]>;
} => ({ version, scores: { split, accuracy: 0.5, meanIou: 0.5, macroF1 } });

const config = { promote: { when: "macro-f1" } };
const champion = (workshop: Workshop): Promise<string> =>
  Deno.readTextFile(`${workshop.shared}/registry/landcover/aliases/champion`);

Deno.test("only a higher score takes the alias, an equal one does not", () => {
  const decide = (ours: number, theirs: number, by = 0): boolean =>
    decidePromotion({ ...rule, by }, scored("2", ours), scored("1", theirs)).isPromoted;
  assert.ok(decide(0.81, 0.8));
  assert.ok(!decide(0.8, 0.8));
  assert.ok(!decide(0.79, 0.8));
  assert.ok(!decide(0.82, 0.8, 0.05));
  assert.ok(decide(0.9, 0.8, 0.05));
});

Deno.test("versions scored on other splits, or not at all, are never compared", () => {
  const onVal = decidePromotion(rule, scored("2", 0.9), scored("1", 0.1, "val"));
  assert.ok(!onVal.isPromoted);
  assert.match(onVal.reason, /scored on "test", which cannot be compared with .* on "val"/);
  const unknown = decidePromotion(rule, scored("2", 0.9), { version: "1", scores: null });
  assert.ok(!unknown.isPromoted);
  assert.match(unknown.reason, /No macro F1 is known of version 1/);
});

Deno.test("the local champion gives way only to a better version, each decision on record", async () => {
  await using workshop = await openWorkshop();
  await using first = await registerIn(workshop, { config });
  assert.ok(first.logs.includes('Version 1 is the first "champion"'));
  await changeModel(workshop, { weights: "worse", predicted: [1, 1, 0, 1] });
  await using second = await registerIn(workshop, { config });
  assert.equal(await champion(workshop), "1\n");
  await changeModel(workshop, { weights: "better", predicted: [0, 0, 1, 1] });
  await using third = await registerIn(workshop, { config });
  assert.equal(await champion(workshop), "3\n");
  const decisions = (await Deno.readTextFile(
    `${workshop.shared}/registry/landcover/promotions.ndjson`,
  )).trim().split("\n").map((line) => JSON.parse(line).isPromoted);
  assert.deepEqual(decisions, [true, false, true]);
  const output = JSON.parse(await Deno.readTextFile(`${third.outputs["version"]}/promotion.json`));
  assert.equal(output.before, "1");
  const alias = `${workshop.shared}/registry/landcover/aliases/champion`;
  for (const run of [first, second, third]) assert.ok(run.effects.includes(alias));
});

Deno.test("of versions registered at once the best one ends as champion", async () => {
  await using workshop = await openWorkshop();
  await using _first = await registerIn(workshop, { config });
  const candidates = [[1, 1, 0, 1], [0, 0, 1, 1], [0, 1, 0, 1]];
  await using all = new AsyncDisposableStack();
  await Promise.all(candidates.map(async (predicted, index) => {
    const other = all.use(await openWorkshop());
    await changeModel(other, { weights: `model ${index}`, predicted });
    all.use(await registerIn({ ...other, shared: workshop.shared }, { config }));
  }));
  const version = (await champion(workshop)).trim();
  const record = JSON.parse(
    await Deno.readTextFile(
      `${workshop.shared}/registry/landcover/versions/${version}/version.json`,
    ),
  );
  assert.equal(record.scores.macroF1, 1);
});

Deno.test("a promotion without scores is an error that says what to connect", async () => {
  await using workshop = await openWorkshop();
  await assert.rejects(
    registerIn(workshop, { config, withScores: false }),
    (error) => error instanceof StepError && /metrics output of a test/.test(error.hint ?? ""),
  );
  await assert.rejects(Deno.stat(`${workshop.shared}/registry/landcover`), Deno.errors.NotFound);
});

Deno.test("the alias that moves to every version cannot be the better version's", () => {
  const options = registerPlugin.config.parse({
    name: "landcover",
    promote: { alias: "candidate", when: "accuracy" },
  });
  assert.deepEqual(registerPlugin.check?.(options).map(({ path }) => path), [["promote", "alias"]]);
});
