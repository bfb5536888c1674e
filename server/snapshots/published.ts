import "server-only";
import executions from "@/sql/snapshot/executions.sql";
import pools from "@/sql/snapshot/pools.sql";
import decisions from "@/sql/snapshot/routing_decisions.sql";

export type PublishedTable = {
  /** SELECT behind a part; takes `$day` when `daily`. */
  sql: string;
  /** One part per UTC day of its `timestamp`, or the whole table in one part. */
  daily: boolean;
  /** Column that orders the rows in time. */
  time: string;
  /** Expression whose maximum moves when a row of a day changes. */
  changed: string;
};

/** Every table of a snapshot. Prompts, comments, keys and tokens are in none of them. */
export const PUBLISHED: Record<string, PublishedTable> = {
  executions: {
    sql: executions,
    daily: true,
    time: "timestamp",
    changed: "coalesce(updated_at, uploaded_at)",
  },
  routing_decisions: { sql: decisions, daily: true, time: "timestamp", changed: "timestamp" },
  pools: { sql: pools, daily: false, time: "updated_at", changed: "updated_at" },
};

export const WHOLE = "all";
