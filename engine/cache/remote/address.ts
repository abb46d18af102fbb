// Where a remote store lies: a text that a person wrote and the standard variables become an address.
import { isAbsolute, resolve } from "node:path";
import { RemoteProblem } from "./remote.ts";

/** A folder, on this machine or on a network. */
export interface FolderAddress {
  readonly type: "folder";
  /** How people are told of it. */
  readonly name: string;
  readonly path: string;
}

/** A part of a bucket on a server that speaks S3. */
export interface S3Address {
  readonly type: "s3";
  /** How people are told of it; no secret is in it. */
  readonly name: string;
  /** Such as `https://s3.eu-central-1.amazonaws.com`. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** Before every key: empty, or ending in `/`. */
  readonly prefix: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly sessionToken?: string;
}

export type RemoteAddress = FolderAddress | S3Address;

const FORMS = "Give a folder, s3://BUCKET/PREFIX or https://HOST/BUCKET/PREFIX";
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** Reads an address; a relative folder starts from `cwd`. Throws RemoteProblem where it cannot be one. */
export function parseAddress(
  text: string,
  options: { readonly cwd: string; readonly env: (name: string) => string | undefined },
): RemoteAddress {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (text.trim() === "") throw new RemoteProblem("it is empty", FORMS);
  if (scheme === undefined) {
    const path = isAbsolute(text) ? text : resolve(options.cwd, text);
    return { type: "folder", name: text, path: path.replace(/(?<=.)\/+$/, "") };
  }
  const url = URL.parse(text);
  if (url === null || !["s3", "http", "https"].includes(scheme)) {
    throw new RemoteProblem("it is no address that cairn knows", FORMS);
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    const hint = "Give them by AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
    throw new RemoteProblem("it holds credentials or options, which logs would show", hint);
  }
  return s3Address(text, url, options.env);
}

function s3Address(
  name: string,
  url: URL,
  env: (name: string) => string | undefined,
): S3Address {
  const set = (...names: readonly string[]): string | undefined =>
    names.map(env).find((value) => value !== undefined && value !== "");
  const parts = decodeURIComponent(url.pathname).split("/").filter((part) => part !== "");
  const [bucket = "", ...folders] = url.protocol === "s3:" ? [url.host, ...parts] : parts;
  if (!BUCKET.test(bucket)) {
    throw new RemoteProblem(`"${bucket}" cannot be the name of a bucket`, FORMS);
  }
  if (folders.some((part) => part === "." || part === "..")) {
    throw new RemoteProblem('its prefix goes through "..", which is no folder there', FORMS);
  }
  const region = set("AWS_REGION", "AWS_DEFAULT_REGION") ?? "us-east-1";
  const endpoint = url.protocol !== "s3:"
    ? url.origin
    : set("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL") ?? `https://s3.${region}.amazonaws.com`;
  if (!/^https?:$/.test(URL.parse(endpoint)?.protocol ?? "")) {
    const hint = "Set AWS_ENDPOINT_URL to an address such as https://HOST:PORT";
    throw new RemoteProblem(`its endpoint "${endpoint}" is no web address`, hint);
  }
  const accessKey = set("AWS_ACCESS_KEY_ID");
  const secretKey = set("AWS_SECRET_ACCESS_KEY");
  if (accessKey === undefined || secretKey === undefined) {
    const missing = accessKey === undefined ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY";
    throw new RemoteProblem(`${missing} is not set`, "Set the credentials in the environment");
  }
  const sessionToken = set("AWS_SESSION_TOKEN");
  return {
    type: "s3",
    name,
    endpoint,
    region,
    bucket,
    prefix: folders.map((part) => `${part}/`).join(""),
    accessKey,
    secretKey,
    ...(sessionToken === undefined ? {} : { sessionToken }),
  };
}
