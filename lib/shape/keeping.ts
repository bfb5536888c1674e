import { z } from "zod";

/** `<table>-<YYYY-MM>.<first 16 hex digits of its SHA-256>.parquet` */
export const ARCHIVE_NAME = /^([a-z_]+)-(\d{4}-\d{2})\.([0-9a-f]{16})\.parquet$/;
const TABLE_FILE = /^[a-z][a-z0-9_]*\.parquet$/;
const LOG_FILE = /^logs\/[0-9a-f-]{36}\.log$/;

const digest = z.string().regex(/^[0-9a-f]{64}$/);

/** A file of rows that retention moved out of the database. Times are ISO 8601 UTC. */
export type Archive = {
  file: string;
  table: string;
  /** `YYYY-MM` in UTC */
  month: string;
  rows: number;
  bytes: number;
  sha256: string;
  min_timestamp: string;
  max_timestamp: string;
  archived_at: string;
};

/** What a retention run did, or would do. */
export type RetentionReport = {
  dry_run: boolean;
  retention_days: number;
  /** ISO 8601 UTC; rows before it are past retention */
  cutoff: string;
  /** Rows archived and deleted, or that would be. */
  rows: number;
  /** `file` and `bytes` are null in a dry run. */
  months: { table: string; month: string; rows: number; file: string | null; bytes: number | null }[];
  /** Files of an interrupted run that were registered, and that were removed because their rows are still in the database. */
  adopted: string[];
  removed: string[];
  /** False when writes left no gap for it; the space is then marked as free by a later checkpoint. */
  checkpointed: boolean;
  database: { bytes_before: number; bytes_after: number; free_bytes: number };
};

const backupFileSchema = z.object({ bytes: z.int(), sha256: digest });
const backupTableSchema = backupFileSchema.extend({ file: z.string().regex(TABLE_FILE), rows: z.int() });

/** `manifest.json` of a backup folder. Paths are relative to the folder. */
export const backupManifestSchema = z.object({
  format: z.literal("poolwise-backup"),
  version: z.literal(1),
  /** ISO 8601 UTC */
  created_at: z.string(),
  poolwise_version: z.string(),
  schema_version: z.int().min(1),
  tables: z.record(z.string().regex(/^[a-z][a-z0-9_]*$/), backupTableSchema),
  /** Files of `archive/`, listed in the table `archives` */
  archive: z.array(backupFileSchema.extend({ file: z.string().regex(ARCHIVE_NAME) })),
  /** Output of tasks, as `logs/<task id>.log` */
  logs: z.array(backupFileSchema.extend({ file: z.string().regex(LOG_FILE) })),
  /** Archive files that are registered and were not there. */
  missing: z.array(z.string()),
});
export type BackupManifest = z.infer<typeof backupManifestSchema>;
export type BackupTable = z.infer<typeof backupTableSchema>;

/** A backup that was written and waits to be fetched. */
export type PreparedBackup = { id: string; manifest: BackupManifest };
