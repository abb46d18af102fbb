// The store's index: a rebuildable SQLite file of hints. Losing it costs time, never correctness.
import { DatabaseSync } from "node:sqlite";

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA busy_timeout = 10000;
  CREATE TABLE IF NOT EXISTS file_digest (
    path TEXT PRIMARY KEY, device INTEGER, inode INTEGER, size INTEGER,
    modified REAL, changed REAL, digest TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS module_graph (key TEXT PRIMARY KEY, graph TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS last_result (
    workflow TEXT, step TEXT, fingerprint TEXT NOT NULL, duration REAL NOT NULL,
    PRIMARY KEY (workflow, step)
  ) WITHOUT ROWID;
`;

/** Opens the index; one that is damaged is set aside and made anew. */
export function openIndex(path: string): DatabaseSync {
  try {
    return open(path);
  } catch (error) {
    if (!(error instanceof Error) || !/malformed|not a database|corrupt/i.test(error.message)) {
      throw error;
    }
    Deno.renameSync(path, `${path}.damaged`);
    return open(path);
  }
}

function open(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  database.exec(SCHEMA);
  return database;
}
