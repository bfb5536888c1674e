import type { Row } from "@/server/database/tables";

/** The task of an execution, as it was accepted. */
export function queuedTask(execution: Row): Row {
  const { task_id, timestamp, task_type, repo, decision_id } = execution;
  return {
    task_id,
    created_at: timestamp,
    updated_at: timestamp,
    queued_at: timestamp,
    status: "queued",
    type: task_type,
    prompt: String(execution.task_description),
    repo,
    files: "[]",
    worker_type: "command",
    tier: "small",
    pool_id: "pool_local",
    pool_name: "local",
    strategy: "least_loaded",
    priority: 0,
    attempt: 0,
    interruptions: 0,
    retries: 0,
    timeout_seconds: 300,
    metadata: "{}",
    decision_id,
    output_bytes: 0,
  };
}

/** What changes in its task when an execution has ended. */
export function finishedTask(execution: Row): Row & { task_id: string; updated_at: number } {
  const { timestamp, exit_code, error_type, error_message, solution_summary, quality_score } = execution;
  return {
    task_id: String(execution.task_id),
    updated_at: Number(timestamp),
    attempt: 1,
    interruptions: 0,
    pool_id: "pool_local",
    pool_name: "local",
    exit_code,
    error_type,
    error_message,
    output_bytes: 420,
    status: error_type === null ? "succeeded" : "failed",
    waiting_reason: null,
    finished_at: timestamp,
    summary: solution_summary,
    quality_score,
    cost_usd: 0,
    duration_seconds: execution.duration_seconds,
    cpu_time_seconds: execution.cpu_time_seconds,
    peak_memory_mb: execution.peak_memory_mb,
  };
}
