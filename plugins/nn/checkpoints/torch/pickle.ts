// A machine for Python's pickles that runs nothing: a global is a name that the caller knows or refuses,
// and what a pickle calls is a function of the caller's, never Python's.
import { type ByteReader, Unreadable } from "../bytes.ts";
import { damaged, PickleStack } from "./pickle_stack.ts";

/** A name from a Python module; `make` builds what calling it gives. */
export class Global {
  constructor(
    readonly name: string,
    readonly make?: (values: readonly unknown[]) => unknown,
  ) {}
}

/** What the caller knows of the world outside a pickle. */
export interface Surroundings {
  /** Gives what a name such as "collections.OrderedDict" stands for, or throws. */
  readonly global: (name: string) => Global;
  /** Gives what lies outside under an id, such as a storage, or throws. */
  readonly persistent: (id: unknown) => unknown;
}

/**
 * Reads one pickle of protocol 2 to 4: dictionaries become Maps, lists and tuples arrays, whole numbers
 * numbers (bigint where greater). Throws Unreadable.
 */
export function unpickle(reader: ByteReader, surroundings: Surroundings): unknown {
  const stack = new PickleStack();
  for (;;) {
    const code = reader.uint8();
    if (code === STOP) return stack.pop();
    const instruction = INSTRUCTIONS[code];
    if (instruction === undefined) {
      throw new Unreadable(`its pickle has no known instruction at byte ${reader.at - 1}`);
    }
    instruction(stack, reader, surroundings);
  }
}

const STOP = 0x2e;

type Instruction = (stack: PickleStack, reader: ByteReader, surroundings: Surroundings) => void;

/** Instructions by their byte; the comments are their names in Python's pickletools. */
const INSTRUCTIONS: Readonly<Record<number, Instruction>> = {
  // MARK, POP, POP_MARK
  0x28: (stack) => stack.mark(),
  0x30: (stack) => void stack.pop(),
  0x31: (stack) => void stack.popToMark(),
  // PROTO, FRAME
  0x80: (_, reader) => void reader.uint8(),
  0x95: (_, reader) => void reader.count64(),
  // NONE, NEWTRUE, NEWFALSE
  0x4e: (stack) => stack.push(null),
  0x88: (stack) => stack.push(true),
  0x89: (stack) => stack.push(false),
  // BININT1, BININT2, BININT, LONG1, BINFLOAT
  0x4b: (stack, reader) => stack.push(reader.uint8()),
  0x4d: (stack, reader) => stack.push(reader.uint16()),
  0x4a: (stack, reader) => stack.push(reader.int32()),
  0x8a: (stack, reader) => stack.push(wholeNumber(reader.bytes(reader.uint8()))),
  0x47: (stack, reader) => stack.push(reader.bigEndianFloat64()),
  // SHORT_BINUNICODE, BINUNICODE, SHORT_BINSTRING, BINSTRING
  0x8c: (stack, reader) => stack.push(reader.text(reader.uint8())),
  0x58: (stack, reader) => stack.push(reader.text(reader.uint32())),
  0x55: (stack, reader) => stack.push(reader.text(reader.uint8())),
  0x54: (stack, reader) => stack.push(reader.text(reader.uint32())),
  // EMPTY_LIST, APPEND, APPENDS
  0x5d: (stack) => stack.push([]),
  0x61: (stack) => append(stack, [stack.pop()]),
  0x65: (stack) => append(stack, stack.popToMark()),
  // EMPTY_TUPLE, TUPLE, TUPLE1, TUPLE2, TUPLE3
  0x29: (stack) => stack.push(tuple([])),
  0x74: (stack) => stack.push(tuple(stack.popToMark())),
  0x85: (stack) => stack.push(tuple(stack.popSeveral(1))),
  0x86: (stack) => stack.push(tuple(stack.popSeveral(2))),
  0x87: (stack) => stack.push(tuple(stack.popSeveral(3))),
  // EMPTY_DICT, SETITEM, SETITEMS
  0x7d: (stack) => stack.push(new Map()),
  0x73: (stack) => setItems(stack, stack.popSeveral(2)),
  0x75: (stack) => setItems(stack, stack.popToMark()),
  // BINPUT, LONG_BINPUT, MEMOIZE, BINGET, LONG_BINGET
  0x71: (stack, reader) => stack.remember(reader.uint8()),
  0x72: (stack, reader) => stack.remember(reader.uint32()),
  0x94: (stack) => stack.remember(),
  0x68: (stack, reader) => stack.recall(reader.uint8()),
  0x6a: (stack, reader) => stack.recall(reader.uint32()),
  // GLOBAL, STACK_GLOBAL, REDUCE, NEWOBJ, BUILD, BINPERSID
  0x63: (stack, reader, { global }) => stack.push(global(`${reader.line()}.${reader.line()}`)),
  0x93: (stack, _, { global }) => stack.push(global(nameOf(stack.popSeveral(2)))),
  0x52: make,
  0x81: make,
  0x62: dropAttributes,
  0x51: (stack, _, { persistent }) => stack.push(persistent(stack.pop())),
};

function append(stack: PickleStack, values: readonly unknown[]): void {
  const list = stack.top();
  if (!Array.isArray(list) || Object.isFrozen(list)) throw damaged();
  for (const value of values) list.push(value);
}

function setItems(stack: PickleStack, values: readonly unknown[]): void {
  const dictionary = stack.top();
  if (!(dictionary instanceof Map) || values.length % 2 === 1) throw damaged();
  for (let at = 0; at < values.length; at += 2) dictionary.set(values[at], values[at + 1]);
}

function make(stack: PickleStack): void {
  const [callee, values] = stack.popSeveral(2);
  if (!(callee instanceof Global) || !Array.isArray(values)) throw damaged();
  if (callee.make === undefined) throw new Unreadable(`it calls "${callee.name}"`);
  stack.push(callee.make(values));
}

function nameOf(parts: readonly unknown[]): string {
  if (!parts.every((part) => typeof part === "string")) throw damaged();
  return parts.join(".");
}

/** Attributes of a dictionary, such as the versions of modules, say nothing of weights. */
function dropAttributes(stack: PickleStack): void {
  stack.pop();
  if (!(stack.top() instanceof Map)) throw damaged();
}

/** Unlike a list, a tuple cannot grow. */
function tuple(values: readonly unknown[]): readonly unknown[] {
  return Object.freeze(values);
}

/** Little-endian two's complement of any length. */
function wholeNumber(bytes: Uint8Array): number | bigint {
  const bits = bytes.reduceRight((sum, byte) => sum << 8n | BigInt(byte), 0n);
  const value = BigInt.asIntN(8 * bytes.length, bits);
  const isSafe = value >= BigInt(Number.MIN_SAFE_INTEGER) &&
    value <= BigInt(Number.MAX_SAFE_INTEGER);
  return isSafe ? Number(value) : value;
}
