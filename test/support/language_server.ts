// A real YAML language server, as editors start it, and a client that asks it about workflow files.
import { Buffer } from "node:buffer";
import config from "../../deno.json" with { type: "json" };

/** A stretch of text as the protocol gives it; lines and characters from 0. */
interface Range {
  readonly start: { readonly line: number; readonly character: number };
}

/** A mistake that the server marks. */
export interface Mark {
  readonly message: string;
  readonly range: Range;
}

interface Completion {
  readonly label: string;
  readonly documentation?: string | { readonly value: string };
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: unknown;
}

const PATIENCE_MS = 60_000;
const SERVER = `${config.imports["yaml-language-server"]}/yaml-language-server`;

/** A server that runs until it is disposed. */
export class LanguageServer implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #answers = new Map<number, (result: unknown) => void>();
  readonly #marks = new Map<string, (marks: readonly Mark[]) => void>();
  readonly #ended = Promise.withResolvers<never>();
  readonly #reading: Promise<void>;
  #lastId = 0;

  private constructor() {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "-A", SERVER, "--stdio"],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#ended.promise.catch(() => {}); // of interest only to who waits for an answer
    this.#reading = this.#read().finally(() =>
      this.#ended.reject(new Error("the language server has ended"))
    );
  }

  /** Starts a server for a folder; the file's own first line says which schema it has. */
  static async start(folder: string): Promise<LanguageServer> {
    const server = new LanguageServer();
    const capabilities = { textDocument: { hover: { contentFormat: ["markdown"] } } };
    await server.#ask("initialize", { processId: null, rootUri: `file://${folder}`, capabilities });
    await server.#tell("initialized", {});
    return server;
  }

  /** Opens a file with this text and gives what is marked in it. */
  async open(path: string, text: string): Promise<readonly Mark[]> {
    const uri = `file://${path}`;
    const marked = new Promise<readonly Mark[]>((resolve) => this.#marks.set(uri, resolve));
    await this.#tell("textDocument/didOpen", {
      textDocument: { uri, languageId: "yaml", version: 1, text },
    });
    return await this.#unlessEnded(marked);
  }

  /** What may stand at a place, with the words that go with it. */
  async complete(path: string, position: Range["start"]): Promise<ReadonlyMap<string, string>> {
    const textDocument = { uri: `file://${path}` };
    const answer = await this.#ask("textDocument/completion", { textDocument, position }) as {
      readonly items: readonly Completion[];
    };
    return new Map(answer.items.map(({ label, documentation = "" }) => [
      label,
      typeof documentation === "string" ? documentation : documentation.value,
    ]));
  }

  /** The words that are shown over a place. */
  async hover(path: string, position: Range["start"]): Promise<string> {
    const textDocument = { uri: `file://${path}` };
    const answer = await this.#ask("textDocument/hover", { textDocument, position }) as {
      readonly contents: { readonly value: string };
    };
    return answer.contents.value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#writer.close().catch(() => {});
    await this.#reading;
    await this.#child.status;
  }

  async #ask(method: string, params: unknown): Promise<unknown> {
    const id = ++this.#lastId;
    const answer = new Promise((resolve) => this.#answers.set(id, resolve));
    await this.#send({ id, method, params });
    return await this.#unlessEnded(answer);
  }

  /** Fails where no answer can come any more. */
  async #unlessEnded<T>(answer: Promise<T>): Promise<T> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(new Error("no answer in time")), PATIENCE_MS);
    try {
      return await Promise.race([answer, this.#ended.promise, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #tell(method: string, params: unknown): Promise<void> {
    await this.#send({ method, params });
  }

  async #send(message: object): Promise<void> {
    const body = new TextEncoder().encode(JSON.stringify({ jsonrpc: "2.0", ...message }));
    await this.#writer.write(
      new TextEncoder().encode(`Content-Length: ${body.length}\r\n\r\n`),
    );
    await this.#writer.write(body);
  }

  /** Messages are framed by their length in bytes, so text is cut as bytes. */
  async #read(): Promise<void> {
    let rest = "";
    for await (const chunk of this.#child.stdout) {
      rest += Buffer.from(chunk).toString("latin1");
      for (;;) {
        const head = /^Content-Length: (\d+)\r\n(?:.+\r\n)*\r\n/.exec(rest);
        if (head === null) break;
        const [start, end] = [head[0].length, head[0].length + Number(head[1])];
        if (rest.length < end) break;
        const bytes = Uint8Array.from(rest.slice(start, end), (char) => char.charCodeAt(0));
        rest = rest.slice(end);
        this.#hear(JSON.parse(new TextDecoder().decode(bytes)) as Message);
      }
    }
  }

  #hear({ id, method, params, result }: Message): void {
    if (method === "textDocument/publishDiagnostics") {
      this.#marks.get(String(params?.["uri"]))?.(params?.["diagnostics"] as readonly Mark[]);
    } else if (method !== undefined && id !== undefined) {
      // The server asks for settings and for files, neither of which an editor must have.
      void this.#send({ id, result: method === "workspace/configuration" ? [] : null });
    } else if (id !== undefined) this.#answers.get(id)?.(result);
  }
}
