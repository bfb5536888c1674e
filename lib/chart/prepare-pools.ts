import { formatCount, formatDuration, formatPercent, formatUsd, NONE } from "@/lib/format";
import { capWords } from "./prepare-errors";

export type PoolFigures = {
  pool: string;
  executions: number;
  succeeded: number;
  p50_seconds: number | null;
  p95_seconds: number | null;
  avg_queue_seconds: number | null;
  cost_usd: number;
  total_pools: number;
};

export type PoolItem = {
  name: string;
  executions: string;
  /** Share of the busiest pool, 0 to 1. */
  fraction: number;
  successRate: string;
  median: string;
  p95: string;
  queue: string;
  cost: string;
};

export type PoolsModel = { items: PoolItem[]; cap: string | null };

/** Pools side by side, busiest first, in the order of the rows. */
export function preparePools(rows: readonly PoolFigures[]): PoolsModel {
  const most = Math.max(1, ...rows.map((row) => row.executions));
  return {
    items: rows.map((row) => ({
      name: row.pool,
      executions: formatCount(row.executions),
      fraction: row.executions / most,
      successRate: formatPercent((100 * row.succeeded) / row.executions),
      median: seconds(row.p50_seconds),
      p95: seconds(row.p95_seconds),
      queue: seconds(row.avg_queue_seconds),
      cost: formatUsd(row.cost_usd),
    })),
    cap: capWords(rows.length, rows[0]?.total_pools ?? 0),
  };
}

function seconds(value: number | null): string {
  return value === null ? NONE : formatDuration(value);
}
