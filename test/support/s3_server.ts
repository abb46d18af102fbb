// A real server that speaks S3 and checks signatures, with a folder per bucket: CI installs one and names it
// in CAIRN_S3_SERVER.

/** The server's program; undefined where this machine has none. */
export const S3_PROGRAM = Deno.env.get("CAIRN_S3_SERVER");

const ACCESS_KEY = "cairn-test";
const SECRET_KEY = "hush-hush-hush";
const START_WITHIN_MS = 20_000;

/** A server on this machine; disposing ends it and removes what it stored. */
export interface S3Server extends AsyncDisposable {
  readonly pid: number;
  /** What commands need in their environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Folder of a bucket that exists. */
  readonly bucketFolder: string;
  readonly secret: string;
}

/** Starts a server with one bucket, "shared". */
export async function startS3(): Promise<S3Server> {
  const folder = await Deno.makeTempDir({ prefix: "cairn_s3_" });
  const bucketFolder = `${folder}/shared`;
  await Deno.mkdir(bucketFolder);
  const address = `127.0.0.1:${freePort()}`;
  const child = new Deno.Command(S3_PROGRAM ?? "", {
    args: ["--port", address, "--access", ACCESS_KEY, "--secret", SECRET_KEY, "--quiet"]
      .concat("posix", folder),
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const endpoint = `http://${address}`;
  await answer(endpoint);
  return {
    pid: child.pid,
    environment: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: ACCESS_KEY,
      AWS_SECRET_ACCESS_KEY: SECRET_KEY,
      AWS_SESSION_TOKEN: "",
      AWS_ENDPOINT_URL_S3: "",
    },
    bucketFolder,
    secret: SECRET_KEY,
    async [Symbol.asyncDispose](): Promise<void> {
      try {
        child.kill("SIGKILL");
      } catch (error) {
        if (!(error instanceof TypeError)) throw error; // a test has killed it
      }
      await child.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** A port of this machine on which nobody listens. */
export function freePort(): number {
  using probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (probe.addr as Deno.NetAddr).port;
}

async function answer(endpoint: string): Promise<void> {
  const deadlineMs = Date.now() + START_WITHIN_MS;
  for (;;) {
    try {
      await (await fetch(endpoint)).body?.cancel();
      return;
    } catch (error) {
      if (Date.now() > deadlineMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
