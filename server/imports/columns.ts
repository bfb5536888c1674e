import "server-only";
import { DESCRIPTION_MAX, ERROR_MESSAGE_MAX, type ImportRowInput } from "@/lib/shape/import";
import { quoteName, type ForeignColumn, type ForeignRow } from "../database/foreign";
import type { ImportItem, ReadOptions } from "./item";
import {
  isObject,
  isUuid,
  stableId,
  toBoolean,
  toErrorType,
  toItem,
  toMs,
  toNumber,
  truncate,
} from "./values";

export type Column = keyof ImportRowInput;
type Kind = "text" | "number" | "boolean" | "time" | "embedding" | "json";

const KINDS: Record<Column, Kind> = {
  task_id: "text",
  timestamp: "time",
  task_type: "text",
  task_description: "text",
  repo: "text",
  file_count: "number",
  estimated_tokens: "number",
  model_tier: "text",
  pool_type: "text",
  swarm_topology: "text",
  routing_confidence: "number",
  complexity_score: "number",
  success: "boolean",
  duration_seconds: "number",
  quality_score: "number",
  cost_estimate: "number",
  actual_cost: "number",
  error_type: "text",
  error_message: "text",
  user_accepted: "boolean",
  user_rating: "number",
  peak_memory_mb: "number",
  cpu_time_seconds: "number",
  solution_summary: "text",
  embedding: "embedding",
  metadata: "json",
  uploaded_at: "time",
  pool_id: "text",
  pool_name: "text",
  worker_id: "text",
  worker_type: "text",
  provider: "text",
  model: "text",
  recipe: "text",
  attempt: "number",
  input_tokens: "number",
  output_tokens: "number",
  queue_seconds: "number",
  strategy: "text",
  policy_version: "text",
  propensity: "number",
  exit_code: "number",
  source: "text",
  parent_task_id: "text",
  decision_id: "text",
};
export const COLUMNS = Object.keys(KINDS) as Column[];

const NUMERIC = /^(U?(TINY|SMALL|BIG|HUGE)?INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL)/;
const TIMES = /^(TIMESTAMP|DATE)/;
const LIST = /\[\d*\]$/;

/** Which column of a source each of ours is read from. */
export type Mapping = Map<Column, ForeignColumn>;

/** Our columns that the source has under the same name. */
export function sameNames(found: ForeignColumn[]): Mapping {
  const byName = new Map(found.map((column) => [column.name.toLowerCase(), column]));
  return new Map(
    COLUMNS.flatMap((name) => {
      const column = byName.get(name);
      return column ? [[name, column] as const] : [];
    }),
  );
}

/** SELECT list that brings each mapped column under our name, as a value JSON can carry. */
export function selectList(mapping: Mapping): string {
  return [...mapping].map(([name, column]) => `${expression(name, column)} AS ${quoteName(name)}`).join(", ");
}

function expression(name: Column, { name: column, type }: ForeignColumn): string {
  const source = quoteName(column);
  const kind = KINDS[name];
  if (kind === "embedding") return LIST.test(type) ? `${source}::FLOAT[]` : "NULL";
  if (kind === "json" && /^(MAP|STRUCT)/.test(type)) return `to_json(${source})::VARCHAR`;
  if (kind === "time" && TIMES.test(type)) {
    return type === "DATE"
      ? `epoch_us(${source}::TIMESTAMP)::DOUBLE / 1000`
      : `epoch_us(${source})::DOUBLE / 1000`;
  }
  if (NUMERIC.test(type)) return `${source}::DOUBLE`;
  return type === "BOOLEAN" ? source : `${source}::VARCHAR`;
}

export type RowContext = ReadOptions & {
  /** Of all rows, or null to keep each row's own. */
  source: string | null;
  mapping: Mapping;
  /** What stands in for a description that is not taken. */
  neutralDescription: string;
  reference: string;
  /** Key of a row that has no id of its own. */
  key: () => string[];
  /** Whether nothing in a column that must have a value breaks a rule, or means the neutral value. */
  strict: boolean;
};

/** A row of a table whose columns are named like ours. Columns the source does not have get a neutral value. */
export function itemOf(found: ForeignRow, context: RowContext): ImportItem {
  const all = [...context.mapping.keys()].map((name) => [name, convert(KINDS[name], found[name])] as const);
  const values = Object.fromEntries(context.strict ? all : all.filter(([, value]) => value !== null));
  const source = context.source ?? text(values.source) ?? "poolwise";
  const id = text(values.task_id);
  const errorType = text(values.error_type);
  const known = errorType === null ? null : toErrorType(errorType);
  const metadata = {
    ...metadataOf(values.metadata, context.withText),
    ...(id !== null && !isUuid(id) && { source_id: truncate(id, 200) }),
    ...(known !== errorType && { source_error_type: truncate(errorType ?? "", 200) }),
  };
  const candidate = {
    ...defaults(values, context, source),
    ...values,
    ...texts(values, context),
    task_id: idOf(values, source, context),
    timestamp: values.timestamp ?? null,
    error_type: known,
    metadata: Object.keys(metadata).length > 0 ? metadata : null,
    source,
  };
  return toItem(
    id === null ? context.reference : `${context.reference}, task_id ${id}`,
    candidate as ImportRowInput,
  );
}

function idOf(values: Record<string, unknown>, source: string, { key }: RowContext): string | null {
  const id = text(values.task_id);
  if (id === null) return "task_id" in values ? null : stableId(source, ...key());
  return isUuid(id) ? id.toLowerCase() : stableId(source, id);
}

/** What the description, summary, error and embedding become. */
function texts(values: Record<string, unknown>, { withText, neutralDescription }: RowContext) {
  const description = text(values.task_description);
  const error = text(values.error_message);
  const summary = text(values.solution_summary);
  return {
    task_description:
      withText && description !== null ? truncate(description, DESCRIPTION_MAX) : neutralDescription,
    error_message: error === null ? null : truncate(error, ERROR_MESSAGE_MAX),
    solution_summary: withText && summary !== null ? truncate(summary, 10_000) : null,
    embedding: withText ? (values.embedding ?? null) : null,
  };
}

function defaults(values: Record<string, unknown>, { prices, repo }: ReadOptions, source: string) {
  const cost = values.actual_cost ?? values.cost_estimate ?? 0;
  return {
    task_type: "general",
    repo: repo ?? source,
    model_tier: prices.tier(text(values.model)),
    pool_type: source,
    success: text(values.error_type) === null && text(values.error_message) === null,
    duration_seconds: 0,
    actual_cost: cost,
    cost_estimate: cost,
  };
}

function convert(kind: Kind, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (kind === "number") return toNumber(value);
  if (kind === "boolean") return toBoolean(value);
  if (kind === "time") return toMs(value) ?? value;
  return value;
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** Keys under which programs keep what was said; their values stay out unless texts are wanted. */
const TEXT_KEYS =
  /(^|_)(prompts?|messages?|completions?|responses?|answers?|output|input|text|content|description|query)$/i;

function metadataOf(value: unknown, withText: boolean): Record<string, unknown> {
  if (typeof value !== "string" || value.trim() === "") return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    return withText ? { source_metadata: truncate(value, 10_000) } : {};
  }
  if (!isObject(parsed)) return withText ? { source_metadata: parsed } : {};
  if (withText) return parsed;
  return Object.fromEntries(Object.entries(parsed).filter(([key]) => !TEXT_KEYS.test(key)));
}
