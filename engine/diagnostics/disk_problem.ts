// What a disk or the operating system refuses, in words that help. Recognised by message, because neither
// SQLite nor every failing call of the runtime carries a code.

/** A refusal that a person can mend. */
export interface DiskProblem {
  readonly message: string;
  readonly hint: string;
}

const PROBLEMS: readonly (readonly [RegExp, DiskProblem])[] = [
  [/no space left|disk is full|disk quota/i, {
    message: "The disk is full",
    hint: "Free some space; finished steps are kept and reused",
  }],
  [/file too large/i, {
    message: "A file grew larger than this system allows",
    hint: "Raise the limit on file sizes; finished steps are kept and reused",
  }],
  [/read-only file system|readonly database/i, {
    message: "The file system is read-only",
    hint: "Make it writable, or keep results elsewhere with --store",
  }],
  [/disk i\/o error|input\/output error/i, {
    message: "The disk failed to read or write",
    hint: 'See whether it is full or failing; "cairn verify" tells what was lost',
  }],
  [/database is locked/i, {
    message: "Another program holds the store's index",
    hint: 'Close what has ".cairn/index.sqlite" open, such as a database viewer or a backup',
  }],
  [/permission denied|operation not permitted|unable to open database file/i, {
    message: "This user has no access",
    hint: "Change the permissions; results can be kept elsewhere with --store",
  }],
];

/** Finds the words for an error of the file system or of SQLite; undefined where it is something else. */
export function diskProblemOf(error: unknown): DiskProblem | undefined {
  if (!(error instanceof Error)) return undefined;
  const found = PROBLEMS.find(([pattern]) => pattern.test(error.message))?.[1];
  if (found === undefined) return undefined;
  const path = /: \w+ '([^']+)'/.exec(error.message)?.[1];
  return path === undefined ? found : { ...found, message: `${found.message}: "${path}"` };
}
