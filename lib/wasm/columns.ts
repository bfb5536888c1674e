/**
 * What the dashboard reads. Only these columns are decoded: loading all of them takes twice as long
 * and twice the memory.
 */
export const DASHBOARD_COLUMNS: Readonly<Record<string, readonly string[]>> = {
  executions: [
    "task_id",
    "parent_task_id",
    "timestamp",
    "task_type",
    "task_description",
    "repo",
    "model_tier",
    "pool_type",
    "pool_name",
    "success",
    "duration_seconds",
    "queue_seconds",
    "quality_score",
    "actual_cost",
    "error_type",
    "error_message",
  ],
};
