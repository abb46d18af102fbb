// What a pickle machine works on: a stack with marks, and a memory of values by number.
import { Unreadable } from "../bytes.ts";

/** The values that a pickle's instructions push, pop, collect and remember. */
export class PickleStack {
  private values: unknown[] = [];
  /** Values that a mark put aside. */
  private readonly marked: unknown[][] = [];
  private readonly memory = new Map<number, unknown>();

  push(value: unknown): void {
    this.values.push(value);
  }

  pop(): unknown {
    if (this.values.length === 0) throw damaged();
    return this.values.pop();
  }

  /** Takes several values, the oldest first. */
  popSeveral(count: number): unknown[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  /** Gives the newest value and leaves it. */
  top(): unknown {
    if (this.values.length === 0) throw damaged();
    return this.values.at(-1);
  }

  /** Begins a collection. */
  mark(): void {
    this.marked.push(this.values);
    this.values = [];
  }

  /** Takes all values since the last mark. */
  popToMark(): unknown[] {
    const collected = this.values;
    const before = this.marked.pop();
    if (before === undefined) throw damaged();
    this.values = before;
    return collected;
  }

  /** Remembers the newest value, under the next number unless said. */
  remember(number = this.memory.size): void {
    this.memory.set(number, this.top());
  }

  /** Pushes a remembered value. */
  recall(number: number): void {
    if (!this.memory.has(number)) throw damaged();
    this.push(this.memory.get(number));
  }
}

/** Says that instructions do not fit what lies on the stack. */
export function damaged(): Unreadable {
  return new Unreadable("its pickle is damaged");
}
