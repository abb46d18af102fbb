// A queue by priority, as a binary heap: adding and taking cost little however many wait.

/** Gives its items one by one, those first that `isBefore` puts before others. */
export class PriorityQueue<T> {
  #heap: T[] = [];

  constructor(private readonly isBefore: (one: T, other: T) => boolean) {}

  /** The next item; undefined where there is none. */
  get first(): T | undefined {
    return this.#heap[0];
  }

  add(item: T): void {
    const heap = this.#heap;
    let at = heap.push(item) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!this.isBefore(item, heap[above]!)) break;
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = item;
  }

  /** Takes the next item out. */
  take(): T | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last !== undefined && heap.length > 0) this.#sink(last);
    return first;
  }

  /** Takes all items out that fulfil a condition. */
  remove(condition: (item: T) => boolean): readonly T[] {
    const all = this.#heap;
    this.#heap = [];
    const removed: T[] = [];
    for (const item of all) {
      if (condition(item)) removed.push(item);
      else this.add(item);
    }
    return removed;
  }

  /** Puts an item at the top and lets it sink to its place. */
  #sink(item: T): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && this.isBefore(heap[below + 1]!, heap[below]!)) below++;
      if (!this.isBefore(heap[below]!, item)) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = item;
  }
}
