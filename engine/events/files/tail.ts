// The lines of a file that another process appends to: each call gives those that are new and whole.

const NEWLINE = 10;

/** Reads a growing file line by line. */
export class Tail {
  #bytesRead = 0;

  constructor(private readonly path: string) {}

  /** Lines that were finished since the last call; throws NotFound where there is no such file. */
  async next(): Promise<readonly string[]> {
    const bytes = await readFrom(this.path, this.#bytesRead);
    const whole = bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1);
    this.#bytesRead += whole.length;
    return new TextDecoder().decode(whole).split("\n").slice(0, -1);
  }
}

async function readFrom(path: string, offset: number): Promise<Uint8Array> {
  using file = await Deno.open(path);
  const { size } = await file.stat();
  if (size <= offset) return new Uint8Array();
  await file.seek(offset, Deno.SeekMode.Start);
  const bytes = new Uint8Array(size - offset);
  let filled = 0;
  while (filled < bytes.length) {
    const count = await file.read(bytes.subarray(filled));
    if (count === null) break;
    filled += count;
  }
  return bytes.subarray(0, filled);
}
