import assert from "node:assert/strict";
import { PatientRemote } from "../../../../engine/cache/remote/patient_remote.ts";
import type { Remote } from "../../../../engine/cache/remote/remote.ts";

const SHORT = { answerMs: 20, pieceMs: 20 };
const SILENT = { name: "RemoteProblem", message: "it does not answer" };

const never = <T>(): Promise<T> => new Promise(() => {});

/** A remote store that keeps still, but for what a test gives it. */
function still(parts: Partial<Remote>, patience = SHORT): PatientRemote {
  const silent: Remote = { list: never, size: never, read: never, write: never };
  return new PatientRemote({ ...silent, ...parts }, patience);
}

function untouched(): AbortSignal {
  return new AbortController().signal;
}

Deno.test("a question that is not answered is given up", async () => {
  await assert.rejects(still({}).list("x", untouched()), SILENT);
  await assert.rejects(still({}).size("x", untouched()), SILENT);
  await assert.rejects(still({}).read("x", untouched()), SILENT);
});

Deno.test("a file that stops in the middle is given up, and its stream is closed", async () => {
  const closed = Promise.withResolvers<void>();
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new Uint8Array(3)),
    cancel: () => closed.resolve(),
  });
  const pieces = await still({ read: () => Promise.resolve(stream) }).read("x", untouched());
  const sizes: number[] = [];
  await assert.rejects(async () => {
    for await (const piece of pieces ?? []) sizes.push(piece.length);
  }, SILENT);
  assert.deepEqual(sizes, [3]);
  await closed.promise;
});

Deno.test("a file that is sent may take long while parts go on being taken", async () => {
  const patience = { answerMs: 1000, pieceMs: 1000 };
  const write: Remote["write"] = async (_key, _path, { onProgress }) => {
    for (let part = 0; part < 4; part++) {
      await new Promise((resolve) => setTimeout(resolve, 0.3 * patience.pieceMs));
      onProgress(1);
    }
  };
  let sent = 0;
  const onProgress = (bytes: number): void => void (sent += bytes);
  await still({ write }, patience).write("x", "/x", { signal: untouched(), onProgress });
  assert.equal(sent, 4);
});

Deno.test("a file whose parts are not taken any more is given up, and the sender is told", async () => {
  let told: AbortSignal | undefined;
  const remote = still({
    write(_key, _path, { signal }): Promise<void> {
      told = signal;
      return never();
    },
  });
  const transfer = { signal: untouched(), onProgress: () => {} };
  await assert.rejects(remote.write("x", "/x", transfer), SILENT);
  assert.ok(told?.aborted);
});

Deno.test("whoever stops waiting gets the reason, not a problem of the remote store", async () => {
  const interrupted = new AbortController();
  const asked = still({}).list("x", interrupted.signal);
  const reason = new Error("the run was interrupted");
  interrupted.abort(reason);
  await assert.rejects(asked, reason);
  await assert.rejects(still({}).size("x", interrupted.signal), reason);
});

Deno.test("what a disk or a server throws is told in its words", async () => {
  const remote = still({
    size: () => Promise.reject(new Error("Input/output error (os error 5)")),
  });
  await assert.rejects(remote.size("x", untouched()), {
    name: "RemoteProblem",
    message: "Input/output error (os error 5)",
  });
});
