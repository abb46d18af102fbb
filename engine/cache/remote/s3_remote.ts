// A remote store in a bucket. The client signs and sends; what is here is the way of large files, in parts
// of bounded memory, and the words for what servers answer.
import { S3Client, S3Errors } from "@bradenmacdonald/s3-lite-client";
import type { S3Address } from "./address.ts";
import { type Remote, RemoteProblem, type Transfer } from "./remote.ts";

/** Larger files go in parts of this size: the smallest that S3 takes, so that slow lines show progress. */
const PART_BYTES = 5 << 20;
/** More parts than this S3 does not take. */
const MOST_PARTS = 10_000;

/** Waits before an attempt is made again that a busy server or a broken connection ended. */
const RETRY_AFTER_MS = [100, 500];

/** Files by key in one part of a bucket. */
export class S3Remote implements Remote {
  readonly #client: S3Client;

  constructor(private readonly address: S3Address) {
    const { endpoint: endPoint, region, bucket, accessKey, secretKey, sessionToken } = address;
    const session = sessionToken === undefined ? {} : { sessionToken };
    this.#client = new S3Client({ endPoint, region, bucket, accessKey, secretKey, ...session });
  }

  /** See {@link Remote.list}. */
  async list(folder: string): Promise<readonly string[]> {
    const prefix = `${this.address.prefix}${folder}/`;
    return await this.#ask(async () => {
      const names: string[] = [];
      for await (const { key } of this.#client.listObjects({ prefix })) {
        const name = key.slice(prefix.length);
        if (name !== "" && !name.includes("/")) names.push(name);
      }
      return names.sort();
    });
  }

  /** See {@link Remote.size}. */
  async size(key: string): Promise<number | undefined> {
    return await this.#ask(() =>
      this.#ifPresent(async () => {
        return (await this.#client.statObject(this.#name(key))).size;
      })
    );
  }

  /** See {@link Remote.read}. */
  async read(key: string): Promise<ReadableStream<Uint8Array> | undefined> {
    const response = await this.#ask(() =>
      this.#ifPresent(() => this.#client.getObject(this.#name(key)))
    );
    return response === undefined ? undefined : response.body ?? new Blob().stream();
  }

  /** See {@link Remote.write}. */
  async write(key: string, path: string, transfer: Transfer): Promise<void> {
    using file = await Deno.open(path);
    const { size } = await file.stat();
    if (size > PART_BYTES) return await this.#writeParts(this.#name(key), { file, size }, transfer);
    const payload = await readUpTo(file, size);
    await this.#ask(() => this.#request("PUT", this.#name(key), { payload }));
    transfer.onProgress(size);
  }

  /** Sends a large file part by part; what has been sent of one that fails is thrown away. */
  async #writeParts(
    name: string,
    { file, size }: { readonly file: Deno.FsFile; readonly size: number },
    { signal, onProgress }: Transfer,
  ): Promise<void> {
    const partBytes = Math.max(PART_BYTES, Math.ceil(size / MOST_PARTS));
    const started = await this.#ask(() => this.#request("POST", name, { query: { uploads: "" } }));
    const uploadId = /<UploadId>([^<]+)<\/UploadId>/.exec(await started.text())?.[1] ?? "";
    try {
      const parts: string[] = [];
      for (let at = 0; at < size; at += partBytes) {
        signal.throwIfAborted();
        const payload = await readUpTo(file, Math.min(partBytes, size - at));
        const query = { partNumber: String(parts.length + 1), uploadId };
        const sent = await this.#ask(() => this.#request("PUT", name, { query, payload }));
        const etag = sent.headers.get("etag") ?? "";
        parts.push(`<Part><PartNumber>${parts.length + 1}</PartNumber><ETag>${etag}</ETag></Part>`);
        onProgress(payload.length);
      }
      const payload = `<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`;
      const joined = await this.#ask(() =>
        this.#request("POST", name, { query: { uploadId }, payload })
      );
      // The status was sent before the parts were joined, so only the body tells of success.
      if (!(await joined.text()).includes("CompleteMultipartUploadResult")) {
        throw new RemoteProblem("it could not join the parts of a large file", LOOK_AT_SERVER);
      }
    } catch (error) {
      await this.#request("DELETE", name, { query: { uploadId }, statusCode: 204 }).catch(() => {});
      throw error;
    }
  }

  #name(key: string): string {
    return `${this.address.prefix}${key}`;
  }

  async #request(
    method: "PUT" | "POST" | "DELETE",
    objectName: string,
    options: {
      readonly query?: Record<string, string>;
      readonly payload?: Uint8Array<ArrayBuffer> | string;
      readonly statusCode?: number;
    },
  ): Promise<Response> {
    const returnBody = method === "POST";
    return await this.#client.makeRequest({ method, objectName, returnBody, ...options });
  }

  /** Does what `work` asks of the server, again where that may help; throws RemoteProblem. */
  async #ask<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 0;; attempt++) {
      try {
        return await work();
      } catch (error) {
        const waitMs = RETRY_AFTER_MS[attempt];
        if (waitMs === undefined || !isPassing(error)) throw problemOf(error, this.address);
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
  }

  async #ifPresent<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      const isAbsent = error instanceof S3Errors.ServerError && error.statusCode === 404 &&
        error.code !== "NoSuchBucket";
      if (isAbsent) return undefined;
      throw error;
    }
  }
}

async function readUpTo(file: Deno.FsFile, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  for (let filled = 0; filled < length;) {
    const count = await file.read(bytes.subarray(filled));
    if (count === null) throw new Error("a stored file became shorter while it was sent");
    filled += count;
  }
  return bytes;
}

function isPassing(error: unknown): boolean {
  if (error instanceof S3Errors.ServerError) {
    return error.statusCode >= 500 || error.statusCode === 429;
  }
  return error instanceof TypeError; // what fetch throws for a connection that fails
}

const LOOK_AT_SERVER = "Look at the server's log";

function problemOf(error: unknown, { bucket, region }: S3Address): unknown {
  if (error instanceof TypeError) {
    const { message } = error.cause instanceof Error ? error.cause : error;
    const cause = message.slice(message.lastIndexOf(": ") + 1).trim(); // without what led to it
    const hint = "See whether the server runs and AWS_ENDPOINT_URL is right";
    return new RemoteProblem(`it cannot be reached: ${cause}`, hint);
  }
  if (!(error instanceof S3Errors.ServerError)) return error;
  const { statusCode, code } = error;
  if (code === "NoSuchBucket") {
    return new RemoteProblem(`it has no bucket "${bucket}"`, "Make the bucket, or name another");
  }
  if (statusCode === 401 || statusCode === 403) {
    const hint = "See AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and what they may do in the bucket";
    return new RemoteProblem(`it refuses these credentials (${code})`, hint);
  }
  if (statusCode === 301 || statusCode === 400) {
    const hint = `See whether the bucket is in AWS_REGION, which is ${region} here`;
    return new RemoteProblem(`it answers ${statusCode} (${code})`, hint);
  }
  return new RemoteProblem(`it answers ${statusCode} (${code})`, LOOK_AT_SERVER);
}
