import "server-only";
import { rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { PoolwiseError } from "@/lib/errors";
import type { RetentionReport } from "@/lib/shape/keeping";
import type { Database } from "../database/database";
import type { Touched, WriteOperation } from "../database/writer";
import { publishFile } from "../snapshots/durable-file";
import { describeArchive, registration, settleLeftovers, type ArchiveEntry } from "./archive-folder";
import { EXPIRING, expiredIds, expiredMonths, type ExpiringTable } from "./expiry";
import { literal, readRowSum, rowSumSql, tableColumns, type Column } from "./row-sum";

/** Moments of a month's way into the archive, for tests that interrupt it. */
export type RetentionStep = "copied" | "verified" | "published" | "committed";

export type RetentionOptions = {
  database: Database;
  archiveFolder: string;
  retentionDays: number;
  dryRun: boolean;
  now?: () => number;
  onStep?: (step: RetentionStep, file: string) => void | Promise<void>;
};

type Month = RetentionReport["months"][number];

const DAY_MS = 86_400_000;
const CHECKPOINT_TRIES = 40;
const CHECKPOINT_PAUSE_MS = 50;
// A rating may change a row between its copy and its deletion; then the month is copied again.
const MONTH_TRIES = 3;
const CHANGED = "rows changed while they were archived";

/**
 * Moves rows past retention to Parquet files, one per table and month and run. A file is on disk and was read back
 * before its rows are deleted, and the deletion happens only if the rows in the database are still those in the file;
 * deletion and registration are one transaction, so an interruption loses and doubles nothing.
 * @throws PoolwiseError 507 when the disk has no room, 409 when rows kept changing; nothing is deleted then
 */
export async function runRetention(options: RetentionOptions): Promise<RetentionReport> {
  const { database, archiveFolder, retentionDays, dryRun, now = Date.now } = options;
  const cutoffMs = now() - retentionDays * DAY_MS;
  const cutoff = new Date(cutoffMs).toISOString().slice(0, -1);
  const bytesBefore = database.sizeBytes();
  const settled = dryRun ? { adopted: [], removed: [] } : await settleLeftovers(database, archiveFolder);
  const columns = await tableColumns((sql) => database.export(sql));
  const months: Month[] = [];
  for (const table of EXPIRING) {
    for (const { month, rows } of await expiredMonths(database, table, cutoff)) {
      const planned = { table: table.name, month, rows, file: null, bytes: null };
      months.push(
        dryRun
          ? planned
          : await archiveMonth(options, table, columns.get(table.name) ?? [], { month, cutoff }),
      );
    }
  }
  const checkpointed = !dryRun && months.length > 0 && (await checkpoint(database));
  return {
    dry_run: dryRun,
    retention_days: retentionDays,
    cutoff: new Date(cutoffMs).toISOString(),
    rows: months.reduce((sum, { rows }) => sum + rows, 0),
    months,
    ...settled,
    checkpointed,
    database: {
      bytes_before: bytesBefore,
      bytes_after: database.sizeBytes(),
      free_bytes: await freeBytes(database),
    },
  };
}

type Range = { month: string; cutoff: string };

async function archiveMonth(
  options: RetentionOptions,
  table: ExpiringTable,
  columns: Column[],
  range: Range,
): Promise<Month> {
  await refuseFullDisk(options);
  for (let attempt = 1; ; attempt++) {
    try {
      const { file, rows, bytes } = await moveMonth(options, table, columns, range);
      return { table: table.name, month: range.month, rows, file, bytes };
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes(CHANGED)) throw error;
      await settleLeftovers(options.database, options.archiveFolder);
      if (attempt === MONTH_TRIES)
        throw new PoolwiseError(
          409,
          `The rows of ${table.name} of ${range.month} in the database are not those in the file written of them. Nothing of that month was deleted; run retention again.`,
          [],
          { cause: error },
        );
    }
  }
}

