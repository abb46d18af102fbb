import assert from "node:assert/strict";
import { parseAddress, type RemoteAddress } from "../../../../engine/cache/remote/address.ts";

const KEYS = { AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret" };

function parse(text: string, more: Readonly<Record<string, string>> = {}): RemoteAddress {
  const env: Readonly<Record<string, string>> = { ...KEYS, ...more };
  return parseAddress(text, { cwd: "/home/project", env: (name) => env[name] });
}

Deno.test("a folder is named from where the person stands", () => {
  assert.deepEqual(parse("../shared/"), {
    type: "folder",
    name: "../shared/",
    path: "/home/shared",
  });
  assert.deepEqual(parse("/mnt/team"), { type: "folder", name: "/mnt/team", path: "/mnt/team" });
});

const S3 = {
  type: "s3",
  region: "us-east-1",
  bucket: "team",
  prefix: "",
  accessKey: "key",
  secretKey: "secret",
} as const;

Deno.test("a bucket lies at Amazon's server of its region unless a variable says otherwise", () => {
  assert.deepEqual(parse("s3://team", { AWS_REGION: "eu-west-1" }), {
    ...S3,
    name: "s3://team",
    region: "eu-west-1",
    endpoint: "https://s3.eu-west-1.amazonaws.com",
  });
  const variables = { AWS_ENDPOINT_URL: "http://all:9000", AWS_ENDPOINT_URL_S3: "http://s3:9000" };
  assert.deepEqual(parse("s3://team/a/b/", { ...variables, AWS_SESSION_TOKEN: "passing" }), {
    ...S3,
    name: "s3://team/a/b/",
    prefix: "a/b/",
    endpoint: "http://s3:9000",
    sessionToken: "passing",
  });
});

Deno.test("a web address names server, bucket and prefix, whatever the variables say", () => {
  assert.deepEqual(parse("http://127.0.0.1:7070/team/a", { AWS_ENDPOINT_URL: "http://other" }), {
    ...S3,
    name: "http://127.0.0.1:7070/team/a",
    prefix: "a/",
    endpoint: "http://127.0.0.1:7070",
  });
});

Deno.test("an endpoint that is no web address is refused", () => {
  assert.throws(() => parse("s3://team", { AWS_ENDPOINT_URL: "localhost:9000" }), {
    name: "RemoteProblem",
    message: 'its endpoint "localhost:9000" is no web address',
  });
});
