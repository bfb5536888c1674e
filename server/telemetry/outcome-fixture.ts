import { randomUUID } from "node:crypto";
import type { Row } from "../database/tables";
import type { Outcome } from "./outcome";

/** The outcome of a task that succeeded, for tests; `change` sets columns of its execution. */
export function outcomeOf(change: Row = {}): Outcome {
  const id = randomUUID();
  const now = Date.now();
  const execution = {
    task_id: id,
    timestamp: now,
    task_type: "t",
    task_description: "d",
    repo: "r",
    file_count: 0,
    estimated_tokens: 0,
    model_tier: "small",
    pool_type: "mahavishnu",
    routing_confidence: 0.9,
    complexity_score: 0,
    success: true,
    duration_seconds: 1,
    cost_estimate: 0,
    actual_cost: 0,
    updated_at: now,
    ...change,
  };
  return { execution, task: { task_id: id, status: "succeeded", updated_at: now } };
}
