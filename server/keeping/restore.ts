import "server-only";
import { existsSync, mkdirSync, readdirSync, realpathSync } from "node:fs";
import { copyFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { BackupManifest } from "@/lib/shape/keeping";
import type { Database } from "../database/database";
import { DataDirectoryInUse, takeLock } from "../database/lock";
import { openDatabase } from "../database/open";
import { publishFile } from "../snapshots/durable-file";
import { BackupUnusable, verifyBackup } from "./backup-folder";
import { identifier, literal, readRowSum, tableColumns, type Column } from "./row-sum";

export type RestoreTarget = {
  /** The database file to create. */
  file: string;
  dataDir: string;
  snapshots: string;
  archive: string;
  spool: string;
  logs: string;
};

/** Something is there already that a restore would overwrite or mix with. */
export class NotEmpty extends Error {
  override readonly name = "NotEmpty";
}

/**
 * Creates the database of a backup in a data directory that has none. Everything is checked before anything is made,
 * and whatever was made is removed when a later step fails. The database gets its name last.
 * @throws NotEmpty, BackupUnusable, DataDirectoryInUse
 */
export async function restoreBackup(folder: string, target: RestoreTarget): Promise<BackupManifest> {
  refuseOverwriting(target);
  const manifest = await verifyBackup(folder);
  const made: string[] = [];
  make(target.dataDir, made);
  make(dirname(target.file), made);
  const lock = takeLock(`${target.file}.lock`);
  if ("heldBy" in lock) throw new DataDirectoryInUse(lock.heldBy, target.dataDir, null);
  try {
    refuseOverwriting(target);
    await copyInto(manifest.archive, join(folder, "archive"), target.archive, made);
    await copyInto(withoutFolder(manifest.logs), join(folder, "logs"), target.logs, made);
    const building = `${target.file}.restoring`;
    made.push(building, `${building}.wal`);
    await buildDatabase(building, folder, manifest);
    await publishFile(building, target.file);
  } catch (error) {
    for (const path of made.reverse()) await rm(path, { recursive: true, force: true });
    throw error;
  } finally {
    lock.release();
  }
  return manifest;
}

/** Writes a database file anew from a backup's tables, at the current schema, and compares it with them. */
export async function buildDatabase(file: string, folder: string, manifest: BackupManifest): Promise<void> {
  for (const leftover of [file, `${file}.wal`]) await rm(leftover, { force: true });
  const source = realpathSync(folder);
  const database = await openDatabase({ file, allowedDirectories: [source] });
  try {
    const known = await tableColumns((sql) => database.export(sql));
    for (const [table, { file: name, rows }] of Object.entries(manifest.tables)) {
      const columns = known.get(table);
      if (!columns && rows > 0)
        throw new BackupUnusable(
          `the backup has a table ${table} that this Poolwise does not know; nothing was restored`,
        );
      if (columns) await loadTable(database, table, columns, { path: join(source, name), rows });
    }
  } finally {
    await database.close();
  }
}

/** A backup of an older schema lacks columns, which get their default. The schema's version stays the new file's own. */
async function loadTable(
  database: Database,
  table: string,
  known: Column[],
  { path, rows }: { path: string; rows: number },
): Promise<void> {
  const run: Database["export"] = (sql) => database.export(sql);
  const parquet = `read_parquet(${literal(path)})`;
  const stored = new Set((await run(`DESCRIBE FROM ${parquet}`)).map((row) => row.column_name));
  const columns = known.filter(({ name }) => stored.has(name));
  const own = table === "metadata" ? "key = 'schema_version'" : "false";
  const names = columns.map(({ name }) => identifier(name)).join(", ");
  const values = columns.map(({ name, type }) => `${identifier(name)}::${type}`).join(", ");
  await database.writer.write([
    { sql: `DELETE FROM ${identifier(table)} WHERE NOT (${own})`, values: {} },
    {
      sql: `INSERT INTO ${identifier(table)} (${names}) SELECT ${values} FROM ${parquet} WHERE NOT (${own})`,
      values: {},
    },
  ]);
  const [expected, found] = await Promise.all([
    readRowSum(run, columns, `(FROM ${parquet} WHERE NOT (${own}))`),
    readRowSum(run, columns, `(FROM ${identifier(table)} WHERE NOT (${own}))`),
  ]);
  const manifestRows = table === "metadata" ? expected.rows : rows;
  if (found.rows !== manifestRows || found.sum !== expected.sum)
    throw new BackupUnusable(
      `${table} has ${found.rows} of ${manifestRows} rows after loading; nothing was restored`,
    );
}

function refuseOverwriting({ file, dataDir, snapshots, spool }: RestoreTarget): void {
  const present = [file, `${file}.wal`, ...entries(snapshots), ...entries(spool)].filter(existsSync);
  if (present.length === 0) return;
  const [first = "", ...more] = present;
  const others = more.length === 0 ? "" : ` and ${more.length} more`;
  throw new NotEmpty(
    `${dataDir} is in use: ${first}${others}. A restore overwrites nothing; give it an empty folder in POOLWISE_DATA_DIR, or move the database, snapshots and spool away first`,
  );
}

/** Files of a folder, without folders that are there from the first start on. */
function entries(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(folder, entry.name));
}

async function copyInto(
  files: { file: string }[],
  from: string,
  folder: string,
  made: string[],
): Promise<void> {
  if (files.length > 0) make(folder, made);
  for (const { file } of files) {
    const final = join(folder, file);
    // Archive files are named by their content, and a log belongs to one task: what is there stays.
    if (existsSync(final)) continue;
    made.push(`${final}.tmp`, final);
    await copyFile(join(from, file), `${final}.tmp`);
    await publishFile(`${final}.tmp`, final);
  }
}

function withoutFolder(logs: { file: string }[]): { file: string }[] {
  return logs.map(({ file }) => ({ file: file.replace(/^logs\//, "") }));
}

function make(folder: string, made: string[]): void {
  const first = mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (first !== undefined) made.push(first);
}
