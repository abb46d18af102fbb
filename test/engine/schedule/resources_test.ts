// The pool: never more than there is, nobody waits without need, nobody waits for ever.
import assert from "node:assert/strict";
import type { Lease, Need } from "../../../engine/schedule/capacity.ts";
import { ResourcePool } from "../../../engine/schedule/resources.ts";

const CAPACITY = {
  cpus: 4,
  memoryBytes: 100,
  gpus: [{ id: "0", memoryBytes: 24 }, { id: "1", memoryBytes: 24 }],
  tokens: { license: 2 },
};
const never = new AbortController().signal;

const need = (cpus: number, more: Partial<Need> = {}): Need => ({
  cpus,
  memoryBytes: 0,
  gpus: 0,
  tokens: {},
  ...more,
});

const ids = ({ gpus }: Lease): readonly string[] => gpus.map(({ id }) => id);

/** Asks for a lease and notes in `order` when it is granted. */
function ask(pool: ResourcePool, name: string, options: {
  readonly need: Need;
  readonly order: string[];
  readonly priority?: number;
  readonly expectedMs?: number;
  readonly signal?: AbortSignal;
}): Promise<Lease> {
  const { need, priority = 0, expectedMs, signal = never } = options;
  const granted = pool.acquire({ need, priority, expectedMs }, signal);
  granted.then(() => options.order.push(name), () => {});
  return granted;
}

/** A lease that is granted at once. */
function take(pool: ResourcePool, need: Need, signal = never): Promise<Lease> {
  return pool.acquire({ need, priority: 0, expectedMs: undefined }, signal);
}

