// The files that a workflow is made of, each read and parsed once, however often it is named.
import { resolve } from "node:path";
import { emptyFile, emptyPart } from "../diagnostics/catalog.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { SourceFile } from "../diagnostics/source_file.ts";
import { type FilePath, filePath, readSource, realTarget } from "./source.ts";
import type { ReadFile } from "./workflow.ts";
import { readYaml } from "./yaml/read.ts";
import type { YamlNode } from "./yaml/tree.ts";

/** A file that says something. */
export interface OpenFile {
  readonly path: FilePath;
  /** Path without links: what tells whether two files are one. */
  readonly real: string;
  readonly file: SourceFile;
  readonly root: YamlNode;
}

/** Opens files and remembers them. */
export class WorkflowFiles {
  readonly #opened = new Map<string, OpenFile | undefined>();
  readonly #read: ReadFile[] = [];

  constructor(
    /** Where the person stands: file names in messages are relative to it. */
    readonly cwd: string,
    /** Hears of what is wrong with a file, once. */
    readonly report: (diagnostic: Diagnostic) => void,
  ) {}

  /** Names a file that starts from a folder. */
  path(written: string, folder: string): FilePath {
    return filePath(resolve(folder, written), this.cwd);
  }

  /** Every file that could be read, the first one first. */
  get read(): readonly ReadFile[] {
    return this.#read;
  }

  /**
   * Opens a file; undefined after a report. What is wrong with the file as such is told by `unreadable` where
   * somebody names it.
   */
  async open(
    path: FilePath,
    unreadable: (problem: Diagnostic) => void,
  ): Promise<OpenFile | undefined> {
    if (this.#opened.has(path.absolute)) return this.#opened.get(path.absolute);
    const file = await readSource(path);
    if (!(file instanceof SourceFile)) {
      unreadable(file);
      return undefined;
    }
    const opened = await this.#parse(path, file);
    this.#opened.set(path.absolute, opened);
    return opened;
  }

  async #parse(path: FilePath, file: SourceFile): Promise<OpenFile | undefined> {
    const isFirst = this.#read.length === 0;
    this.#read.push({ absolute: path.absolute, file });
    const { root, diagnostics } = await readYaml(file);
    for (const diagnostic of diagnostics) this.report(diagnostic);
    if (root !== undefined) return { path, real: await realTarget(path.absolute), file, root };
    const start = { file, span: { start: 0, end: 0 } };
    if (diagnostics.length === 0) this.report(isFirst ? emptyFile(start) : emptyPart(start));
    return undefined;
  }
}
