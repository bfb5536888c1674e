import type { Tier } from "./tier";
import type { Selector } from "./selector";

/** One term of the complexity score, in points. */
export type ScorePart = {
  name: "file_count" | "estimated_tokens" | "task_type" | "keywords";
  points: number;
  because: string;
};

/** Where a task goes and why; a row of `routing_decisions`. */
export type Decision = {
  decision_id: string;
  /** 0–100 */
  complexity_score: number;
  score_parts: ScorePart[];
  tier: Tier;
  /** First model of the tier; a local command (`worker_type`) calls none, and then it only says what the tier stands for. */
  model: string | null;
  provider: string | null;
  worker_type: string;
  /** 0–1 */
  confidence: number;
  /** Percent of the large tier's list price, 0–100. */
  expected_savings: number;
  /** USD, before the run. */
  cost_estimate: number;
  estimated_tokens: number;
  pool_id: string;
  pool_name: string;
  strategy: Selector;
  policy_version: string;
  /** Probability with which this tier was chosen, 0–1. */
  propensity: number;
  reason: string;
};
