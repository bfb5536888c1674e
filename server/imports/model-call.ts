import "server-only";
import type { ErrorType } from "@/lib/shape/error-type";
import { DESCRIPTION_MAX, ERROR_MESSAGE_MAX } from "@/lib/shape/import";
import type { ImportItem, ReadOptions } from "./item";
import type { Usage } from "./prices";
import { nameOr, present, toItem, truncate } from "./values";

const INT32_MAX = 2_147_483_647;

export type Failure = { type: ErrorType; message: string | null };

/** One call of a model, or several that belong together, as sources of usage tell it. */
export type ModelCall = {
  taskId: string;
  source: string;
  /** Epoch milliseconds of its end. */
  endedAt: number | null;
  durationSeconds: number;
  type: string;
  description: string | null;
  neutralDescription: string;
  repo: string | null;
  fileCount?: number;
  provider: string | null;
  model: string | null;
  usage: Usage;
  /** USD, where the source says it. */
  cost: number | null;
  failure: Failure | null;
  metadata: Record<string, unknown>;
};

export const NO_USAGE: Usage = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, cacheWrite1h: 0 };

/** A model call as a row. A cost the source does not say comes from the list of prices, or is 0 and marked as unknown. */
export function callItem(reference: string, call: ModelCall, options: ReadOptions): ImportItem {
  const { usage, failure } = call;
  const cost = call.cost ?? options.prices.cost(call.model, usage);
  return toItem(reference, {
    task_id: call.taskId,
    timestamp: call.endedAt as number,
    task_type: nameOr(call.type, "general"),
    task_description: descriptionOf(call, options),
    repo: nameOr(options.repo ?? call.repo, call.source),
    file_count: call.fileCount ?? 0,
    estimated_tokens: Math.min(usage.input + usage.output, INT32_MAX),
    model_tier: options.prices.tier(call.model),
    pool_type: call.source,
    success: failure === null,
    duration_seconds: Math.max(0, call.durationSeconds),
    cost_estimate: cost ?? 0,
    actual_cost: cost ?? 0,
    error_type: failure?.type ?? null,
    error_message: failure?.message == null ? null : truncate(failure.message, ERROR_MESSAGE_MAX),
    metadata: metadataOf(call, cost),
    worker_type: "model",
    provider: nameOrNull(call.provider),
    model: nameOrNull(call.model),
    input_tokens: usage.input,
    output_tokens: usage.output,
    source: call.source,
  });
}

/** When a call ended and how long it took, as far as its start and end are known. */
export function timesOf(
  start: number | null,
  end: number | null,
): Pick<ModelCall, "endedAt" | "durationSeconds"> {
  return {
    endedAt: end ?? start,
    durationSeconds: start === null || end === null ? 0 : (end - start) / 1_000,
  };
}

function descriptionOf({ description, neutralDescription }: ModelCall, { withText }: ReadOptions): string {
  return withText && description ? truncate(description, DESCRIPTION_MAX) : neutralDescription;
}

function metadataOf({ metadata, usage }: ModelCall, cost: number | null): Record<string, unknown> {
  const used = Object.values(usage).some((tokens) => tokens > 0);
  return {
    ...present({
      ...metadata,
      cache_read_tokens: usage.cacheRead,
      cache_write_tokens: usage.cacheWrite + usage.cacheWrite1h,
    }),
    ...(cost === null && used && { price_unknown: true }),
  };
}

function nameOrNull(value: string | null): string | null {
  return value === null ? null : nameOr(value, "unknown");
}
