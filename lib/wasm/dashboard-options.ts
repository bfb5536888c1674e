import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import * as statements from "./dashboard-statements";
import type { Parameters } from "./parameters";
import { snapshots } from "./snapshots";
import type { Statement } from "./statement";

/** The window of time the dashboard shows, and of which snapshot. */
export type Scope = { snapshot: string; range: statements.Range };

const LATEST_LIMIT = 12;
const POOL_LIMIT = 8;
const ERROR_LIMIT = 6;
// Answers of past windows are only needed while the next one is on its way.
const GC_MS = 60_000;

export function kpiOptions({ snapshot, range }: Scope) {
  return options("kpis", snapshot, statements.kpis, range);
}

export function timeOptions({ snapshot, range }: Scope, bucketMs: number) {
  return options("executions-over-time", snapshot, statements.executionsOverTime, {
    ...range,
    bucket_ms: bucketMs,
  });
}

export function tierOptions({ snapshot, range }: Scope) {
  return options("by-tier", snapshot, statements.byTier, range);
}

export function poolOptions({ snapshot, range }: Scope) {
  return options("pool-comparison", snapshot, statements.poolComparison, { ...range, limit: POOL_LIMIT });
}

export function errorOptions({ snapshot, range }: Scope) {
  return options("top-errors", snapshot, statements.topErrors, { ...range, limit: ERROR_LIMIT });
}

export function latestOptions({ snapshot, range }: Scope) {
  return options("latest-executions", snapshot, statements.latestExecutions, {
    ...range,
    limit: LATEST_LIMIT,
  });
}

/** Rows travel with what they answer: while the next window is on its way, the last one's rows are still shown. */
type Answer<P, R> = { parameters: P; rows: R[] };

/** The same snapshot and window always give the same answer, so it is never asked for twice. */
function options<P extends Parameters, R>(
  name: string,
  snapshot: string,
  statement: Statement<P, R>,
  parameters: P,
) {
  return queryOptions({
    queryKey: ["dashboard", name, snapshot, parameters],
    queryFn: async ({ signal }): Promise<Answer<P, R>> => ({
      parameters,
      rows: await statement.run(snapshots.query, parameters, signal),
    }),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: GC_MS,
  });
}
