// The store's index: a rebuildable SQLite file of hints. Losing it costs time, never correctness.
import { DatabaseSync } from "node:sqlite";

const SCHEMA = `
  PRAGMA busy_timeout = 10000;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
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
  // One process at a time: turning the log on fails, without waiting, while another does the same.
  using lock = Deno.openSync(`${path}.lock`, { create: true, write: true });
  lock.lockSync(true);
  try {
    return open(path);
  } catch (error) {
    if (!isDamage(error)) throw error;
    Deno.renameSync(path, `${path}.damaged`);
    // SQLite would play the old log into the new file.
    for (const log of [`${path}-wal`, `${path}-shm`]) removeIfPresent(log);
    return open(path);
  }
}

function open(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    database.exec(SCHEMA);
    const { quick_check: verdict } = database.prepare("PRAGMA quick_check(1)").get() ?? {};
    if (verdict !== "ok") throw new Error(`index is corrupt: ${verdict}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function isDamage(error: unknown): boolean {
  return error instanceof Error && /malformed|not a database|corrupt/i.test(error.message);
}

function removeIfPresent(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
