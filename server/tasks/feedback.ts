import "server-only";
import { randomUUID } from "node:crypto";
import { invalid, PoolwiseError } from "@/lib/errors";
import {
  feedbackSubmissionSchema,
  FINAL_STATUSES,
  type FeedbackSubmission,
  type Task,
  type TaskFeedback,
} from "@/lib/shape/task";
import insertFeedback from "@/sql/write/feedback.sql";
import rateExecution from "@/sql/write/rate_execution.sql";
import type { Database } from "../database/database";
import { taskUpdate, utcDay } from "../telemetry/outcome";
import { fieldErrors } from "./plan";

const RATINGS: Record<FeedbackSubmission["satisfaction"], { rating: number; accepted: boolean }> = {
  excellent: { rating: 5, accepted: true },
  good: { rating: 4, accepted: true },
  fair: { rating: 3, accepted: false },
  poor: { rating: 2, accepted: false },
};

/** Stores a rating and puts it on the task and its final execution. @throws PoolwiseError 409, 422 */
export async function rateTask(database: Database, task: Task, input: unknown): Promise<TaskFeedback> {
  const parsed = feedbackSubmissionSchema.safeParse(input);
  if (!parsed.success) throw invalid(fieldErrors(parsed.error));
  const feedback = parsed.data;
  checkRules(feedback);
  if (!FINAL_STATUSES.includes(task.status))
    throw new PoolwiseError(409, `The task is ${task.status}; it can be rated when it has ended.`);
  const now = Date.now();
  const row = {
    feedback_id: randomUUID(),
    task_id: task.task_id,
    satisfaction: feedback.satisfaction,
    issue_type: feedback.issue_type ?? null,
    comment: feedback.comment?.trim() || null,
    visibility: feedback.visibility,
  };
  const { rating, accepted } = RATINGS[feedback.satisfaction];
  await database.writer.write(
    [
      { sql: insertFeedback, values: { ...row, created_ms: now } },
      { sql: rateExecution, values: { task_id: task.task_id, rating, accepted } },
      taskUpdate({ task_id: task.task_id, user_rating: rating, updated_at: now }),
    ],
    [{ table: "executions", day: utcDay(Date.parse(task.finished_at ?? task.created_at)) }],
  );
  return { ...row, created_at: new Date(now).toISOString() };
}

function checkRules({ satisfaction, issue_type, comment }: FeedbackSubmission): void {
  if ((satisfaction === "fair" || satisfaction === "poor") && issue_type === undefined) {
    throw invalid([
      {
        path: "issue_type",
        message: "is needed with fair and poor: wrong_model, too_slow, poor_quality or other",
      },
    ]);
  }
  if (issue_type === "other" && !comment?.trim())
    throw invalid([{ path: "comment", message: "is needed with issue_type other" }]);
}