/** Lets everything that can happen now happen. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

Deno.test("the more important request is served first, the older one among equals", async () => {
  const pool = new ResourcePool(CAPACITY);
  const order: string[] = [];
  const all = await take(pool, need(4), never);
  for (const [name, priority] of [["low", 1], ["high", 3], ["mid", 2], ["mid later", 2]] as const) {
    ask(pool, name, { need: need(4), order, priority }).then((lease) => pool.release(lease));
  }
  pool.release(all);
  await settle();
  assert.deepEqual(order, ["high", "mid", "mid later", "low"]);
});

Deno.test("a small request uses what a large one in front of it cannot use yet", async () => {
  const pool = new ResourcePool(CAPACITY);
  const order: string[] = [];
  await take(pool, need(2), never);
  ask(pool, "large", { need: need(4), order, priority: 9 });
  ask(pool, "small", { need: need(2), order });
  await settle();
  assert.deepEqual(order, ["small"]);
});

Deno.test("each GPU is lent to one step at a time", async () => {
  const pool = new ResourcePool(CAPACITY);
  const first = await take(pool, need(1, { gpus: 1 }), never);
  const second = await take(pool, need(1, { gpus: 1 }), never);
  assert.deepEqual([...ids(first), ...ids(second)].sort(), ["0", "1"]);
  const order: string[] = [];
  const third = ask(pool, "third", { need: need(1, { gpus: 1 }), order });
  await settle();
  assert.deepEqual(order, []);
  pool.release(first);
  assert.deepEqual(ids(await third), ids(first));
});

Deno.test("at most as many leases exist as there are slots", async () => {
  const pool = new ResourcePool(CAPACITY, { slots: 2 });
  const order: string[] = [];
  const first = await ask(pool, "first", { need: need(1), order });
  ask(pool, "second", { need: need(1), order });
  ask(pool, "third", { need: need(1), order });
  await settle();
  assert.deepEqual(order, ["first", "second"]);
  pool.release(first);
  await settle();
  assert.deepEqual(order, ["first", "second", "third"]);
});

Deno.test("a request that is aborted while it waits takes nothing and lets others pass", async () => {
  const pool = new ResourcePool(CAPACITY);
  const order: string[] = [];
  const lease = await take(pool, need(3), never);
  const controller = new AbortController();
  const large = ask(pool, "large", {
    need: need(4),
    order,
    priority: 9,
    signal: controller.signal,
  });
  const reason = new Error("not any more");
  controller.abort(reason);
  await assert.rejects(large, reason);
  pool.release(lease);
  await ask(pool, "all", { need: need(4, { memoryBytes: 100, gpus: 2 }), order });
  assert.deepEqual(order, ["all"]);
});

Deno.test("a request that is aborted before it begins is refused", async () => {
  const pool = new ResourcePool(CAPACITY);
  const reason = new Error("too late");
  await assert.rejects(take(pool, need(1), AbortSignal.abort(reason)), reason);
  await take(pool, need(4), never);
});

Deno.test("a lease that is given back twice counts once", async () => {
  const pool = new ResourcePool(CAPACITY);
  const lease = await take(pool, need(2), never);
  await take(pool, need(2), never);
  pool.release(lease);
  pool.release(lease);
  const order: string[] = [];
  ask(pool, "too large", { need: need(3), order });
  await settle();
  assert.deepEqual(order, []);
});

Deno.test("aborting after the lease was granted takes nothing from anybody", async () => {
  const pool = new ResourcePool(CAPACITY);
  const controller = new AbortController();
  const lease = await take(pool, need(3), controller.signal);
  const order: string[] = [];
  ask(pool, "second", { need: need(2), order });
  controller.abort();
  await settle();
  assert.deepEqual(order, []);
  pool.release(lease);
  await settle();
  assert.deepEqual(order, ["second"]);
});

Deno.test("a whole GPU is lent to one step at a time", async () => {
  const pool = new ResourcePool(CAPACITY);
  const order: string[] = [];
  const shared = await take(pool, need(1, { gpus: 1, gpuMemoryBytes: 1 }));
  const whole = await take(pool, need(1, { gpus: 1 }));
  assert.notDeepEqual(ids(whole), ids(shared));
  assert.deepEqual(whole.gpus[0]?.memoryBytes, 24, "with all of its memory");
  ask(pool, "second whole", { need: need(1, { gpus: 1 }), order });
  await settle();
  assert.deepEqual(order, []);
  pool.release(shared);
  await settle();
  assert.deepEqual(order, ["second whole"]);
});

Deno.test("small steps share a GPU by their memory, and fill one before they begin another", async () => {
  const pool = new ResourcePool({ ...CAPACITY, cpus: 100 });
  const small = need(1, { gpus: 1, gpuMemoryBytes: 8 });
  const leases = [];
  for (let at = 0; at < 6; at++) leases.push(await take(pool, small));
  assert.deepEqual(leases.map(ids).flat(), ["0", "0", "0", "1", "1", "1"]);
  const order: string[] = [];
  ask(pool, "seventh", { need: small, order });
  await settle();
  assert.deepEqual(order, []);
  pool.release(leases[4]!);
  await settle();
  assert.deepEqual(order, ["seventh"]);
});

Deno.test("a step that shares several GPUs has that memory of each", async () => {
  const pool = new ResourcePool(CAPACITY);
  const lease = await take(pool, need(1, { gpus: 2, gpuMemoryBytes: 20 }));
  assert.deepEqual(lease.gpus, [{ id: "0", memoryBytes: 20 }, { id: "1", memoryBytes: 20 }]);
});

Deno.test("no more tokens of a name are lent than there are", async () => {
  const pool = new ResourcePool(CAPACITY);
  const order: string[] = [];
  const both = await take(pool, need(1, { tokens: { license: 2 } }));
  ask(pool, "licensed", { need: need(1, { tokens: { license: 1 } }), order });
  ask(pool, "free", { need: need(1), order });
  await settle();
  assert.deepEqual(order, ["free"]);
  pool.release(both);
  await settle();
  assert.deepEqual(order, ["free", "licensed"]);
});

Deno.test("nothing is known of durations: a large request is overtaken sixteen times at most", async () => {
  const pool = new ResourcePool(CAPACITY);
  const order: string[] = [];
  const leases = [await take(pool, need(2))];
  const large = ask(pool, "large", { need: need(4), order });
  for (let at = 0; at < 40; at++) {
    ask(pool, `small${at}`, { need: need(2), order }).then((lease) => leases.push(lease));
  }
  while (!order.includes("large")) {
    const lease = leases.shift();
    assert.ok(lease !== undefined, "somebody holds a lease while the large one waits");
    pool.release(lease);
    await settle();
  }
  assert.equal(order.indexOf("large"), 16);
  pool.release(await large);
});

Deno.test("who will have ended when the large one can start goes ahead, who will not waits", async () => {
  let nowMs = 0;
  const pool = new ResourcePool(CAPACITY, { nowMs: () => nowMs });
  const order: string[] = [];
  const first = ask(pool, "first", { need: need(2), order, expectedMs: 1000 });
  ask(pool, "large", { need: need(4), order, priority: 9, expectedMs: 1000 });
  ask(pool, "long", { need: need(2), order, priority: 5, expectedMs: 3000 });
  const short = ask(pool, "short", { need: need(2), order, priority: 1, expectedMs: 1000 });
  await settle();
  assert.deepEqual(order, ["first", "short"]);
  nowMs = 1000;
  pool.release(await first);
  pool.release(await short);
  await settle();
  assert.deepEqual(order, ["first", "short", "large"]);
});

Deno.test("a GPU does not lie idle while a large step waits for processors that its step leaves", async () => {
  const pool = new ResourcePool(CAPACITY);
  const order: string[] = [];
  await take(pool, need(2));
  ask(pool, "large", { need: need(3), order, priority: 9, expectedMs: 1 });
  for (let at = 0; at < 40; at++) {
    const training = need(1, { gpus: 1 });
    const lease = ask(pool, "training", { need: training, order, expectedMs: 1e9 });
    pool.release(await lease);
  }
  assert.deepEqual(new Set(order), new Set(["training"]));
});
