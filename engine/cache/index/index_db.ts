// The store's index: a rebuildable SQLite file of hints. Losing it costs time, never correctness.
import { DatabaseSync } from "node:sqlite";

/** Number of this schema; an index of another one is emptied. */
const VERSION = 3;

const SETTINGS = `
  PRAGMA busy_timeout = 10000;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA mmap_size = 268435456;
`;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS file_digest (
    path TEXT PRIMARY KEY, device INTEGER, inode INTEGER, size INTEGER,
    modified REAL, changed REAL, digest TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS module_graph (key TEXT PRIMARY KEY, graph TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS last_result (
    workflow TEXT, step TEXT, fingerprint TEXT NOT NULL, duration REAL NOT NULL,
    peak_memory REAL, basis TEXT, whole TEXT, PRIMARY KEY (workflow, step)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS known_graph (
    key TEXT PRIMARY KEY, remembered REAL NOT NULL, conditions TEXT NOT NULL, graph TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS machine (started REAL NOT NULL);
`;

/** Between two readings of the same start; the system's own clock counts whole seconds. */
const START_TOLERANCE_MS = 2000;

/**
 * Opens the index; one that is damaged is set aside and made anew. Digests that were remembered before the
 * machine was started (`startedAtMs`) are forgotten: after a power cut a file may have lost its bytes and
 * kept its stamp.
 */
export function openIndex(path: string, startedAtMs = machineStartMs()): DatabaseSync {
  // One process at a time: turning the log on fails, without waiting, while another does the same.
  using lock = Deno.openSync(`${path}.lock`, { create: true, write: true });
  lock.lockSync(true);
  try {
    return open(path, startedAtMs);
  } catch (error) {
    if (!isDamage(error)) throw error;
    Deno.renameSync(path, `${path}.damaged`);
    // SQLite would play the old log into the new file.
    for (const log of [`${path}-wal`, `${path}-shm`]) removeIfPresent(log);
    return open(path, startedAtMs);
  }
}

function machineStartMs(): number {
  return Date.now() - Deno.osUptime() * 1000;
}

function open(path: string, startedAtMs: number): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    database.exec(SETTINGS);
    forgetOtherVersions(database);
    database.exec(SCHEMA);
    const { quick_check: verdict } = database.prepare("PRAGMA quick_check(1)").get() ?? {};
    if (verdict !== "ok") throw new Error(`index is corrupt: ${verdict}`);
    forgetAfterRestart(database, startedAtMs);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function forgetOtherVersions(database: DatabaseSync): void {
  const { user_version: found } = database.prepare("PRAGMA user_version").get() ?? {};
  if (found === VERSION) return;
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  for (const { name } of tables) database.exec(`DROP TABLE "${name}"`);
  database.exec(`PRAGMA user_version = ${VERSION}`);
}

function forgetAfterRestart(database: DatabaseSync, startedAtMs: number): void {
  const known = database.prepare("SELECT started FROM machine").get() as
    | { readonly started: number }
    | undefined;
  if (Math.abs((known?.started ?? 0) - startedAtMs) <= START_TOLERANCE_MS) return;
  database.exec(
    "BEGIN; DELETE FROM file_digest; UPDATE last_result SET whole = NULL; DELETE FROM machine",
  );
  database.prepare("INSERT INTO machine VALUES (?)").run(startedAtMs);
  database.exec("COMMIT");
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
