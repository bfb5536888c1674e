import type { DatabaseStatus, HealthLevel } from "./health";

/** A time a health rule was broken; `resolved_at` is null while it is. Times are ISO 8601 UTC. */
export type AlertView = {
  rule: string;
  level: HealthLevel;
  message: string;
  raised_at: string;
  resolved_at: string | null;
};

/** How the server is doing, for `/monitoring`. Sizes are MB, times ISO 8601 UTC. */
export type MonitoringView = {
  health: DatabaseStatus;
  writes: {
    /** Requests that wait for the next commit. */
    pending: number;
    committed_operations: number;
    last_commit_at: string | null;
    last_error: string | null;
    /** Outcomes in the spool, and why they are there. */
    spooled: number;
    spool_problem: string | null;
  };
  storage: {
    database_mb: number;
    snapshots_mb: number;
    archive_mb: number;
    logs_mb: number;
    disk_free_mb: number;
  };
  snapshot: { generation: number; created_at: string } | null;
  retention: { days: number; archived_files: number; archived_rows: number };
  last_backup_at: string | null;
  /** Newest first, at most 50. */
  alerts: AlertView[];
};
