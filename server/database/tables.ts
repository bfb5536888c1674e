import "server-only";
import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  DuckDBTimestampValue,
  DuckDBUUIDValue,
  FLOAT,
  INTEGER,
  LIST,
  listValue,
  TIMESTAMP,
  UUID,
  VARCHAR,
  type DuckDBType,
  type DuckDBValue,
} from "@duckdb/node-api";

export type Kind =
  "uuid" | "timestamp" | "text" | "json" | "integer" | "bigint" | "float" | "double" | "boolean" | "floats";

/** Times are epoch milliseconds, UUIDs and JSON are text. */
export type Cell = string | number | boolean | null | undefined;
export type Row = Record<string, Cell>;

const TYPES: Record<Kind, DuckDBType> = {
  uuid: UUID,
  timestamp: TIMESTAMP,
  text: VARCHAR,
  json: VARCHAR,
  integer: INTEGER,
  bigint: BIGINT,
  float: FLOAT,
  double: DOUBLE,
  boolean: BOOLEAN,
  floats: LIST(FLOAT),
};

/** The columns of each table that is appended to, in the table's own order: the appender needs them all. */
const TABLES = {
  executions: {
    task_id: "uuid",
    timestamp: "timestamp",
    task_type: "text",
    task_description: "text",
    repo: "text",
    file_count: "integer",
    estimated_tokens: "integer",
    model_tier: "text",
    pool_type: "text",
    swarm_topology: "text",
    routing_confidence: "float",
    complexity_score: "integer",
    success: "boolean",
    duration_seconds: "float",
    quality_score: "integer",
    cost_estimate: "float",
    actual_cost: "float",
    error_type: "text",
    error_message: "text",
    user_accepted: "boolean",
    user_rating: "integer",
    peak_memory_mb: "float",
    cpu_time_seconds: "float",
    solution_summary: "text",
    embedding: "floats",
    metadata: "json",
    uploaded_at: "timestamp",
    pool_id: "text",
    pool_name: "text",
    worker_id: "text",
    worker_type: "text",
    provider: "text",
    model: "text",
    recipe: "text",
    attempt: "integer",
    input_tokens: "bigint",
    output_tokens: "bigint",
    queue_seconds: "float",
    strategy: "text",
    policy_version: "text",
    propensity: "float",
    exit_code: "integer",
    source: "text",
    parent_task_id: "uuid",
    decision_id: "uuid",
    updated_at: "timestamp",
  },
  tasks: {
    task_id: "uuid",
    created_at: "timestamp",
    updated_at: "timestamp",
    status: "text",
    waiting_reason: "text",
    type: "text",
    prompt: "text",
    repo: "text",
    files: "text",
    recipe: "text",
    check_recipe: "text",
    worker_type: "text",
    tier: "text",
    pool_id: "text",
    pool_name: "text",
    worker_id: "text",
    strategy: "text",
    priority: "integer",
    attempt: "integer",
    interruptions: "integer",
    retries: "integer",
    timeout_seconds: "double",
    idempotency_key: "text",
    replay_of: "uuid",
    metadata: "text",
    decision_id: "uuid",
    queued_at: "timestamp",
    started_at: "timestamp",
    finished_at: "timestamp",
    exit_code: "integer",
    error_type: "text",
    error_message: "text",
    summary: "text",
    quality_score: "integer",
    cost_usd: "double",
    duration_seconds: "double",
    cpu_time_seconds: "double",
    peak_memory_mb: "double",
    user_rating: "integer",
    output_bytes: "bigint",
  },
  idempotency_keys: { idempotency_key: "text", task_id: "uuid", created_at: "timestamp" },
  routing_decisions: {
    decision_id: "uuid",
    task_id: "uuid",
    timestamp: "timestamp",
    task_type: "text",
    repo: "text",
    complexity_score: "integer",
    score_parts: "text",
    tier: "text",
    model: "text",
    provider: "text",
    worker_type: "text",
    confidence: "double",
    expected_savings: "double",
    cost_estimate: "double",
    estimated_tokens: "integer",
    pool_id: "text",
    pool_name: "text",
    strategy: "text",
    policy_version: "text",
    propensity: "double",
    reason: "text",
  },
} as const satisfies Record<string, Record<string, Kind>>;

export type TableName = keyof typeof TABLES;

export type TableLayout = { columns: string[]; kinds: Kind[]; types: DuckDBType[]; insert: string };

/** Layout of a table for the appender and for a prepared insert (`INSERT OR IGNORE`, positional parameters). */
export const LAYOUTS: Record<TableName, TableLayout> = Object.fromEntries(
  Object.entries(TABLES).map(([table, definition]) => {
    const columns = Object.keys(definition);
    const kinds: Kind[] = Object.values(definition);
    const insert = `INSERT OR IGNORE INTO ${table} (${columns.join(", ")}) VALUES (${columns.map((_, i) => `$${i + 1}`).join(", ")})`;
    return [table, { columns, kinds, types: kinds.map((kind) => TYPES[kind]), insert }];
  }),
) as Record<TableName, TableLayout>;

/** A cell as DuckDB takes it. */
export function encode(kind: Kind, cell: Cell): DuckDBValue {
  if (cell === null || cell === undefined) return null;
  if (kind === "floats") return listValue(JSON.parse(String(cell)) as number[]);
  if (kind === "uuid") return uuid(String(cell));
  if (kind === "timestamp") return timestamp(Number(cell));
  if (kind === "bigint") return BigInt(Math.round(Number(cell)));
  return cell;
}

export function uuid(text: string): DuckDBUUIDValue {
  return DuckDBUUIDValue.fromUint128(BigInt(`0x${text.replaceAll("-", "")}`));
}

/** @param ms epoch milliseconds; fractions are kept to the microsecond */
export function timestamp(ms: number): DuckDBTimestampValue {
  return new DuckDBTimestampValue(BigInt(Math.round(ms * 1_000)));
}
