import "server-only";
import { encode, LAYOUTS, type Cell, type Row } from "../database/tables";
import type { Touched, WriteOperation } from "../database/writer";

/** Columns of one task that change; `updated_at` is when. */
export type TaskChange = Record<string, Cell> & { task_id: string; updated_at: number };

/** What one finished attempt changes: its execution row, and its task's row by column. */
export type Outcome = { execution: Row | null; task: TaskChange };

const TASKS = LAYOUTS.tasks;

/** The writes of an outcome; together they are one transaction. */
export function outcomeOperations({ execution, task }: Outcome): WriteOperation[] {
  const update = taskUpdate(task);
  return execution ? [{ append: "executions", row: execution }, update] : [update];
}

/** Day parts whose snapshot an outcome puts out of date. */
export function touchedBy({ execution }: Outcome): Touched[] {
  return execution ? [{ table: "executions", day: utcDay(execution.timestamp) }] : [];
}

/** Sets the given columns of one task, unless it has changed since: what waited in the spool may come late. */
export function taskUpdate(change: TaskChange): WriteOperation {
  const columns = Object.keys(change).filter(
    (column) => column !== "task_id" && TASKS.columns.includes(column),
  );
  const values = Object.fromEntries(
    ["task_id", ...columns].map((column) => [
      column,
      encode(TASKS.kinds[TASKS.columns.indexOf(column)] ?? "text", change[column]),
    ]),
  );
  return {
    sql: `UPDATE tasks SET ${columns.map((column) => `${column} = $${column}`).join(", ")} WHERE task_id = $task_id AND updated_at <= $updated_at`,
    values,
  };
}

export function utcDay(ms: Cell): string {
  return new Date(Number(ms)).toISOString().slice(0, 10);
}
