import "server-only";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { notFound } from "@/lib/errors";
import lastBackup from "@/sql/keeping/last_backup.sql";
import storeLastBackup from "@/sql/keeping/store_last_backup.sql";
import { ARCHIVE_NAME, type Archive, type PreparedBackup, type RetentionReport } from "@/lib/shape/keeping";
import type { Database } from "../database/database";
import { listArchives } from "./archive-folder";
import { refreshArchiveViews } from "./archive-views";
import { preparedFolder, prepareBackup } from "./backup";
import { runRetention } from "./retention";

export type KeepingOptions = {
  database: Database;
  archiveFolder: string;
  logFolder: string;
  stagingFolder: string;
  retentionDays: number;
  poolwiseVersion: string;
};

const BACKUP_FILE = /^(?:[a-z][a-z0-9_]*\.parquet|manifest\.json|logs\/[0-9a-f-]{36}\.log)$/;
const idSchema = z.uuid();

/** What keeps the data: retention, its archive, and backups. One at a time, so that none sees another half done. */
export class Keeping {
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: KeepingOptions) {}

  /** Makes the views over archived rows fit the files that are there; call once after opening. */
  async start(): Promise<void> {
    await refreshArchiveViews(this.options.database, this.options.archiveFolder);
  }

  /** Resolves when what runs has ended. */
  async stop(): Promise<void> {
    await this.last;
  }

  retention({ dryRun }: { dryRun: boolean }): Promise<RetentionReport> {
    return this.alone(async () => {
      const report = await runRetention({ ...this.options, dryRun });
      if (!dryRun) await this.start();
      return report;
    });
  }

  archives(): Promise<Archive[]> {
    return listArchives((sql) => this.options.database.export(sql));
  }

  /** @throws PoolwiseError 404 */
  archiveFile(file: string): string {
    const path = join(this.options.archiveFolder, file);
    if (!ARCHIVE_NAME.test(file) || !existsSync(path)) throw notFound("this archive file");
    return path;
  }

  /** Writes a backup for the caller to fetch file by file and then to remove. */
  backup({ withLogs }: { withLogs: boolean }): Promise<PreparedBackup> {
    const { logFolder, ...options } = this.options;
    return this.alone(() => prepareBackup({ ...options, logFolder: withLogs ? logFolder : null }));
  }

  /** @throws PoolwiseError 404 */
  backupFile(id: string, file: string): string {
    const path = join(this.prepared(id), file);
    if (!BACKUP_FILE.test(file) || !existsSync(path)) throw notFound("this backup file");
    return path;
  }

  /** `done`: it was fetched whole, so it counts as the last backup. @throws PoolwiseError 404 */
  async removeBackup(id: string, { done }: { done: boolean }): Promise<void> {
    const folder = this.prepared(id);
    if (!existsSync(folder)) throw notFound("this backup");
    await rm(folder, { recursive: true, force: true });
    if (done) await this.options.database.writer.write([{ sql: storeLastBackup, values: {} }]);
  }

  /** When a backup was last fetched whole, ISO 8601 UTC; null when never. */
  async lastBackup(): Promise<string | null> {
    const [row] = z.array(z.object({ ms: z.number() })).parse(await this.options.database.read(lastBackup));
    return row ? new Date(row.ms).toISOString() : null;
  }

  private prepared(id: string): string {
    if (!idSchema.safeParse(id).success) throw notFound("this backup");
    return preparedFolder(this.options.stagingFolder, id);
  }

  private alone<T>(action: () => Promise<T>): Promise<T> {
    const run = this.last.then(action);
    this.last = run.catch(() => undefined);
    return run;
  }
}
