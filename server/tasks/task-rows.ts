import "server-only";
import type { Decision } from "@/lib/shape/decision";
import type { Row } from "../database/tables";
import { executionRow } from "../telemetry/execution-row";
import type { TaskChange } from "../telemetry/outcome";
import type { WorkResult } from "../pools/types";
import type { NextStep } from "./after-attempt";
import type { LiveTask } from "./live-task";
import type { Plan } from "./plan";

export type EndedAttempt = {
  /** The task's id for its final attempt, an id of its own for earlier ones. */
  executionId: string;
  workerId: string | null;
  /** Epoch milliseconds. */
  startedAt: number;
  finishedAt: number;
  result: WorkResult;
};

/** The execution row of an attempt that has ended, however it did. */
export function attemptRow(task: LiveTask, { startedAt, ...ended }: EndedAttempt): Row {
  return executionRow({
    ...ended,
    taskId: task.taskId,
    type: task.type,
    description: task.description,
    repo: task.repo.name,
    fileCount: task.files.length,
    recipe: task.recipe,
    metadata: task.metadata,
    decision: task.decision,
    poolType: "local",
    attempt: task.attempt,
    queueSeconds: Math.max(0, startedAt - task.queuedAt) / 1_000,
  });
}

/** Columns of a task that an attempt's end changes. */
export function finishedTask(
  task: LiveTask,
  step: NextStep,
  result: WorkResult,
  finishedAt: number,
  outputBytes: number,
): TaskChange {
  const common = {
    task_id: task.taskId,
    updated_at: finishedAt,
    attempt: task.attempt,
    interruptions: task.interruptions,
    pool_id: task.decision.pool_id,
    pool_name: task.decision.pool_name,
    exit_code: result.exitCode,
    error_type: result.errorType,
    error_message: result.errorMessage,
    output_bytes: outputBytes,
  };
  if (step.kind === "again") {
    return {
      ...common,
      status: "queued",
      waiting_reason: "retry backoff",
      queued_at: finishedAt,
      started_at: null,
      worker_id: null,
    };
  }
  return {
    ...common,
    status: step.status,
    waiting_reason: null,
    finished_at: finishedAt,
    summary: result.summary,
    quality_score: result.qualityScore,
    cost_usd: result.actualCost,
    duration_seconds: result.durationSeconds,
    cpu_time_seconds: result.cpuTimeSeconds,
    peak_memory_mb: result.peakMemoryMb,
  };
}

/** A new task's row. */
export function taskRow(taskId: string, plan: Plan, now: number, replayOf: string | null): Row {
  const { submission, decision } = plan;
  return {
    task_id: taskId,
    created_at: now,
    updated_at: now,
    status: "queued",
    type: plan.type,
    prompt: submission.prompt,
    repo: plan.repo.name,
    files: JSON.stringify(submission.files),
    recipe: plan.recipe?.name ?? null,
    check_recipe: submission.check ?? null,
    worker_type: decision.worker_type,
    tier: decision.tier,
    pool_id: decision.pool_id,
    pool_name: decision.pool_name,
    strategy: decision.strategy,
    priority: submission.priority,
    attempt: 0,
    interruptions: 0,
    retries: submission.retries,
    timeout_seconds: plan.timeoutSeconds,
    idempotency_key: submission.idempotency_key ?? null,
    replay_of: replayOf,
    metadata: JSON.stringify(submission.metadata),
    decision_id: decision.decision_id,
    queued_at: now,
    output_bytes: 0,
  };
}

/** The row of the decision that sent a task where it goes. */
export function decisionRow(taskId: string, plan: Plan, now: number): Row {
  const { score_parts, ...decision }: Decision = plan.decision;
  return {
    ...decision,
    score_parts: JSON.stringify(score_parts),
    task_id: taskId,
    timestamp: now,
    task_type: plan.type,
    repo: plan.repo.name,
  };
}
