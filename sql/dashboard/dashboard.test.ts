import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  byTier,
  executionsOverTime,
  kpis,
  latestExecutions,
  poolComparison,
  topErrors,
} from "@/lib/wasm/dashboard-statements";
import type { Row } from "@/lib/wasm/rows";
import type { Ask } from "@/lib/wasm/statement";

const HOUR_MS = 3_600_000;
const START = Date.UTC(2026, 0, 10, 12);
const RANGE = { from_ms: START, to_ms: START + 2 * HOUR_MS };
const NEVER = { from_ms: START + 100 * HOUR_MS, to_ms: START + 101 * HOUR_MS };

// Times are minutes after START. The first and the last lie just outside the range: from is inclusive, to is not.
const ROWS = `
  ('t0', NULL, -1,  'small',  'local',   true,  99,   99,   9,    9,    NULL,      NULL),
  ('t1', NULL, 0,   'small',  'local',   true,  1,    80,   0.25, 0.5,  NULL,      NULL),
  ('t2', NULL, 30,  'small',  'local',   false, 3,    NULL, 0.25, 1.5,  'timeout', 'older'),
  ('t3', NULL, 59,  'large',  'nightly', true,  2,    90,   2,    NULL, NULL,      NULL),
  ('t4', 't2', 60,  'small',  'local',   false, 5,    NULL, 0.5,  1,    'timeout', 'newer'),
  ('t5', NULL, 90,  NULL,     NULL,      false, 4,    NULL, NULL, NULL, NULL,      'no type'),
  ('t6', NULL, 120, 'medium', 'local',   true,  99,   99,   9,    9,    NULL,      NULL)`;

let instance: DuckDBInstance;
let connection: DuckDBConnection;

const ask: Ask = async (sql, parameters) => {
  const reader = await connection.runAndReadAll(sql, { ...parameters });
  return reader.getRowObjectsJS() as Row[];
};

beforeAll(async () => {
  instance = await DuckDBInstance.create(":memory:");
  connection = await instance.connect();
  await connection.run(`
    CREATE TABLE executions AS
    SELECT
      task_id, parent_task_id, make_timestamp((${START} + minute * 60000) * 1000) AS "timestamp",
      'lint' AS task_type, 'Run the linter' AS task_description, 'poolwise' AS repo,
      model_tier, 'mahavishnu' AS pool_type, pool_name, success,
      CAST(duration AS FLOAT) AS duration_seconds, CAST(quality AS INTEGER) AS quality_score,
      CAST(cost AS FLOAT) AS actual_cost, CAST(queue AS FLOAT) AS queue_seconds, error_type, error_message
    FROM (VALUES ${ROWS}) AS rows
      (task_id, parent_task_id, minute, model_tier, pool_name, success, duration, quality, cost, queue, error_type, error_message)`);
});

afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

describe("headline numbers", () => {
  it("count only what lies in the range, and average only what was graded", async () => {
    expect(await kpis.run(ask, RANGE)).toEqual([
      { executions: 5, succeeded: 2, cost_usd: 3, quality: 85, graded: 2 },
    ]);
  });

  it("are zero, and without quality, where nothing ran", async () => {
    expect(await kpis.run(ask, NEVER)).toEqual([
      { executions: 0, succeeded: 0, cost_usd: 0, quality: null, graded: 0 },
    ]);
  });
});

describe("executions over time", () => {
  it("fall into the bucket they began in", async () => {
    expect(await executionsOverTime.run(ask, { ...RANGE, bucket_ms: HOUR_MS })).toEqual([
      { bucket_start_ms: START, succeeded: 2, failed: 1 },
      { bucket_start_ms: START + HOUR_MS, succeeded: 0, failed: 2 },
    ]);
  });
});

describe("tiers", () => {
  it("are summed apart, with an exact 95th percentile", async () => {
    const rows = await byTier.run(ask, RANGE);
    expect(rows).toEqual([
      { tier: "large", executions: 1, succeeded: 1, cost_usd: 2, p95_seconds: 2 },
      { tier: "small", executions: 3, succeeded: 1, cost_usd: 1, p95_seconds: expect.closeTo(4.8) },
      { tier: "unknown", executions: 1, succeeded: 0, cost_usd: 0, p95_seconds: 4 },
    ]);
  });
});

describe("pools", () => {
  it("come busiest first, by pool type where there is no name", async () => {
    const rows = await poolComparison.run(ask, { ...RANGE, limit: 8 });
    expect(rows).toEqual([
      {
        pool: "local",
        executions: 3,
        succeeded: 1,
        p50_seconds: 3,
        p95_seconds: expect.closeTo(4.8),
        avg_queue_seconds: 1,
        cost_usd: 1,
        total_pools: 3,
      },
      expect.objectContaining({ pool: "mahavishnu", executions: 1, avg_queue_seconds: null }),
      expect.objectContaining({ pool: "nightly", executions: 1, succeeded: 1 }),
    ]);
  });

  it("that are cut off are still counted", async () => {
    const rows = await poolComparison.run(ask, { ...RANGE, limit: 1 });
    expect(rows.map((row) => [row.pool, row.total_pools])).toEqual([["local", 3]]);
  });
});

describe("errors", () => {
  it("come most frequent first with their newest message and the whole they are part of", async () => {
    const newest = { last_seen_ms: START + HOUR_MS, last_message: "newer" };
    expect(await topErrors.run(ask, { ...RANGE, limit: 6 })).toEqual([
      { error_type: "timeout", failed: 2, ...newest, total_types: 2, total_failed: 3 },
      expect.objectContaining({ error_type: "unknown", failed: 1, last_message: "no type" }),
    ]);
  });
});

describe("latest executions", () => {
  it("come newest first, and an attempt leads to its task", async () => {
    const rows = await latestExecutions.run(ask, { ...RANGE, limit: 3 });
    expect(rows.map((row) => [row.execution_id, row.task_id, row.at_ms - START])).toEqual([
      ["t5", "t5", 90 * 60_000],
      ["t4", "t2", 60 * 60_000],
      ["t3", "t3", 59 * 60_000],
    ]);
    expect(rows[1]).toMatchObject({
      pool: "local",
      tier: "small",
      success: false,
      error_type: "timeout",
      duration_seconds: 5,
    });
  });
});
