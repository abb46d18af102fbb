import assert from "node:assert/strict";
import { Slots } from "../../../../engine/cache/remote/slots.ts";

Deno.test("no more goes on at once than there are slots, and all of it is done", async () => {
  const slots = new Slots(2);
  let busy = 0;
  let most = 0;
  const done: number[] = [];
  await slots.each([1, 2, 3, 4, 5], async (item) => {
    most = Math.max(most, ++busy);
    await Promise.resolve();
    busy--;
    done.push(item);
  });
  assert.deepEqual([most, done.toSorted()], [2, [1, 2, 3, 4, 5]]);
});

Deno.test("after a failure nothing new begins, and what goes on is awaited", async () => {
  const slots = new Slots(2);
  const slow = Promise.withResolvers<void>();
  const begun: number[] = [];
  let isSlowDone = false;
  const all = slots.each([1, 2, 3, 4], async (item) => {
    begun.push(item);
    if (item === 1) throw new Error("one failed");
    await slow.promise;
    isSlowDone = true;
  });
  slow.resolve();
  await assert.rejects(all, { message: "one failed" });
  assert.deepEqual([begun, isSlowDone], [[1, 2], true]);
  assert.equal(await slots.use(() => Promise.resolve("free again")), "free again");
});
