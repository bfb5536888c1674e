import { randomUUID } from "node:crypto";
import type { Row } from "@/server/database/tables";
import { utcDay } from "@/server/telemetry/outcome";
import type { Touched } from "@/server/database/writer";
import { executionRow } from "@/server/telemetry/execution-row";
import type { Tier } from "@/lib/shape/tier";
import { makePrompts, type Prompt } from "./prompts";
import { createRandom, type Random } from "./random";

const TIERS: readonly Tier[] = ["small", "small", "medium", "large"];
const SUMMARIES = [
  "12 files checked, nothing found",
  "3 findings",
  "all tests passed",
  "1 of 214 tests failed",
];
const DIFFERENT_PROMPTS = 500;

/** Rows as the server records them, with new ids. */
export function makeExecutionRows(count: number): Row[] {
  const random = createRandom(2);
  const prompts = makePrompts(DIFFERENT_PROMPTS);
  const now = Date.now();
  return Array.from({ length: count }, (_, index) => makeRow(random, random.pick(prompts), now + index));
}

/** The day whose snapshot a row puts out of date, as the server names it with each write. */
export function touchedByRow(row: Row): Touched[] {
  return [{ table: "executions", day: utcDay(row.timestamp) }];
}

function makeRow(random: Random, prompt: Prompt, finishedAt: number): Row {
  const taskId = randomUUID();
  const failed = random.below(10) === 0;
  const tier = random.pick(TIERS);
  return executionRow({
    executionId: taskId,
    taskId,
    type: prompt.type,
    description: prompt.text,
    repo: random.pick(["storefront", "billing", "poolwise"]),
    fileCount: prompt.fileCount,
    recipe: "lint",
    metadata: { branch: "main", ticket: `T-${random.below(5_000)}` },
    poolType: "local",
    workerId: `worker-${random.below(10)}`,
    attempt: 1,
    queueSeconds: random.below(2_000) / 1_000,
    finishedAt,
    decision: {
      decision_id: randomUUID(),
      complexity_score: random.below(101),
      score_parts: [],
      tier,
      model: "claude-haiku-4-5",
      provider: null,
      worker_type: "command",
      confidence: 0.9,
      expected_savings: 98.33,
      cost_estimate: 0.0004,
      estimated_tokens: 400 + random.below(9_000),
      pool_id: "pool_local",
      pool_name: "local",
      strategy: "least_loaded",
      policy_version: "static-0123abcd",
      propensity: 1,
      reason: "",
    },
    result: {
      success: !failed,
      errorType: failed ? "quality_gate" : null,
      errorMessage: failed ? "the linter reported 3 problems in src/cart/totals.ts" : null,
      exitCode: failed ? 1 : 0,
      durationSeconds: random.below(60_000) / 1_000,
      cpuTimeSeconds: random.below(50_000) / 1_000,
      peakMemoryMb: 40 + random.below(900),
      inputTokens: null,
      outputTokens: null,
      actualCost: 0,
      qualityScore: failed ? 60 : 100,
      summary: random.pick(SUMMARIES),
    },
  });
}
