// How lack of memory is recognised, and what is said of it.
import assert from "node:assert/strict";
import { type ChildEnd, isSuspect } from "../../../../engine/run/process/child_process.ts";
import {
  type Circumstances,
  describeOutOfMemory,
  saysHeapFull,
} from "../../../../engine/run/process/out_of_memory.ts";

const GIBIBYTE = 2 ** 30;
const killed: ChildEnd = { how: "killed", signal: "SIGKILL" };

function describe(end: ChildEnd, more: Partial<Circumstances> = {}): string | undefined {
  const lease = { cpus: 1, memoryBytes: 2 * GIBIBYTE, gpus: [], gpuMemoryBytes: 0 };
  const words = describeOutOfMemory(end, {
    isHeapFull: false,
    lastLines: [],
    isPlugin: true,
    lease,
    ...more,
  });
  return words && `${words.message}. ${words.hint}`;
}

Deno.test("a step that the kernel killed for lack of memory is told its peak and how to ask for more", () => {
  const peakMemoryBytes = 3.1 * GIBIBYTE;
  assert.equal(
    describe({ ...killed, wasKilledForMemory: true, peakMemoryBytes }),
    "Ran out of memory (peak 3.1 GiB): the system killed it. Ask for more, such as with " +
      "resources: { memory: 7GiB }, or let it keep less at once",
  );
  // A shell that outlives its child tells of it by an exit code.
  assert.match(
    describe({ how: "exited", code: 137, wasKilledForMemory: true }) ?? "",
    /^Ran out of memory: the system killed it\. .*memory: 4GiB/,
  );
});

Deno.test("a kill that the kernel did not count, or that nobody could count, is no lack of memory", () => {
  assert.equal(describe({ ...killed, wasKilledForMemory: false }), undefined);
  assert.equal(describe(killed), undefined);
  assert.equal(describe({ how: "exited", code: 1 }), undefined);
});

Deno.test("only who was killed without our doing is suspected", () => {
  assert.equal(isSuspect({ signal: "SIGKILL", code: 137 }), true);
  assert.equal(isSuspect({ signal: null, code: 137 }), true);
  assert.equal(isSuspect({ signal: "SIGTERM", code: 143 }), false);
  assert.equal(isSuspect({ signal: null, code: 1 }), false);
});

Deno.test("a full JavaScript heap is known by its words, whatever comes after them", () => {
  assert.ok(saysHeapFull("# Fatal JavaScript out of memory: Reached heap limit"));
  assert.ok(saysHeapFull(
    "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
  ));
  assert.ok(!saysHeapFull("this script never runs out of memory"));
  const trapped: ChildEnd = { how: "killed", signal: "SIGTRAP" };
  assert.match(describe(trapped, { isHeapFull: true }) ?? "", /heap was full\. Ask for more/);
  assert.match(
    describe(trapped, { isHeapFull: true, isPlugin: false }) ?? "",
    /heap was full\. Raise the heap limit of the program itself/,
  );
});

Deno.test("Python, C++ and CUDA say in their last lines that memory ran out", () => {
  const says = (line: string): string | undefined =>
    describe({ how: "exited", code: 1 }, { lastLines: ["before", line] });
  assert.match(says("MemoryError") ?? "", /^Ran out of memory\. Ask for more/);
  assert.match(says("  what():  std::bad_alloc") ?? "", /^Ran out of memory/);
  assert.equal(says("NoMemoryErrorHere"), undefined);
  const line = "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.";
  assert.match(says(line) ?? "", /^Ran out of GPU memory\. Give it a GPU/);
  const lease = { cpus: 1, memoryBytes: 0, gpus: ["0"], gpuMemoryBytes: 8 * GIBIBYTE };
  assert.match(
    describe({ how: "exited", code: 1 }, { lastLines: [line], lease }) ?? "",
    /It had 8\.0 GiB: ask for more with resources: \{ gpu-memory: … \}/,
  );
});
