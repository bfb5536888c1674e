import "server-only";
import type { Decision } from "@/lib/shape/decision";
import type { PoolType } from "@/lib/shape/pool";
import type { Row } from "../database/tables";
import type { WorkResult } from "../pools/types";

/** The reference's names where it has such a pool, so that its dashboards still count them. */
const REFERENCE_POOL_TYPES: Record<PoolType, string> = { local: "mahavishnu" };

const DESCRIPTION_MAX = 500;
const ERROR_MAX = 1_000;

export type FinishedAttempt = {
  /** The task's id for its final attempt, an id of its own for earlier ones. */
  executionId: string;
  taskId: string;
  type: string;
  description: string;
  repo: string;
  fileCount: number;
  recipe: string | null;
  metadata: Record<string, unknown>;
  decision: Decision;
  poolType: PoolType;
  workerId: string | null;
  attempt: number;
  queueSeconds: number;
  finishedAt: number;
  result: WorkResult;
};

/** One row of `executions` for one finished attempt, success or not. */
export function executionRow(attempt: FinishedAttempt): Row {
  const { decision, result } = attempt;
  const parent = attempt.executionId === attempt.taskId ? null : attempt.taskId;
  const metadata = parent ? { ...attempt.metadata, parent_task_id: parent } : attempt.metadata;
  return {
    task_id: attempt.executionId,
    timestamp: attempt.finishedAt,
    task_type: attempt.type,
    task_description: truncate(attempt.description, DESCRIPTION_MAX),
    repo: attempt.repo,
    file_count: attempt.fileCount,
    estimated_tokens: decision.estimated_tokens,
    model_tier: decision.tier,
    pool_type: REFERENCE_POOL_TYPES[attempt.poolType],
    routing_confidence: decision.confidence,
    complexity_score: decision.complexity_score,
    success: result.success,
    duration_seconds: result.durationSeconds,
    quality_score: result.qualityScore,
    cost_estimate: decision.cost_estimate,
    actual_cost: result.actualCost,
    error_type: result.errorType,
    error_message: result.errorMessage === null ? null : truncate(result.errorMessage, ERROR_MAX),
    peak_memory_mb: result.peakMemoryMb,
    cpu_time_seconds: result.cpuTimeSeconds,
    solution_summary: result.summary,
    metadata: JSON.stringify(metadata),
    uploaded_at: attempt.finishedAt,
    pool_id: decision.pool_id,
    pool_name: decision.pool_name,
    worker_id: attempt.workerId,
    worker_type: decision.worker_type,
    provider: decision.provider,
    model: decision.worker_type === "model" ? decision.model : null,
    recipe: attempt.recipe,
    attempt: attempt.attempt,
    input_tokens: result.inputTokens,
    output_tokens: result.outputTokens,
    queue_seconds: attempt.queueSeconds,
    strategy: decision.strategy,
    policy_version: decision.policy_version,
    propensity: decision.propensity,
    exit_code: result.exitCode,
    source: "poolwise",
    parent_task_id: parent,
    decision_id: decision.decision_id,
    updated_at: attempt.finishedAt,
  };
}

/** Cuts by characters, never through one: half a surrogate pair is not valid text in Parquet. */
function truncate(text: string, max: number): string {
  if (text.length <= max) return text;
  const cut = text.slice(0, max);
  return /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
}
