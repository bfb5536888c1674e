import "server-only";
import { z } from "zod";
import { ERROR_TYPES } from "@/lib/shape/error-type";
import {
  ISSUE_TYPES,
  SATISFACTION,
  TASK_STATUSES,
  VISIBILITIES,
  type Attempt,
  type Task,
  type TaskFeedback,
  type TaskListQuery,
  type WaitingReason,
} from "@/lib/shape/task";
import { selectorSchema } from "@/lib/shape/selector";
import type { Decision, ScorePart } from "@/lib/shape/decision";
import { tierSchema } from "@/lib/shape/tier";
import attemptsSql from "@/sql/read/attempts.sql";
import decisionsSql from "@/sql/read/decisions.sql";
import feedbackSql from "@/sql/read/feedback.sql";
import idempotencySql from "@/sql/read/idempotency_key.sql";
import tasksSql from "@/sql/read/tasks.sql";
import unfinishedSql from "@/sql/read/unfinished_tasks.sql";
import type { Database } from "../database/database";

const jsonText = <T>() => z.string().transform((text) => JSON.parse(text) as T);
const instant = z.number().transform((ms) => new Date(ms).toISOString());
const errorType = z.enum(ERROR_TYPES).nullable();

const taskRow = z.object({
  task_id: z.string(),
  status: z.enum(TASK_STATUSES),
  waiting_reason: z
    .string()
    .nullable()
    .transform((reason) => reason as WaitingReason | null),
  type: z.string(),
  prompt: z.string(),
  repo: z.string(),
  files: jsonText<string[]>(),
  recipe: z.string().nullable(),
  check_recipe: z.string().nullable(),
  worker_type: z.string(),
  tier: tierSchema,
  pool_id: z.string(),
  pool_name: z.string(),
  worker_id: z.string().nullable(),
  strategy: selectorSchema,
  priority: z.int(),
  attempt: z.int(),
  retries: z.int(),
  timeout_seconds: z.number(),
  idempotency_key: z.string().nullable(),
  replay_of: z.string().nullable(),
  metadata: jsonText<Record<string, unknown>>(),
  decision_id: z.string(),
  created_ms: z.number(),
  started_ms: instant.nullable(),
  finished_ms: instant.nullable(),
  exit_code: z.int().nullable(),
  error_type: errorType,
  error_message: z.string().nullable(),
  summary: z.string().nullable(),
  quality_score: z.int().nullable(),
  cost_usd: z.number().nullable(),
  duration_seconds: z.number().nullable(),
  cpu_time_seconds: z.number().nullable(),
  peak_memory_mb: z.number().nullable(),
  user_rating: z.int().nullable(),
  output_bytes: z.number(),
});

const unfinishedRow = z.object({
  task_id: z.string(),
  status: z.enum(["queued", "running"]),
  type: z.string(),
  prompt: z.string(),
  repo: z.string(),
  files: jsonText<string[]>(),
  recipe: z.string().nullable(),
  check_recipe: z.string().nullable(),
  attempt: z.int(),
  interruptions: z.int(),
  retries: z.int(),
  timeout_seconds: z.number(),
  priority: z.int(),
  metadata: jsonText<Record<string, unknown>>(),
  worker_id: z.string().nullable(),
  output_bytes: z.number(),
  created_ms: z.number(),
  queued_ms: z.number(),
  started_ms: z.number().nullable(),
  decision_id: z.string(),
});
export type UnfinishedTask = z.infer<typeof unfinishedRow>;

const decisionRow = z.object({
  decision_id: z.string(),
  complexity_score: z.int(),
  score_parts: jsonText<ScorePart[]>(),
  tier: tierSchema,
  model: z.string().nullable(),
  provider: z.string().nullable(),
  worker_type: z.string(),
  confidence: z.number(),
  expected_savings: z.number(),
  cost_estimate: z.number(),
  estimated_tokens: z.int(),
  pool_id: z.string(),
  pool_name: z.string(),
  strategy: selectorSchema,
  policy_version: z.string(),
  propensity: z.number(),
  reason: z.string(),
}) satisfies z.ZodType<Decision>;

const attemptRow = z
  .object({
    execution_id: z.string(),
    attempt: z.int().nullable(),
    timestamp_ms: instant,
    success: z.boolean(),
    duration_seconds: z.number(),
    error_type: errorType,
    error_message: z.string().nullable(),
    exit_code: z.int().nullable(),
    worker_id: z.string().nullable(),
  })
  .transform(({ timestamp_ms, attempt, ...row }): Attempt => ({
    ...row,
    attempt: attempt ?? 1,
    timestamp: timestamp_ms,
  }));

const feedbackRow = z
  .object({
    feedback_id: z.string(),
    task_id: z.string(),
    created_ms: instant,
    satisfaction: z.enum(SATISFACTION),
    issue_type: z.enum(ISSUE_TYPES).nullable(),
    comment: z.string().nullable(),
    visibility: z.enum(VISIBILITIES),
  })
  .transform(({ created_ms, ...row }): TaskFeedback => ({ ...row, created_at: created_ms }));

export type StoredTask = { task: Task; decisionId: string; createdMs: number };

/** Reads of tasks and what belongs to them. */
export class TaskStore {
  constructor(private readonly database: Database) {}

  async get(taskId: string): Promise<StoredTask | null> {
    const rows = await this.select({ task_id: taskId, limit: 1 });
    return rows[0] ?? null;
  }

  /** One page, newest first. `after` is the position behind the last task of the page before. */
  async list(
    query: Omit<TaskListQuery, "cursor">,
    after: { ms: number; id: string } | null,
  ): Promise<StoredTask[]> {
    return this.select({ ...query, before_ms: after?.ms ?? null, before_id: after?.id ?? null });
  }

  async unfinished(): Promise<UnfinishedTask[]> {
    return z.array(unfinishedRow).parse(await this.database.read(unfinishedSql));
  }

  async decisions(ids: string[]): Promise<Map<string, Decision>> {
    const rows = await this.database.read(decisionsSql, { ids: ids.join(",") });
    return new Map(
      z
        .array(decisionRow)
        .parse(rows)
        .map((decision) => [decision.decision_id, decision]),
    );
  }

  async attempts(taskId: string): Promise<Attempt[]> {
    return z.array(attemptRow).parse(await this.database.read(attemptsSql, { task_id: taskId }));
  }

  async feedback(taskId: string): Promise<TaskFeedback[]> {
    return z.array(feedbackRow).parse(await this.database.read(feedbackSql, { task_id: taskId }));
  }

  async taskOfKey(key: string): Promise<string | null> {
    const rows = z
      .array(z.object({ task_id: z.string() }))
      .parse(await this.database.read(idempotencySql, { key }));
    return rows[0]?.task_id ?? null;
  }

  private async select(filter: Record<string, string | number | null | undefined>): Promise<StoredTask[]> {
    const names = ["task_id", "status", "pool", "repo", "q", "before_ms", "before_id", "limit"];
    const values = Object.fromEntries(names.map((name) => [name, filter[name] ?? null]));
    return z
      .array(taskRow)
      .parse(await this.database.read(tasksSql, values))
      .map(toTask);
  }
}

function toTask(row: z.infer<typeof taskRow>): StoredTask {
  const { check_recipe, decision_id, created_ms, started_ms, finished_ms, ...rest } = row;
  const task = {
    ...rest,
    check: check_recipe,
    created_at: new Date(created_ms).toISOString(),
    started_at: started_ms,
    finished_at: finished_ms,
  };
  return { task, decisionId: decision_id, createdMs: created_ms };
}
