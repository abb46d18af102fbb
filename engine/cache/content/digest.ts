// Digests of content and of structured values. Structured values are encoded canonically: every field
// is tagged with its type and prefixed with its length, so that no two values share an encoding.
import { createHash } from "node:crypto";

declare const digestBrand: unique symbol;

/** Hash of content or of a structured value: `sha256:` and 64 hex digits. */
export type Digest = string & { readonly [digestBrand]: true };

/** What can be digested: JSON. */
export type Value = null | boolean | number | string | readonly Value[] | {
  readonly [key: string]: Value | undefined;
};

/** A value, parts of which may be encoded already. */
export type Encodable = Encoded | null | boolean | number | string | readonly Encodable[] | {
  readonly [key: string]: Encodable | undefined;
};

const ENCODER = new TextEncoder();
const CHUNK_BYTES = 1 << 20;
/** A file of this size is read faster than another thread is asked for it. */
const AT_ONCE_BYTES = 1 << 14;

/** Digest of bytes. */
export function digestBytes(bytes: Uint8Array | string): Digest {
  return finish(createHash("sha256").update(bytes));
}

/** A value's encoding, made once for a value that is part of many others. */
export class Encoded {
  readonly text: string;

  constructor(value: Value) {
    const parts: string[] = [];
    encode(value, parts);
    this.text = parts.join("");
  }
}

/** Digest of a structured value under a tag that keeps different kinds of values apart. */
export function digestValue(tag: string, value: Encodable): Digest {
  const parts: string[] = [];
  encode(tag, parts);
  encode(value, parts);
  return digestBytes(parts.join("")); // hashing many small parts takes several times as long
}

/**
 * Digest of a file's content; throws what the file system throws. One that is known to be small is read in
 * one go, several times faster; others stream.
 */
export async function digestFile(path: string, sizeBytes = Infinity): Promise<Digest> {
  if (sizeBytes <= AT_ONCE_BYTES) return digestBytes(Deno.readFileSync(path));
  if (sizeBytes <= CHUNK_BYTES) return digestBytes(await Deno.readFile(path));
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  const buffer = new Uint8Array(CHUNK_BYTES);
  for (;;) {
    const count = await file.read(buffer);
    if (count === null) return finish(hash);
    hash.update(buffer.subarray(0, count));
  }
}

/** Reads a digest written as text; undefined where the text is none. */
export function parseDigest(text: string): Digest | undefined {
  return /^sha256:[0-9a-f]{64}$/.test(text) ? text as Digest : undefined;
}

/** The hexadecimal part of a digest, which names files in the store. */
export function hexOf(digest: Digest): string {
  return digest.slice("sha256:".length);
}

function finish(hash: ReturnType<typeof createHash>): Digest {
  return `sha256:${hash.digest("hex")}` as Digest;
}

/** Adds a value's canonical encoding; object keys sorted, undefined fields left out. */
function encode(value: Encodable, parts: string[]): void {
  if (value instanceof Encoded) parts.push(value.text);
  else if (value === null) parts.push("n;");
  else if (typeof value === "boolean") parts.push(value ? "t;" : "f;");
  else if (typeof value === "number") parts.push(encodedNumber(value));
  else if (typeof value === "string") encodeText(value, parts);
  else if (isArray(value)) {
    parts.push(`a${value.length}:`);
    for (const item of value) encode(item, parts);
  } else {
    const entries = Object.entries(value).filter((entry): entry is [string, Encodable] =>
      entry[1] !== undefined
    ).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    parts.push(`o${entries.length}:`);
    for (const [key, item] of entries) {
      encode(key, parts);
      encode(item, parts);
    }
  }
}

/** Half a surrogate pair has no bytes in UTF-8 and would be the same as any other: such a text goes as its escapes. */
function encodeText(text: string, parts: string[]): void {
  if (text.isWellFormed()) parts.push(`s${utf8Length(text)}:`, text);
  else {
    const escaped = JSON.stringify(text);
    parts.push(`u${utf8Length(escaped)}:`, escaped);
  }
}

function utf8Length(text: string): number {
  // deno-lint-ignore no-control-regex -- ASCII, where one character is one byte
  return /^[\x00-\x7f]*$/.test(text) ? text.length : ENCODER.encode(text).length;
}

function encodedNumber(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`Cannot digest the number ${value}`);
  return `d${Object.is(value, -0) ? "0" : String(value)};`;
}

function isArray(value: Encodable): value is readonly Encodable[] {
  return Array.isArray(value);
}
