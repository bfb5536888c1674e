import { z } from "zod";
import byTierSql from "@/sql/dashboard/by-tier.sql";
import executionsOverTimeSql from "@/sql/dashboard/executions-over-time.sql";
import kpisSql from "@/sql/dashboard/kpis.sql";
import latestExecutionsSql from "@/sql/dashboard/latest-executions.sql";
import poolComparisonSql from "@/sql/dashboard/pool-comparison.sql";
import topErrorsSql from "@/sql/dashboard/top-errors.sql";
import { defineStatement } from "./statement";

/** Epoch milliseconds, UTC; `from_ms` inclusive, `to_ms` exclusive. */
export type Range = { from_ms: number; to_ms: number };

const count = z.number();

const kpiRow = z.object({
  executions: count,
  succeeded: count,
  cost_usd: z.number(),
  quality: z.number().nullable(),
  graded: count,
});
export const kpis = defineStatement<Range, typeof kpiRow>(kpisSql, kpiRow);

const timeRow = z.object({ bucket_start_ms: z.number(), succeeded: count, failed: count });
export const executionsOverTime = defineStatement<Range & { bucket_ms: number }, typeof timeRow>(
  executionsOverTimeSql,
  timeRow,
);

const tierRow = z.object({
  tier: z.string(),
  executions: count,
  succeeded: count,
  cost_usd: z.number(),
  p95_seconds: z.number().nullable(),
});
export const byTier = defineStatement<Range, typeof tierRow>(byTierSql, tierRow);

const poolRow = z.object({
  pool: z.string(),
  executions: count,
  succeeded: count,
  p50_seconds: z.number().nullable(),
  p95_seconds: z.number().nullable(),
  avg_queue_seconds: z.number().nullable(),
  cost_usd: z.number(),
  total_pools: count,
});
export const poolComparison = defineStatement<Range & { limit: number }, typeof poolRow>(
  poolComparisonSql,
  poolRow,
);

const errorRow = z.object({
  error_type: z.string(),
  failed: count,
  last_seen_ms: z.number(),
  last_message: z.string().nullable(),
  total_types: count,
  total_failed: count,
});
export const topErrors = defineStatement<Range & { limit: number }, typeof errorRow>(topErrorsSql, errorRow);

const latestRow = z.object({
  execution_id: z.string(),
  task_id: z.string(),
  at_ms: z.number(),
  task_type: z.string().nullable(),
  description: z.string().nullable(),
  repo: z.string().nullable(),
  tier: z.string().nullable(),
  pool: z.string().nullable(),
  success: z.boolean(),
  error_type: z.string().nullable(),
  duration_seconds: z.number().nullable(),
  cost_usd: z.number().nullable(),
});
export type LatestRow = z.infer<typeof latestRow>;
export const latestExecutions = defineStatement<Range & { limit: number }, typeof latestRow>(
  latestExecutionsSql,
  latestRow,
);
