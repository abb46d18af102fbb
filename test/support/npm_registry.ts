// An npm registry on this machine that has one package, in whatever versions a test publishes.
import { cp } from "node:fs/promises";
import { resultOf } from "./rig.ts";

/** Name of the package. */
export const PACKAGE = "@cairn-test/word-count";

/** What modules of the package may import; cairn has it, too. */
const DEPENDENCIES = { zod: "4.6.7" };

/** What cairn itself loads to check and run such a plugin. */
const NEEDED = ["zod", "yaml"];

/** What a process needs that installs from it, on a machine that has never done so. */
export interface Machine {
  readonly HOME: string;
  readonly DENO_DIR: string;
}

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

  /** A machine that knows the registry, and has downloaded nothing but what cairn itself needs. */
  async newMachine(): Promise<Machine> {
    const home = await Deno.makeTempDir({ dir: this.folder });
    const { port } = this.#server.addr;
    await Deno.writeTextFile(
      `${home}/.npmrc`,
      `@cairn-test:registry=http://127.0.0.1:${port}/\n`,
    );
    const denoDir = `${home}/deno`;
    const known = `${await realDenoDir()}/npm`;
    for (const { name: host } of Deno.readDirSync(known)) {
      for (const name of NEEDED) {
        await cp(`${known}/${host}/${name}`, `${denoDir}/npm/${host}/${name}`, { recursive: true })
          .catch(() => {}); // of another registry
      }
    }
    return { HOME: home, DENO_DIR: denoDir };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
    await Deno.remove(this.folder, { recursive: true });
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

async function realDenoDir(): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["info", "--json"],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  return (JSON.parse((await resultOf(child)).out) as { readonly denoDir: string }).denoDir;
}
