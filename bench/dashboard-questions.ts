import {
  byTier,
  executionsOverTime,
  kpis,
  latestExecutions,
  poolComparison,
  topErrors,
  type Range,
} from "@/lib/wasm/dashboard-statements";
import type { Ask } from "@/lib/wasm/statement";

const DAY_MS = 86_400_000;

/** Everything the dashboard asks of a snapshot, with its own limits. Each resolves with the number of rows. */
export const QUESTIONS = {
  kpis: async (ask: Ask, range: Range) => (await kpis.run(ask, range)).length,
  "executions-over-time": async (ask: Ask, range: Range) =>
    (await executionsOverTime.run(ask, { ...range, bucket_ms: DAY_MS })).length,
  "by-tier": async (ask: Ask, range: Range) => (await byTier.run(ask, range)).length,
  "pool-comparison": async (ask: Ask, range: Range) =>
    (await poolComparison.run(ask, { ...range, limit: 8 })).length,
  "top-errors": async (ask: Ask, range: Range) => (await topErrors.run(ask, { ...range, limit: 6 })).length,
  "latest-executions": async (ask: Ask, range: Range) =>
    (await latestExecutions.run(ask, { ...range, limit: 12 })).length,
};

export type Question = keyof typeof QUESTIONS;