async function moveMonth(
  { database, archiveFolder, onStep }: RetentionOptions,
  table: ExpiringTable,
  columns: Column[],
  range: Range,
): Promise<ArchiveEntry> {
  const temporary = join(archiveFolder, `${table.name}-${range.month}.${process.pid}.tmp`);
  const rows = `SELECT * FROM ${table.name} WHERE ${table.key} IN (${expiredIds(table)})`;
  try {
    await database.export(
      `COPY (${rows} ORDER BY ${table.time}, ${table.key}) TO ${literal(temporary)} (FORMAT parquet, COMPRESSION zstd)`,
      range,
    );
    await onStep?.("copied", temporary);
    const source = `read_parquet(${literal(temporary)})`;
    const stored = await readRowSum((sql) => database.export(sql), columns, source);
    const described = await describeArchive(database, table, range.month, temporary);
    const days = await database.export(
      `SELECT DISTINCT strftime(${table.time}, '%Y-%m-%d') AS day FROM ${source}`,
    );
    await onStep?.("verified", temporary);
    const entry = {
      file: `${table.name}-${range.month}.${described.sha256.slice(0, 16)}.parquet`,
      ...described,
    };
    const published = join(archiveFolder, entry.file);
    await publishFile(temporary, published);
    // From here on only settleLeftovers may remove it: it first looks whether the rows are still in the database.
    await onStep?.("published", published);
    await database.writer.write(
      [
        guard(`(${rows})`, columns, { ...range, ...stored }),
        registration(entry),
        ...table.alongside.map((sql) => ({ sql: sql.replaceAll("{ids}", expiredIds(table)), values: range })),
        { sql: `DELETE FROM ${table.name} WHERE ${table.key} IN (${expiredIds(table)})`, values: range },
      ],
      touchedDays(table, days),
    );
    await onStep?.("committed", published);
    return entry;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Fails inside the writer's transaction, and so undoes it, when the rows to delete are not the rows in the file. */
function guard(
  rows: string,
  columns: Column[],
  values: Range & { rows: number; sum: string },
): WriteOperation {
  const live = rowSumSql(columns, `${rows} AS expired`);
  const sql = `SELECT CASE WHEN (SELECT live.rows <> $rows::DOUBLE OR live.sum <> $sum FROM (${live}) AS live) THEN error('${CHANGED}') END`;
  return { sql, values };
}

function touchedDays({ name, published }: ExpiringTable, days: unknown): Touched[] {
  if (!published) return [];
  return z
    .array(z.object({ day: z.string() }))
    .parse(days)
    .map(({ day }) => ({ table: name, day }));
}

/** A checkpoint on a full disk ends the database until a restart, so archives must not be what fills it. */
async function refuseFullDisk({ database, archiveFolder }: RetentionOptions): Promise<void> {
  const { bavail, bsize } = await statfs(archiveFolder);
  if (bavail * bsize >= database.sizeBytes() / EXPIRING.length) return;
  throw new PoolwiseError(
    507,
    `The disk of ${archiveFolder} has ${Math.round((bavail * bsize) / 1e6)} MB free, which may be too little for an archive file. Nothing was deleted; free some space and run retention again.`,
  );
}

/** Lets go of deleted rows' space; refused while a write is under way, so it is tried in the gaps between them. */
async function checkpoint(database: Database): Promise<boolean> {
  for (let attempt = 0; attempt < CHECKPOINT_TRIES; attempt++) {
    try {
      await database.export("CHECKPOINT");
      return true;
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes("Cannot CHECKPOINT")) throw error;
      await pause(CHECKPOINT_PAUSE_MS);
    }
  }
  return false;
}

async function freeBytes(database: Database): Promise<number> {
  const [row] = await database.export(
    "SELECT (free_blocks * block_size)::DOUBLE AS bytes FROM pragma_database_size() WHERE database_name = current_database()",
  );
  return z.object({ bytes: z.number() }).parse(row).bytes;
}
