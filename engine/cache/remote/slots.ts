// Bounds how much goes on at once.

/** Lets so many pieces of work go on at the same time; others wait for their turn. */
export class Slots {
  readonly #waiting: (() => void)[] = [];

  constructor(private free: number) {}

  /** Does work when there is room for it. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free--;
    else await new Promise<void>((go) => this.#waiting.push(go));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.free++;
      else next();
    }
  }

  /** Does work on every item; after the first failure nothing new begins, and what goes on is awaited. */
  async each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
    const failures: unknown[] = [];
    await Promise.all(items.map((item) =>
      this.use(async () => {
        if (failures.length > 0) return;
        await work(item).catch((error: unknown) => failures.push(error));
      })
    ));
    if (failures.length > 0) throw failures[0];
  }
}
