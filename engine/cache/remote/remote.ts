// What a remote store can do: files by key, in the layout of the local one. Where it lies is the business of
// the two implementations; patience, words and trust are the business of those who use it.

/** A place that keeps files by key; keys are relative paths with `/`. Every method rejects where it is away. */
export interface Remote {
  /** Names of the files in a folder, sorted; none where it does not exist. */
  list(folder: string): Promise<readonly string[]>;
  /** Size of a file; undefined where it does not exist. */
  size(key: string): Promise<number | undefined>;
  /** A file's bytes; undefined where it does not exist. */
  read(key: string): Promise<ReadableStream<Uint8Array> | undefined>;
  /** Makes a local file's bytes visible under a key all at once, in place of what is there. */
  write(key: string, path: string, transfer: Transfer): Promise<void>;
}

/** How a caller follows a file on its way, and stops it. */
export interface Transfer {
  readonly signal: AbortSignal;
  /** Called after each part with its bytes. */
  readonly onProgress: (bytes: number) => void;
}

/** Thrown where a remote store cannot be used, in words for people. */
export class RemoteProblem extends Error {
  override readonly name = "RemoteProblem";

  constructor(message: string, readonly hint: string) {
    super(message);
  }
}
