import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Manifest } from "@/lib/shape/manifest";
import { arrange, type Holdings } from "./plan";

const WANTED = { executions: ["task_id", "cost", "added_later"] };

let instance: DuckDBInstance;
let connection: DuckDBConnection;

beforeEach(async () => {
  // One thread, as the browser's database has.
  instance = await DuckDBInstance.create(":memory:", { threads: "1" });
  connection = await instance.connect();
});

afterEach(() => instance.closeSync());

/** A snapshot of the days up to the given one of January, named in the order of the manifest. */
function manifestOf(days: number): Manifest {
  const parts = Array.from({ length: days }, (_, index) => {
    const day = `2026-01-${String(index + 1).padStart(2, "0")}`;
    const file = `executions-${day}.0123456789abcdef.parquet`;
    return { file, day, rows: 2, bytes: 1, min_timestamp: null, max_timestamp: null, sha256: "" };
  });
  return {
    format: "poolwise-snapshot",
    version: 1,
    created_at: "2026-02-01T00:00:00Z",
    generation: days,
    tables: {
      executions: {
        columns: [
          { name: "task_id", type: "VARCHAR" },
          { name: "cost", type: "FLOAT" },
          { name: "added_later", type: "SMALLINT" },
        ],
        rows: 2 * days,
        min_timestamp: null,
        max_timestamp: null,
        parts,
      },
    },
  };
}

/** Loads what is missing, as parts from before `added_later` existed, and brings the view up to date. */
async function show(manifest: Manifest, before: Holdings = new Map()): Promise<Holdings> {
  const held = before.get("executions") ?? { base: null, merged: new Set(), separate: new Set() };
  const parts = manifest.tables["executions"]?.parts ?? [];
  const missing = parts.filter(({ file }) => !held.merged.has(file) && !held.separate.has(file));
  for (const { file, day } of missing) {
    const values = [`('${day} a', 1.5::FLOAT)`, `('${day} b', 2.5::FLOAT)`];
    await connection.run(
      `CREATE TABLE "${file}" AS SELECT * FROM (VALUES ${values.join()}) AS t(task_id, cost)`,
    );
  }
  const separate = new Set([...held.separate, ...missing.map(({ file }) => file)]);
  const arranged = arrange(manifest, new Map([["executions", { ...held, separate }]]), WANTED);
  for (const statement of arranged.statements) await connection.run(statement);
  return arranged.holdings;
}

async function column(sql: string): Promise<unknown[]> {
  return (await connection.runAndReadAll(sql)).getRowsJS().map(([value]) => value);
}

function daysDown(from: number): string[] {
  return Array.from({ length: from }, (_, index) => `2026-01-${String(from - index).padStart(2, "0")}`);
}

// A query for the latest few skips older rows unread only when it has met the newest first.
it("rows are read newest day first, merged or not, and still so after more days were merged", async () => {
  const daysRead = `SELECT left(task_id, 10) FROM executions WHERE task_id LIKE '% a'`;
  let holdings = await show(manifestOf(3));
  expect(await column(daysRead)).toEqual(daysDown(3));
  holdings = await show(manifestOf(9), holdings);
  expect(holdings.get("executions")?.merged.size).toBe(7);
  expect(await column(daysRead)).toEqual(daysDown(9));
  holdings = await show(manifestOf(20), holdings);
  expect(holdings.get("executions")?.merged.size).toBe(18);
  expect(await column(daysRead)).toEqual(daysDown(20));
});

it.each([0, 2, 9])(
  "every wanted column has its type with %i parts, whatever the parts lack",
  async (days) => {
    await show(manifestOf(days));
    expect(
      await column("SELECT column_name || ' ' || column_type FROM (DESCRIBE executions) ORDER BY 1"),
    ).toEqual(["added_later SMALLINT", "cost FLOAT", "task_id VARCHAR"]);
  },
);

it("merged days leave no branch of their own behind in the view", async () => {
  await show(manifestOf(20));
  const [sql] = await column("SELECT sql FROM duckdb_views() WHERE view_name = 'executions'");
  // The two days that may still change, and what has settled.
  expect(String(sql).match(/SELECT/gi)).toHaveLength(3);
});
