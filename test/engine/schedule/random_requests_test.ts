// The pool under any order of requests, releases and requests that are given up.
import assert from "node:assert/strict";
import { type Lease, leaseIn, type Need, roomBeside } from "../../../engine/schedule/capacity.ts";
import { ResourcePool } from "../../../engine/schedule/resources.ts";
import { randomFrom } from "../../support/random.ts";

const CAPACITY = {
  cpus: 4,
  memoryBytes: 100,
  gpus: [{ id: "0", memoryBytes: 24 }, { id: "1", memoryBytes: 24 }],
  tokens: { license: 2 },
};

/** Lets everything that can happen now happen. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

interface Asked {
  readonly need: Need;
  readonly priority: number;
  /** Larger is younger. */
  readonly number: number;
  readonly abort: AbortController;
}

/** A pool as seen from outside: who waits, who holds what. */
class Observed {
  readonly pool = new ResourcePool(CAPACITY);
  readonly waiting = new Set<Asked>();
  readonly held = new Map<Asked, Lease>();

  ask(number: number, need: Need, priority: number): void {
    const asked = { need, priority, number, abort: new AbortController() };
    this.waiting.add(asked);
    const forget = (): boolean => this.waiting.delete(asked);
    const request = { need, priority, expectedMs: undefined };
    this.pool.acquire(request, asked.abort.signal).then((lease) => {
      forget();
      this.held.set(asked, lease);
    }, forget);
  }

  release(asked: Asked): void {
    const lease = this.held.get(asked)!;
    this.held.delete(asked);
    this.pool.release(lease);
  }

  /** What must hold whenever nothing moves. */
  check(): void {
    const room = roomBeside(CAPACITY, Infinity, this.held.values());
    assert.ok(room.cpus > -1e-9 && room.memoryBytes >= 0, "no more is lent than there is");
    assert.ok(room.gpus.every(({ memoryBytes }) => memoryBytes >= 0), "of no GPU either");
    assert.ok(room.tokens["license"]! >= 0, "nor of a token");
    const [first] = [...this.waiting].sort((a, b) =>
      b.priority - a.priority || a.number - b.number
    );
    const fits = first !== undefined && leaseIn(room, first.need) !== undefined;
    assert.equal(fits, false, "the first in line waits only for what is lent");
  }
}

for (let seed = 1; seed <= 10; seed++) {
  Deno.test(`any order of requests, releases and aborts keeps the promises (seed ${seed})`, async () => {
    const random = randomFrom(seed);
    const seen = new Observed();
    const any = <T>(items: Iterable<T>): T | undefined => {
      const list = [...items];
      return list[random(Math.max(1, list.length))];
    };
    const anyNeed = (): Need => ({
      cpus: (random(40) + 1) / 10,
      memoryBytes: random(101),
      gpus: random(3),
      gpuMemoryBytes: random(2) === 0 ? 1 + random(24) : undefined,
      tokens: random(4) === 0 ? { license: 1 + random(2) } : {},
    });
    for (let number = 0; number < 400; number++) {
      const choice = random(10);
      const held = any(seen.held.keys());
      if (choice === 0) any(seen.waiting)?.abort.abort(new Error("not any more"));
      else if (choice <= 5 && held !== undefined) seen.release(held);
      else seen.ask(number, anyNeed(), random(3));
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
    const all = { cpus: 4, memoryBytes: 100, gpus: 2, tokens: { license: 2 } };
    seen.ask(400, all, 0);
    await settle();
    assert.equal(seen.held.size, 1, "everything has come back");
  });
}
