// An npm registry on this machine that has one package, in whatever versions a test publishes.
import { resultOf } from "./rig.ts";

/** Name of the package. */
export const PACKAGE = "@cairn-test/word-count";

/** What modules of the package may import; cairn has it, too. */
const DEPENDENCIES = { zod: "4.6.7" };

/** The registry; disposing ends it. */
export class NpmRegistry implements AsyncDisposable {
  readonly #tarballs = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  private constructor(readonly folder: string) {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      ({ url }) => this.#answer(new URL(url)),
    );
  }

  static async open(): Promise<NpmRegistry> {
    return new NpmRegistry(await Deno.makeTempDir({ prefix: "cairn_npm_" }));
  }

  /** Publishes a module as a version of the package, or something else under a version that there is. */
  async publish(version: string, module: string): Promise<void> {
    const folder = await Deno.makeTempDir({ dir: this.folder });
    await Deno.mkdir(`${folder}/package`);
    const about = {
      name: PACKAGE,
      version,
      type: "module",
      exports: "./plugin.js",
      dependencies: DEPENDENCIES,
    };
    await Deno.writeTextFile(`${folder}/package/package.json`, JSON.stringify(about));
    await Deno.writeTextFile(`${folder}/package/plugin.js`, module);
    const tar = new Deno.Command("tar", { args: ["czf", "p.tgz", "package"], cwd: folder });
    if (!(await tar.output()).success) throw new Error("tar cannot pack");
    this.take(version, await Deno.readFile(`${folder}/p.tgz`));
  }

  /** Publishes what was packed elsewhere. */
  take(version: string, tarball: Uint8Array<ArrayBuffer>): void {
    this.#tarballs.set(version, tarball);
  }

  /** The environment on a machine that knows the registry and has downloaded nothing from it yet. */
  async newMachine(): Promise<Readonly<Record<string, string>>> {
    const home = await Deno.makeTempDir({ dir: this.folder });
    const { port } = this.#server.addr;
    await Deno.writeTextFile(
      `${home}/.npmrc`,
      `@cairn-test:registry=http://127.0.0.1:${port}/\n`,
    );
    await this.#forget();
    return { HOME: home, DENO_DIR: await denoDir() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
    await this.#forget();
    await Deno.remove(this.folder, { recursive: true });
  }

  /** Removes what was downloaded from this registry, which Deno keeps by its port. */
  async #forget(): Promise<void> {
    const cache = `${await denoDir()}/npm/${this.#server.addr.port}`;
    await Deno.remove(cache, { recursive: true }).catch(() => {});
  }

  async #answer({ pathname, origin }: URL): Promise<Response> {
    const asked = /^\/(.+)\.tgz$/.exec(pathname)?.[1];
    if (asked !== undefined) return new Response(this.#tarballs.get(asked) ?? null);
    const versions: Record<string, unknown> = {};
    for (const [version, tarball] of this.#tarballs) {
      const hash = new Uint8Array(await crypto.subtle.digest("SHA-512", tarball));
      const integrity = `sha512-${btoa(String.fromCharCode(...hash))}`;
      const dist = { tarball: `${origin}/${version}.tgz`, integrity };
      versions[version] = { name: PACKAGE, version, dependencies: DEPENDENCIES, dist };
    }
    const latest = [...this.#tarballs.keys()].at(-1);
    return Response.json({ name: PACKAGE, "dist-tags": { latest }, versions });
  }
}

/** Where Deno keeps what it downloads. */
export async function denoDir(): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["info", "--json"],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  return (JSON.parse((await resultOf(child)).out) as { readonly denoDir: string }).denoDir;
}
