import "server-only";
import { z } from "zod";
import executions from "@/sql/keeping/expired_executions.sql";
import feedback from "@/sql/keeping/expired_feedback.sql";
import decisions from "@/sql/keeping/expired_routing_decisions.sql";
import tasks from "@/sql/keeping/expired_tasks.sql";
import type { Database } from "../database/database";

export type ExpiringTable = {
  name: string;
  key: string;
  /** Expression of the time that counts. */
  time: string;
  /** SELECT of `id` and `time` of the rows past retention; takes `$cutoff`. */
  expired: string;
  /** Statements that go with the deletion; {ids} stands for a SELECT of the deleted keys. */
  alongside: string[];
  /** True when snapshots have it by day of its time. */
  published: boolean;
};

/**
 * The tables that retention works on, in order. What is past retention in one does not depend on whether another was
 * done already, so a run may stop anywhere, and a dry run counts what a run would move.
 */
export const EXPIRING: ExpiringTable[] = [
  {
    name: "executions",
    key: "task_id",
    time: "timestamp",
    expired: executions,
    alongside: [],
    published: true,
  },
  {
    name: "tasks",
    key: "task_id",
    time: "coalesce(finished_at, updated_at)",
    expired: tasks,
    // The archived task has its key; the key itself may be used again.
    alongside: ["DELETE FROM idempotency_keys WHERE task_id IN ({ids})"],
    published: false,
  },
  {
    name: "routing_decisions",
    key: "decision_id",
    time: "timestamp",
    expired: withTasks(decisions),
    alongside: [],
    published: true,
  },
  {
    name: "feedback",
    key: "feedback_id",
    time: "created_at",
    expired: withTasks(feedback),
    alongside: [],
    published: false,
  },
];

const monthRow = z.object({ month: z.string(), rows: z.number() });

/** Months with rows past retention, oldest first. `cutoff`: UTC time as DuckDB reads it. */
export async function expiredMonths(
  database: Database,
  { expired }: ExpiringTable,
  cutoff: string,
): Promise<z.infer<typeof monthRow>[]> {
  const sql = `SELECT strftime(time, '%Y-%m') AS month, count(*)::DOUBLE AS rows FROM (${expired}) GROUP BY ALL ORDER BY month`;
  return z.array(monthRow).parse(await database.export(sql, { cutoff }));
}

/** SELECT of the keys of one month's rows past retention; takes `$cutoff` and `$month` (`YYYY-MM`). */
export function expiredIds({ expired }: ExpiringTable): string {
  return `SELECT id FROM (${expired}) WHERE time >= ($month || '-01')::TIMESTAMP AND time < ($month || '-01')::TIMESTAMP + INTERVAL 1 MONTH`;
}

function withTasks(sql: string): string {
  return sql.replaceAll("{expired_tasks}", tasks);
}
