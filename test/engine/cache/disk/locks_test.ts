// Locks: who waits for whom.
import assert from "node:assert/strict";
import { SharedLock } from "../../../../engine/cache/disk/locks.ts";

async function withLocks(work: (a: SharedLock, b: SharedLock) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempFile({ prefix: "cairn_lock_" });
  try {
    using a = new SharedLock(path);
    using b = new SharedLock(path);
    await work(a, b);
  } finally {
    await Deno.remove(path);
  }
}

const never = new AbortController().signal;

Deno.test("many share a lock at the same time, also from one process", () =>
  withLocks(async (a, b) => {
    const inside = Promise.withResolvers<void>();
    const first = a.share(() => inside.promise);
    await b.share(() => a.share(() => Promise.resolve()));
    inside.resolve();
    await first;
  }));

Deno.test("one who wants the lock alone waits for all who share it, and says so", () =>
  withLocks(async (a, b) => {
    const order: string[] = [];
    const leave = Promise.withResolvers<void>();
    const entered = Promise.withResolvers<void>();
    const sharing = a.share(async () => {
      entered.resolve();
      await leave.promise;
      order.push("shared");
    });
    await entered.promise;
    const onWait = (): void => {
      order.push("waits");
      leave.resolve();
    };
    await b.alone({ signal: never, onWait }, () => Promise.resolve(order.push("alone")));
    await sharing;
    assert.deepEqual(order, ["waits", "shared", "alone"]);
  }));

Deno.test("who shares waits for the one who has the lock alone", () =>
  withLocks(async (a, b) => {
    const order: string[] = [];
    let sharing: Promise<unknown> | undefined;
    await a.alone({ signal: never, onWait: () => assert.fail("nobody is there") }, () => {
      sharing = b.share(() => Promise.resolve(order.push("shared")));
      order.push("alone");
      return Promise.resolve();
    });
    await sharing;
    assert.deepEqual(order, ["alone", "shared"]);
  }));

Deno.test("work that fails gives the lock back", () =>
  withLocks(async (a, b) => {
    await assert.rejects(a.share(() => Promise.reject(new Error("oops"))), /oops/);
    const alone = { signal: never, onWait: () => assert.fail("the lock is free") };
    await assert.rejects(b.alone(alone, () => Promise.reject(new Error("oops"))), /oops/);
    await a.share(() => Promise.resolve());
  }));

Deno.test("waiting ends with the signal's reason", () =>
  withLocks(async (a, b) => {
    await a.share(async () => {
      const stop = new AbortController();
      const onWait = (): void => stop.abort(new Error("enough"));
      const waiting = b.alone({ signal: stop.signal, onWait }, () => Promise.resolve());
      await assert.rejects(waiting, /enough/);
    });
  }));
