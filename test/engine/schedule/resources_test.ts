// The pool: never more than there is, nobody waits without need, nobody waits for ever.
import assert from "node:assert/strict";
import { type Lease, type Need, ResourcePool } from "../../../engine/schedule/resources.ts";

const CAPACITY = { cpus: 4, memoryBytes: 100, gpus: ["0", "1"] };
const never = new AbortController().signal;

const need = (cpus: number, memoryBytes = 0, gpus = 0): Need => ({ cpus, memoryBytes, gpus });

/** Asks for a lease and notes in `order` when it is granted. */
function ask(pool: ResourcePool, name: string, options: {
  readonly need: Need;
  readonly order: string[];
  readonly priority?: number;
  readonly signal?: AbortSignal;
}): Promise<Lease> {
  const granted = pool.acquire(options.need, options.priority ?? 0, options.signal ?? never);
  granted.then(() => options.order.push(name), () => {});
  return granted;
}

/** Lets everything that can happen now happen. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

Deno.test("the more important request is served first, the older one among equals", async () => {
  const pool = new ResourcePool(CAPACITY);
  const order: string[] = [];
  const all = await pool.acquire(need(4), 0, never);
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
  await pool.acquire(need(2), 0, never);
  ask(pool, "large", { need: need(4), order, priority: 9 });
  ask(pool, "small", { need: need(2), order });
  await settle();
  assert.deepEqual(order, ["small"]);
});

Deno.test("each GPU is lent to one step at a time", async () => {
  const pool = new ResourcePool(CAPACITY);
  const first = await pool.acquire(need(1, 0, 1), 0, never);
  const second = await pool.acquire(need(1, 0, 1), 0, never);
  assert.deepEqual([...first.gpus, ...second.gpus].sort(), ["0", "1"]);
  const order: string[] = [];
  const third = ask(pool, "third", { need: need(1, 0, 1), order });
  await settle();
  assert.deepEqual(order, []);
  pool.release(first);
  assert.deepEqual((await third).gpus, first.gpus);
});

Deno.test("at most as many leases exist as there are slots", async () => {
  const pool = new ResourcePool(CAPACITY, 2);
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
  const lease = await pool.acquire(need(3), 0, never);
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
  await ask(pool, "all", { need: need(4, 100, 2), order });
  assert.deepEqual(order, ["all"]);
});

Deno.test("a request that is aborted before it begins is refused", async () => {
  const pool = new ResourcePool(CAPACITY);
  const reason = new Error("too late");
  await assert.rejects(pool.acquire(need(1), 0, AbortSignal.abort(reason)), reason);
  await pool.acquire(need(4), 0, never);
});

Deno.test("a lease that is given back twice counts once", async () => {
  const pool = new ResourcePool(CAPACITY);
  const lease = await pool.acquire(need(2), 0, never);
  await pool.acquire(need(2), 0, never);
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
  const lease = await pool.acquire(need(3), 0, controller.signal);
  const order: string[] = [];
  ask(pool, "second", { need: need(2), order });
  controller.abort();
  await settle();
  assert.deepEqual(order, []);
  pool.release(lease);
  await settle();
  assert.deepEqual(order, ["second"]);
});

Deno.test("a large request is overtaken sixteen times at most", async () => {
  const pool = new ResourcePool(CAPACITY);
  const order: string[] = [];
  const leases = [await pool.acquire(need(2), 0, never)];
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

/** Random numbers from a seed, each below a bound (mulberry32). */
function randomFrom(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

interface Asked {
  readonly need: Need;
  readonly priority: number;
  /** Larger is younger. */
  readonly number: number;
  readonly abort: AbortController;
  overtaken: number;
}

/** A pool as seen from outside: who waits, who holds what. */
class Observed {
  readonly pool = new ResourcePool(CAPACITY);
  readonly waiting = new Set<Asked>();
  readonly held = new Map<Asked, Lease>();

  ask(number: number, need: Need, priority: number): void {
    const asked = { need, priority, number, abort: new AbortController(), overtaken: 0 };
    this.waiting.add(asked);
    const forget = (): boolean => this.waiting.delete(asked);
    this.pool.acquire(need, priority, asked.abort.signal).then((lease) => {
      forget();
      this.held.set(asked, lease);
      for (const other of this.waiting) if (isBefore(other, asked)) other.overtaken++;
    }, forget);
  }

  release(asked: Asked): void {
    const lease = this.held.get(asked)!;
    this.held.delete(asked);
    this.pool.release(lease);
  }

  /** What must hold whenever nothing moves. */
  check(): void {
    const leases = [...this.held.values()];
    const cpus = CAPACITY.cpus - leases.reduce((sum, lease) => sum + lease.cpus, 0);
    const memory = CAPACITY.memoryBytes - leases.reduce((sum, lease) => sum + lease.memoryBytes, 0);
    const gpus = leases.flatMap((lease) => lease.gpus);
    assert.ok(cpus > -1e-9 && memory >= 0, "no more is lent than there is");
    assert.equal(new Set(gpus).size, gpus.length, "no GPU is lent twice");
    for (const [{ need }, lease] of this.held) {
      assert.deepEqual({ ...lease, gpus: lease.gpus.length }, need, "what was asked for is lent");
    }
    const [first] = [...this.waiting].sort((a, b) => isBefore(a, b) ? -1 : 1);
    const fits = first !== undefined && first.need.cpus < cpus - 1e-9 &&
      first.need.memoryBytes <= memory && first.need.gpus <= CAPACITY.gpus.length - gpus.length;
    assert.equal(fits, false, "the first in the queue waits only for what is lent");
    for (const { overtaken } of this.waiting) assert.ok(overtaken <= 16, "nobody starves");
  }
}

function isBefore(one: Asked, other: Asked): boolean {
  return one.priority === other.priority
    ? one.number < other.number
    : one.priority > other.priority;
}

for (let seed = 1; seed <= 10; seed++) {
  Deno.test(`any order of requests, releases and aborts keeps the promises (seed ${seed})`, async () => {
    const random = randomFrom(seed);
    const seen = new Observed();
    const any = <T>(items: Iterable<T>): T | undefined => {
      const list = [...items];
      return list[random(Math.max(1, list.length))];
    };
    for (let number = 0; number < 400; number++) {
      const choice = random(10);
      const held = any(seen.held.keys());
      if (choice === 0) any(seen.waiting)?.abort.abort(new Error("not any more"));
      else if (choice <= 5 && held !== undefined) seen.release(held);
      else seen.ask(number, need((random(40) + 1) / 10, random(101), random(3)), random(3));
      await settle();
      seen.check();
    }
    while (seen.waiting.size > 0) {
      const held = any(seen.held.keys());
      assert.ok(held !== undefined, "somebody holds a lease while others wait");
      seen.release(held);
      await settle();
      seen.check();
    }
    for (const held of [...seen.held.keys()]) seen.release(held);
    let isWhole = false;
    seen.pool.acquire(need(4, 100, 2), 0, never).then(() => isWhole = true);
    await settle();
    assert.ok(isWhole, "everything has come back");
  });
}
