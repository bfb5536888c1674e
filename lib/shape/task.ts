import { z } from "zod";
import { selectorSchema, type Selector } from "./selector";
import { tierSchema, type Tier } from "./tier";
import type { ErrorType } from "./error-type";
import type { Decision } from "./decision";

export const TASK_STATUSES = [
  "queued",
  "running",
  "succeeded",
  "failed",
  "cancelled",
  "interrupted",
] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

/** Statuses a task never leaves. `interrupted` is left only when the task is retried. */
export const FINAL_STATUSES: readonly TaskStatus[] = ["succeeded", "failed", "cancelled", "interrupted"];

/** Why a queued task is not running yet. */
export type WaitingReason = "no free worker" | "pool paused" | "retry backoff" | "pool closed";

export const PROMPT_MAX_CHARS = 200_000;
const NAME_MAX_CHARS = 200;
const PATH_MAX_CHARS = 1_000;
const FILES_MAX = 1_000;
const METADATA_MAX_BYTES = 64 * 1024;
const TIMEOUT_MAX_SECONDS = 86_400;
const RETRIES_MAX = 10;

// A NUL cannot be passed to a program or stored as text by every reader of the snapshot.
const text = (max: number) =>
  z
    .string()
    .max(max, `at most ${max.toLocaleString("en")} characters`)
    .refine((value) => !value.includes("\0"), "must not contain NUL characters")
    .refine(isWellFormed, "must not contain half a character (a lone surrogate)");

function isWellFormed(value: string): boolean {
  return !/\p{Surrogate}/u.test(value);
}

const METADATA_MAX_DEPTH = 32;

/** True when every string in a JSON value, keys too, can be stored, and it is not nested beyond reason. */
function isStorable(value: unknown, depth = 0): boolean {
  if (typeof value === "string") return isWellFormed(value) && !value.includes("\0");
  if (value === null || typeof value !== "object") return true;
  if (depth >= METADATA_MAX_DEPTH) return false;
  return Object.entries(value).every(([key, each]) => isStorable(key) && isStorable(each, depth + 1));
}

const name = text(NAME_MAX_CHARS).min(1, "must not be empty");

const filePath = text(PATH_MAX_CHARS)
  .min(1, "must not be empty")
  .refine((value) => !/^([/\\]|[A-Za-z]:)/.test(value), "must be a path relative to the repository")
  .refine((value) => !value.split(/[/\\]/).includes(".."), "must stay inside the repository (no '..')");

/** What a person or a program sends to have work done. One schema for form, HTTP and command line. */
export const taskSubmissionSchema = z
  .strictObject({
    type: name.optional(),
    prompt: text(PROMPT_MAX_CHARS).default(""),
    repo: name.optional(),
    files: z.array(filePath).max(FILES_MAX, `at most ${FILES_MAX} files`).default([]),
    recipe: name.optional(),
    tier: tierSchema.optional(),
    pool: name.optional(),
    strategy: selectorSchema.optional(),
    affinity: name.optional(),
    estimated_tokens: z.int().min(0).max(100_000_000).optional(),
    timeout_seconds: z
      .number()
      .min(1, "from 1 to 86400 seconds")
      .max(TIMEOUT_MAX_SECONDS, "from 1 to 86400 seconds")
      .optional(),
    retries: z.int().min(0).max(RETRIES_MAX).default(0),
    priority: z.int().min(-100).max(100).default(0),
    idempotency_key: name.optional(),
    check: name.optional(),
    metadata: z
      .unknown()
      .refine(
        (value) => isStorable(value),
        "at most 32 levels deep, without NUL characters or halves of characters",
      )
      .pipe(z.record(z.string().min(1).max(NAME_MAX_CHARS), z.json()))
      .refine(
        (value) => new TextEncoder().encode(JSON.stringify(value)).length <= METADATA_MAX_BYTES,
        "at most 64 KiB as JSON",
      )
      .default({}),
  })
  .refine((task) => task.prompt.trim() !== "" || task.recipe !== undefined, {
    path: ["prompt"],
    message: "a prompt or a recipe is needed",
  });

export type TaskSubmission = z.infer<typeof taskSubmissionSchema>;
export type TaskSubmissionInput = z.input<typeof taskSubmissionSchema>;

/** A task as the API, the pages and the command line show it. Times are ISO 8601 UTC. */
export type Task = {
  task_id: string;
  status: TaskStatus;
  waiting_reason: WaitingReason | null;
  type: string;
  prompt: string;
  repo: string;
  files: string[];
  recipe: string | null;
  check: string | null;
  worker_type: string;
  tier: Tier;
  pool_id: string;
  pool_name: string;
  worker_id: string | null;
  strategy: Selector;
  priority: number;
  attempt: number;
  retries: number;
  timeout_seconds: number;
  idempotency_key: string | null;
  replay_of: string | null;
  metadata: Record<string, unknown>;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  exit_code: number | null;
  error_type: ErrorType | null;
  error_message: string | null;
  summary: string | null;
  quality_score: number | null;
  cost_usd: number | null;
  duration_seconds: number | null;
  cpu_time_seconds: number | null;
  peak_memory_mb: number | null;
  user_rating: number | null;
  output_bytes: number;
};

export type TaskDetail = Task & { decision: Decision; attempts: Attempt[]; feedback: TaskFeedback[] };

/** One finished attempt, as recorded in `executions`. */
export type Attempt = {
  execution_id: string;
  attempt: number;
  timestamp: string;
  success: boolean;
  duration_seconds: number;
  error_type: ErrorType | null;
  error_message: string | null;
  exit_code: number | null;
  worker_id: string | null;
};

export const SATISFACTION = ["excellent", "good", "fair", "poor"] as const;
export const ISSUE_TYPES = ["wrong_model", "too_slow", "poor_quality", "other"] as const;
export const VISIBILITIES = ["private", "team", "public"] as const;

export const feedbackSubmissionSchema = z.strictObject({
  satisfaction: z.enum(SATISFACTION),
  issue_type: z.enum(ISSUE_TYPES).optional(),
  comment: text(2_000).optional(),
  visibility: z.enum(VISIBILITIES).default("private"),
});
export type FeedbackSubmission = z.infer<typeof feedbackSubmissionSchema>;

export type TaskFeedback = {
  feedback_id: string;
  task_id: string;
  created_at: string;
  satisfaction: (typeof SATISFACTION)[number];
  issue_type: (typeof ISSUE_TYPES)[number] | null;
  comment: string | null;
  visibility: (typeof VISIBILITIES)[number];
};

export const taskListQuerySchema = z.strictObject({
  status: z.enum(TASK_STATUSES).optional(),
  pool: name.optional(),
  repo: name.optional(),
  q: text(500).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  cursor: name.optional(),
});
export type TaskListQuery = z.infer<typeof taskListQuerySchema>;
export type TaskPage = { tasks: Task[]; next_cursor: string | null };
