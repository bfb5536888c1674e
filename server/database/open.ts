import "server-only";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { z } from "zod";
import { messageOf } from "@/lib/errors";
import { Database, type Session } from "./database";
import { DataDirectoryInUse, takeLock } from "./lock";
import { migrate, SchemaTooNew } from "./migrate";

/** The database cannot be opened; the message says what was found and what to do. The file is left as it was. */
export class DatabaseUnusable extends Error {
  override readonly name = "DatabaseUnusable";
}

export type OpenOptions = {
  file: string;
  /** Folders DuckDB may read and write besides its own file: where snapshots and reports go. */
  allowedDirectories: string[];
};

const KEY = Symbol.for("poolwise.database");
type Holder = { [KEY]?: Map<string, Promise<Database>> | undefined };

/**
 * Opens the learning database, once per process and file: a second call gets the same one.
 * Opening a file twice in one process succeeds in DuckDB and silently loses rows, hence the registry on
 * `globalThis`, the lock file, and no other importer of the driver.
 * @throws DataDirectoryInUse, DatabaseUnusable, SchemaTooNew
 */
export function openDatabase(options: OpenOptions): Promise<Database> {
  const holder = globalThis as Holder;
  const databases = (holder[KEY] ??= new Map<string, Promise<Database>>());
  const present = databases.get(options.file);
  if (present) return present;
  const opening = open(options, () => databases.delete(options.file));
  databases.set(options.file, opening);
  opening.catch(() => databases.delete(options.file));
  return opening;
}

async function open({ file, allowedDirectories }: OpenOptions, forget: () => void): Promise<Database> {
  mkdirSync(dirname(file), { recursive: true });
  const lock = takeLock(`${file}.lock`);
  if ("heldBy" in lock) throw new DataDirectoryInUse(lock.heldBy, dirname(file), runningUrl(dirname(file)));
  try {
    const openSession = async () => {
      refuseOrphanedLog(file);
      return startSession(await connectFile(file), allowedDirectories);
    };
    const onClosed = () => {
      lock.release();
      forget();
    };
    return await Database.open({ file, openSession, onClosed });
  } catch (error) {
    lock.release();
    throw explain(error, file);
  }
}

/** DuckDB would open an empty database and delete the log, and with it every row it holds. */
function refuseOrphanedLog(file: string): void {
  if (existsSync(file) || !existsSync(`${file}.wal`)) return;
  throw new DatabaseUnusable(
    `${file} is missing but its write-ahead log ${file}.wal is there. Opening it now would delete the log. ` +
      "Put the database file back beside it, or move the log away to start empty.",
  );
}

const READERS = 2;

async function startSession(instance: DuckDBInstance, directories: string[]): Promise<Session> {
  try {
    const write = await instance.connect();
    await migrate(write);
    await harden(write, directories);
    const readers = await Promise.all(Array.from({ length: READERS }, () => instance.connect()));
    return { instance, write, exporter: await instance.connect(), readers };
  } catch (error) {
    // An instance that stays open would keep the file's lock and be handed out again.
    instance.closeSync();
    throw error;
  }
}

/**
 * Not from DuckDB's own cache: it waits until the garbage collector has let go of everything that ever belonged to
 * an instance before it opens the file again. The registry above is what keeps a file from being opened twice.
 */
function connectFile(file: string): Promise<DuckDBInstance> {
  return DuckDBInstance.create(file, {
    threads: String(availableParallelism()),
    // A checkpoint inside a commit is what makes its tail slow; 64 MB replays in one to two seconds after a crash.
    checkpoint_threshold: "64MB",
    temp_directory: `${file}.tmp`,
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    allow_community_extensions: "false",
  });
}

async function harden(
  connection: Awaited<ReturnType<DuckDBInstance["connect"]>>,
  directories: string[],
): Promise<void> {
  const list = directories.map((directory) => `'${directory.replaceAll("'", "''")}/'`).join(", ");
  await connection.run(`SET allowed_directories = [${list}]`);
  await connection.run("SET enable_external_access = false");
  await connection.run("SET lock_configuration = true");
}

function explain(error: unknown, file: string): unknown {
  if (error instanceof DatabaseUnusable || error instanceof SchemaTooNew) return error;
  const message = messageOf(error);
  const holder = /Conflicting lock is held in .*\(PID (\d+)\)/.exec(message);
  if (holder) return new DataDirectoryInUse(Number(holder[1]), dirname(file), runningUrl(dirname(file)));
  if (/No space left on device/.test(message)) {
    return new DatabaseUnusable(
      `The disk of ${file} is full (${message}). Free some space and start again; nothing was changed.`,
      { cause: error },
    );
  }
  return new DatabaseUnusable(
    `${file} cannot be opened: ${message} The file was left as it is. Restore a backup in its place, ` +
      "or move it and its .wal away to start with an empty database.",
    { cause: error },
  );
}

const runningSchema = z.object({ url: z.string() });

/** URL that the server on this data directory announced, or null. */
function runningUrl(dataDir: string): string | null {
  try {
    const parsed = runningSchema.safeParse(JSON.parse(readFileSync(join(dataDir, "runtime.json"), "utf8")));
    return parsed.success ? parsed.data.url : null;
  } catch {
    return null;
  }
}
