import { z } from "zod";
import { ERROR_TYPES } from "./error-type";
import { tierSchema } from "./tier";

/** Rows, and rejects, that one request to `POST /api/imports/rows` may carry. */
export const IMPORT_BATCH_ROWS = 1_000;
export const DESCRIPTION_MAX = 500;
export const ERROR_MESSAGE_MAX = 1_000;
export const NAME_MAX = 200;
const SUMMARY_MAX = 10_000;
const METADATA_MAX = 100_000;
const EMBEDDING_MAX = 8_192;
/** 9999-12-31T23:59:59.999Z */
const LAST_INSTANT = 253_402_300_799_999;
const INT32_MAX = 2_147_483_647;
/** Beyond this a FLOAT column would store infinity. */
const FLOAT_MAX = 3.4e38;

const wellFormed = (text: string) =>
  !/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(text);
const text = (max: number) =>
  z
    .string()
    .max(max, `must have at most ${max} characters`)
    .refine(wellFormed, "must not have half a surrogate pair");
const name = text(NAME_MAX).min(1, "must not be empty");
const integer = (min: number, max: number) =>
  z.int("must be a whole number").min(min, `must be ${min} to ${max}`).max(max, `must be ${min} to ${max}`);
const count = integer(0, INT32_MAX);
const tokens = integer(0, Number.MAX_SAFE_INTEGER);
const amount = z.number("must be a number").min(0, "must not be negative").max(FLOAT_MAX, "is too large");
const fraction = z.number("must be a number").min(0, "must be 0 to 1").max(1, "must be 0 to 1");
const instant = z
  .number("must be a time")
  .min(0, "must not be before 1970")
  .max(LAST_INSTANT, "must not be after the year 9999");
const optional = <T extends z.ZodType>(schema: T) => schema.nullable().default(null);

const metadata = z
  .record(z.string(), z.unknown())
  .refine(
    (value) => JSON.stringify(value).length <= METADATA_MAX,
    `must have at most ${METADATA_MAX} characters as JSON`,
  )
  .refine((value) => wellFormed(JSON.stringify(value)), "must not have half a surrogate pair");

/**
 * One finished execution from elsewhere: the columns of `executions` by name. Times are epoch milliseconds,
 * durations seconds, costs USD. `input_tokens` does not count cached tokens; those are
 * `metadata.cache_read_tokens` and `metadata.cache_write_tokens`.
 */
export const importRowSchema = z.strictObject({
  task_id: z.guid("must be a UUID"),
  timestamp: instant,
  task_type: name,
  task_description: text(DESCRIPTION_MAX),
  repo: name,
  file_count: count.default(0),
  estimated_tokens: count.default(0),
  model_tier: tierSchema,
  pool_type: name,
  swarm_topology: optional(name),
  routing_confidence: fraction.default(0),
  complexity_score: integer(0, 100).default(0),
  success: z.boolean("must be true or false"),
  duration_seconds: amount,
  quality_score: optional(integer(0, 100)),
  cost_estimate: amount.default(0),
  actual_cost: amount,
  error_type: optional(z.enum(ERROR_TYPES)),
  error_message: optional(text(ERROR_MESSAGE_MAX)),
  user_accepted: optional(z.boolean("must be true or false")),
  user_rating: optional(integer(1, 5)),
  peak_memory_mb: optional(amount),
  cpu_time_seconds: optional(amount),
  solution_summary: optional(text(SUMMARY_MAX)),
  embedding: optional(z.array(z.number().min(-FLOAT_MAX).max(FLOAT_MAX)).max(EMBEDDING_MAX)),
  metadata: optional(metadata),
  uploaded_at: optional(instant),
  pool_id: optional(name),
  pool_name: optional(name),
  worker_id: optional(name),
  worker_type: optional(name),
  provider: optional(name),
  model: optional(name),
  recipe: optional(name),
  attempt: optional(integer(1, INT32_MAX)),
  input_tokens: optional(tokens),
  output_tokens: optional(tokens),
  queue_seconds: optional(amount),
  strategy: optional(name),
  policy_version: optional(name),
  propensity: optional(fraction),
  exit_code: optional(integer(-INT32_MAX, INT32_MAX)),
  source: name,
  parent_task_id: optional(z.guid("must be a UUID")),
  decision_id: optional(z.guid("must be a UUID")),
});
export type ImportRow = z.infer<typeof importRowSchema>;
export type ImportRowInput = z.input<typeof importRowSchema>;

/** Something in a source that did not become a row: where it is there, and why. */
export const importRejectSchema = z.strictObject({ reference: text(500).min(1), reason: text(1_000).min(1) });
export type ImportReject = z.infer<typeof importRejectSchema>;

/** Body of `POST /api/imports/rows`. `import_id` names the run that the batch belongs to. */
export const importBatchSchema = z.strictObject({
  import_id: z.guid("must be a UUID"),
  source: name,
  rows: z
    .array(importRowSchema)
    .max(IMPORT_BATCH_ROWS, `must have at most ${IMPORT_BATCH_ROWS} rows`)
    .default([]),
  rejects: z
    .array(importRejectSchema)
    .max(IMPORT_BATCH_ROWS, `must have at most ${IMPORT_BATCH_ROWS} rejects`)
    .default([]),
  dry_run: z.boolean().default(false),
});
export type ImportBatchInput = z.input<typeof importBatchSchema>;

/** Sums over a set of executions; tokens as in `importRowSchema`. */
export const importSumsSchema = z.object({
  rows: z.int(),
  cost_usd: z.number(),
  input_tokens: z.number(),
  output_tokens: z.number(),
  cache_tokens: z.number(),
  duration_seconds: z.number(),
});
export type ImportSums = z.infer<typeof importSumsSchema>;

/** Answer to a batch. `in_database` sums those of the batch's rows that the database has after it. */
export type ImportBatchResult = {
  inserted: number;
  already_there: number;
  rejected: number;
  in_database: ImportSums;
};
