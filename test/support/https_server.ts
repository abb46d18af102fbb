// A web server of this machine that speaks HTTPS, with a certificate made for it.

import { denoDir } from "./npm_registry.ts";

/** The program that makes certificates. */
const hasOpenssl: boolean = await new Deno.Command("openssl", { args: ["version"] }).output()
  .then(({ success }) => success, () => false);

/** A test that needs the server; its name says why it is skipped where there can be none. */
export function testOverHttps(name: string, fn: () => Promise<void>): void {
  const skipped = hasOpenssl ? "" : " (skipped: needs openssl)";
  Deno.test({ name: `${name}${skipped}`, ignore: !hasOpenssl, fn });
}

/** The server; disposing ends it. */
export class HttpsServer implements AsyncDisposable {
  private constructor(
    /** Folder of the certificates. */
    private readonly folder: string,
    private readonly server: Deno.HttpServer<Deno.NetAddr>,
    /** What it serves, by path; may be changed. */
    readonly files: Record<string, string>,
  ) {}

  static async open(files: Record<string, string>): Promise<HttpsServer> {
    const folder = await Deno.makeTempDir({ prefix: "cairn_https_" });
    await makeCertificates(folder);
    const server = Deno.serve({
      hostname: "127.0.0.1",
      port: 0,
      cert: await Deno.readTextFile(`${folder}/server.pem`),
      key: await Deno.readTextFile(`${folder}/server.key`),
      onListen: () => {},
    }, ({ url }) => {
      const text = files[new URL(url).pathname];
      const headers = { "content-type": "application/typescript" };
      return text === undefined
        ? new Response(null, { status: 404 })
        : new Response(text, { headers });
    });
    return new HttpsServer(folder, server, files);
  }

  get origin(): string {
    return `https://localhost:${this.server.addr.port}`;
  }

  /** File of the authority that a process must believe: DENO_CERT. */
  get authority(): string {
    return `${this.folder}/authority.pem`;
  }

  /** Removes what was downloaded from this server, as on a machine that has never seen it. */
  async forget(): Promise<void> {
    const cache = `${await denoDir()}/remote/https/localhost_PORT${this.server.addr.port}`;
    await Deno.remove(cache, { recursive: true }).catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.shutdown();
    await this.forget();
    await Deno.remove(this.folder, { recursive: true });
  }
}

async function makeCertificates(folder: string): Promise<void> {
  const openssl = async (...args: readonly string[]): Promise<void> => {
    const { success, stderr } = await new Deno.Command("openssl", { args: [...args], cwd: folder })
      .output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
  };
  const key = ["-newkey", "rsa:2048", "-nodes", "-keyout"];
  await openssl(
    "req",
    "-x509",
    ...[...key, "authority.key", "-out", "authority.pem", "-days", "2", "-subj", "/CN=authority"],
  );
  await openssl("req", ...key, "server.key", "-out", "server.csr", "-subj", "/CN=localhost");
  const names = "subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n";
  await Deno.writeTextFile(`${folder}/names`, names);
  const authority = ["-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial"];
  await openssl(
    ...["x509", "-req", "-in", "server.csr", ...authority, "-days", "2", "-extfile", "names"],
    ...["-out", "server.pem"],
  );
}
