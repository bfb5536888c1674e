import "server-only";
import { randomUUID } from "node:crypto";
import { copyFile, mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BackupManifest, BackupTable, PreparedBackup } from "@/lib/shape/keeping";
import type { Database } from "../database/database";
import { hashFile } from "../snapshots/durable-file";
import { listArchives } from "./archive-folder";
import { identifier, literal, readRowSum, tableColumns, type Column } from "./row-sum";

export type BackupOptions = {
  database: Database;
  /** Folder DuckDB may write to; the backup is prepared in a new folder inside it. */
  stagingFolder: string;
  archiveFolder: string;
  /** Folder of task logs to take along, or null for none. */
  logFolder: string | null;
  poolwiseVersion: string;
};

type Run = Database["export"];
type FileEntry = { file: string; bytes: number; sha256: string };

const PREFIX = "backup-";
const ABANDONED_MS = 86_400_000;
const LOG_NAME = /^[0-9a-f-]{36}\.log$/;

export const MANIFEST = "manifest.json";

/**
 * Writes every table as Parquet inside one read transaction, so that the files are of one moment while writes go on.
 * Archive files never change and are only listed. @throws Error when a file read back is not what the table holds
 */
export async function prepareBackup(options: BackupOptions): Promise<PreparedBackup> {
  await removeAbandoned(options.stagingFolder);
  const id = randomUUID();
  const folder = preparedFolder(options.stagingFolder, id);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    const { tables, listed, schemaVersion, createdAt } = await options.database.exportAtOnce(async (run) => ({
      createdAt: new Date().toISOString(),
      schemaVersion: await readSchemaVersion(run),
      tables: await copyTables(run, folder),
      listed: await listArchives(run),
    }));
    const present = new Set(await readdir(options.archiveFolder).catch(() => []));
    const manifest: BackupManifest = {
      format: "poolwise-backup",
      version: 1,
      created_at: createdAt,
      poolwise_version: options.poolwiseVersion,
      schema_version: schemaVersion,
      tables,
      archive: listed
        .filter(({ file }) => present.has(file))
        .map(({ file, bytes, sha256 }) => ({ file, bytes, sha256 })),
      logs: options.logFolder === null ? [] : await copyLogs(options.logFolder, folder),
      missing: listed.filter(({ file }) => !present.has(file)).map(({ file }) => file),
    };
    await writeFile(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 1)}\n`, { mode: 0o600 });
    return { id, manifest };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

export function preparedFolder(stagingFolder: string, id: string): string {
  return join(stagingFolder, `${PREFIX}${id}`);
}

async function copyTables(run: Run, folder: string): Promise<Record<string, BackupTable>> {
  const tables: Record<string, BackupTable> = {};
  for (const [table, columns] of await tableColumns(run)) {
    tables[table] = await copyTable(run, folder, table, columns);
  }
  return tables;
}

async function copyTable(run: Run, folder: string, table: string, columns: Column[]): Promise<BackupTable> {
  const file = `${table}.parquet`;
  const path = join(folder, file);
  await run(`COPY ${identifier(table)} TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd)`);
  const live = await readRowSum(run, columns, identifier(table));
  const stored = await readRowSum(run, columns, `read_parquet(${literal(path)})`);
  if (live.rows !== stored.rows || live.sum !== stored.sum)
    throw new Error(
      `The backup of ${table} does not hold what the table holds (${stored.rows} of ${live.rows} rows); it was thrown away`,
    );
  return { rows: live.rows, ...(await describeFile(folder, file)) };
}

async function copyLogs(logFolder: string, folder: string): Promise<FileEntry[]> {
  await mkdir(join(folder, "logs"), { mode: 0o700 });
  const entries: FileEntry[] = [];
  for (const name of (await readdir(logFolder)).filter((candidate) => LOG_NAME.test(candidate))) {
    // A copy, because a running task goes on appending to its log.
    await copyFile(join(logFolder, name), join(folder, "logs", name));
    entries.push(await describeFile(folder, `logs/${name}`));
  }
  return entries;
}

async function describeFile(folder: string, file: string): Promise<FileEntry> {
  const path = join(folder, file);
  const [{ size }, sha256] = await Promise.all([stat(path), hashFile(path)]);
  return { file, bytes: size, sha256 };
}

async function readSchemaVersion(run: Run): Promise<number> {
  const [row] = await run("SELECT value FROM metadata WHERE key = 'schema_version'");
  return Number(row?.value);
}

/** A command that was killed leaves what it did not fetch. */
async function removeAbandoned(stagingFolder: string): Promise<void> {
  await mkdir(stagingFolder, { recursive: true });
  for (const name of await readdir(stagingFolder)) {
    const folder = join(stagingFolder, name);
    const age = Date.now() - ((await stat(folder).catch(() => null))?.mtimeMs ?? 0);
    if (name.startsWith(PREFIX) && age > ABANDONED_MS) await rm(folder, { recursive: true, force: true });
  }
}
