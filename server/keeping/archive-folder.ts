import "server-only";
import { mkdirSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { ARCHIVE_NAME, type Archive } from "@/lib/shape/keeping";
import addArchive from "@/sql/keeping/add_archive.sql";
import archivesSql from "@/sql/keeping/archives.sql";
import type { Database } from "../database/database";
import type { WriteOperation } from "../database/writer";
import { hashFile } from "../snapshots/durable-file";
import { EXPIRING, type ExpiringTable } from "./expiry";
import { literal } from "./row-sum";

const instant = z.number().transform((ms) => new Date(ms).toISOString());
const archiveRow = z
  .object({
    file: z.string(),
    table: z.string(),
    month: z.string(),
    rows: z.number(),
    bytes: z.number(),
    sha256: z.string(),
    min_ms: instant,
    max_ms: instant,
    archived_ms: instant,
  })
  .transform(({ min_ms, max_ms, archived_ms, ...row }): Archive => ({
    ...row,
    min_timestamp: min_ms,
    max_timestamp: max_ms,
    archived_at: archived_ms,
  }));

/** What is put into `archives` for a file; times are epoch milliseconds. */
export type ArchiveEntry = {
  file: string;
  table_name: string;
  month: string;
  rows: number;
  bytes: number;
  sha256: string;
  min_ms: number;
  max_ms: number;
};

const spanRow = z.object({ rows: z.number(), min_ms: z.number(), max_ms: z.number() });

export async function listArchives(run: Database["export"]): Promise<Archive[]> {
  return z.array(archiveRow).parse(await run(archivesSql));
}

export function registration(entry: ArchiveEntry): WriteOperation {
  return { sql: addArchive, values: entry };
}

/** Looks at a finished file of a table's rows. @throws when it is not readable Parquet or empty */
export async function describeArchive(
  database: Database,
  table: ExpiringTable,
  month: string,
  path: string,
): Promise<Omit<ArchiveEntry, "file">> {
  const sql = `SELECT count(*)::DOUBLE AS rows, epoch_us(min(${table.time}))::DOUBLE / 1000 AS min_ms,
    epoch_us(max(${table.time}))::DOUBLE / 1000 AS max_ms FROM read_parquet(${literal(path)})`;
  const [row] = await database.export(sql);
  const [{ size }, sha256] = await Promise.all([stat(path), hashFile(path)]);
  return { table_name: table.name, month, bytes: size, sha256, ...spanRow.parse(row) };
}

/**
 * Puts in order what an interrupted run left: half-written files go; a file that is not registered is removed when
 * all its rows are still in the database, and registered when none is. Anything else stays for `doctor` to name.
 */
export async function settleLeftovers(
  database: Database,
  folder: string,
): Promise<{ adopted: string[]; removed: string[] }> {
  mkdirSync(folder, { recursive: true });
  const settled = { adopted: [] as string[], removed: [] as string[] };
  const known = new Set((await listArchives((sql) => database.export(sql))).map(({ file }) => file));
  for (const file of await readdir(folder)) {
    const path = join(folder, file);
    if (file.endsWith(".tmp")) await rm(path, { force: true });
    const [, name, month = "", digest] = ARCHIVE_NAME.exec(file) ?? [];
    const table = EXPIRING.find((candidate) => candidate.name === name);
    if (!table || known.has(file)) continue;
    const entry = await describeArchive(database, table, month, path).catch(() => null);
    if (entry?.sha256.slice(0, 16) !== digest || !entry) continue;
    const live = await countLive(database, table, path);
    if (live === entry.rows) {
      await rm(path);
      settled.removed.push(file);
    } else if (live === 0) {
      await database.writer.write([registration({ file, ...entry })]);
      settled.adopted.push(file);
    }
  }
  return settled;
}

async function countLive(database: Database, { name, key }: ExpiringTable, path: string): Promise<number> {
  const sql = `SELECT count(*)::DOUBLE AS rows FROM read_parquet(${literal(path)}) WHERE ${key} IN (SELECT ${key} FROM ${name})`;
  const [row] = await database.export(sql);
  return z.object({ rows: z.number() }).parse(row).rows;
}
