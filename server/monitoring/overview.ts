import "server-only";
import { readdir, stat, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { HEALTH_LEVELS, type DatabaseStatus } from "@/lib/shape/health";
import type { AlertView, MonitoringView } from "@/lib/shape/monitoring";
import alertsSql from "@/sql/monitor/alerts.sql";
import type { Database } from "../database/database";

const MB = 1024 * 1024;
const FOLDERS_FRESH_MS = 60_000;

const alertRow = z
  .object({
    rule: z.string(),
    level: z.enum(HEALTH_LEVELS),
    message: z.string(),
    raised_ms: z.number(),
    resolved_ms: z.number().nullable(),
  })
  .transform(({ raised_ms, resolved_ms, ...row }): AlertView => ({
    ...row,
    raised_at: new Date(raised_ms).toISOString(),
    resolved_at: iso(resolved_ms),
  }));

export type OverviewParts = {
  database: Database;
  folderSizes: FolderSizes;
  retentionDays: number;
  recorder: () => { unsaved: number; problem: string | null };
  snapshot: () => MonitoringView["snapshot"];
  archives: () => Promise<{ rows: number }[]>;
  lastBackup: () => Promise<string | null>;
};

/** Everything the monitoring page shows beside the health it is given. */
export async function overview(health: DatabaseStatus, parts: OverviewParts): Promise<MonitoringView> {
  const { database } = parts;
  const writer = database.writer.stats();
  const { unsaved, problem } = parts.recorder();
  const [archives, disk] = await Promise.all([parts.archives(), statfs(dirname(database.file))]);
  return {
    health,
    writes: {
      pending: writer.pending,
      committed_operations: writer.committedRows,
      last_commit_at: iso(writer.lastCommitAt),
      last_error: writer.lastError,
      spooled: unsaved,
      spool_problem: problem,
    },
    storage: {
      database_mb: database.sizeBytes() / MB,
      ...(await parts.folderSizes()),
      disk_free_mb: (disk.bavail * disk.bsize) / MB,
    },
    snapshot: parts.snapshot(),
    retention: {
      days: parts.retentionDays,
      archived_files: archives.length,
      archived_rows: archives.reduce((sum, { rows }) => sum + rows, 0),
    },
    last_backup_at: await parts.lastBackup(),
    alerts: z.array(alertRow).parse(await database.read(alertsSql)),
  };
}

type FolderSizes = () => Promise<{ snapshots_mb: number; archive_mb: number; logs_mb: number }>;

/** Sizes of the data folders. A file per task adds up, so they are measured at most once a minute. */
export function measureFolders(folders: { snapshots: string; archive: string; logs: string }): FolderSizes {
  let measured: ReturnType<FolderSizes> | null = null;
  let measuredAt = 0;
  const measure = async () => ({
    snapshots_mb: await folderMb(folders.snapshots),
    archive_mb: await folderMb(folders.archive),
    logs_mb: await folderMb(folders.logs),
  });
  return () => {
    if (!measured || performance.now() - measuredAt > FOLDERS_FRESH_MS) {
      measured = measure();
      measuredAt = performance.now();
    }
    return measured;
  };
}

async function folderMb(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  // A file may be gone again: parts move and logs come to an end.
  const found = await Promise.all(names.map((name) => stat(join(folder, name)).catch(() => null)));
  return found.reduce((sum, stats) => sum + (stats?.isFile() ? stats.size : 0), 0) / MB;
}

function iso(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
