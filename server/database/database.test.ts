import { mkdtempSync, rmSync, writeFileSync, readFileSync, existsSync, renameSync } from "node:fs";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openDatabase } from "./open";
import { SCHEMA_VERSION } from "./migrate";
import { LAYOUTS } from "./tables";

let dir: string;
let file: string;
const open = () => openDatabase({ file, allowedDirectories: [dir] });

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "poolwise-db-"));
  file = join(dir, "learning.db");
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const execution = (id: string = randomUUID()) => ({
  task_id: id,
  timestamp: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  task_type: "linting",
  task_description: "it's \u{1F600}",
  repo: "r",
  file_count: 1,
  estimated_tokens: 5,
  model_tier: "small",
  pool_type: "mahavishnu",
  routing_confidence: 0.9,
  complexity_score: 3,
  success: true,
  duration_seconds: 1.5,
  cost_estimate: 0,
  actual_cost: 0,
  metadata: JSON.stringify({ a: 1 }),
  input_tokens: 12,
  updated_at: Date.now(),
  uploaded_at: Date.now(),
});

const REFERENCE_COLUMNS = (
  "task_id timestamp task_type task_description repo file_count estimated_tokens model_tier pool_type swarm_topology " +
  "routing_confidence complexity_score success duration_seconds quality_score cost_estimate actual_cost error_type " +
  "error_message user_accepted user_rating peak_memory_mb cpu_time_seconds solution_summary embedding metadata uploaded_at"
).split(" ");

describe("the learning database", () => {
  test("has the 27 reference columns first and in order, the three views, and records its schema version", async () => {
    const db = await open();
    const columns = (
      await db.read(
        "SELECT column_name FROM duckdb_columns() WHERE table_name = 'executions' ORDER BY column_index",
      )
    ).map((r) => r.column_name);
    expect(columns.slice(0, 27)).toEqual(REFERENCE_COLUMNS);
    for (const [table, layout] of Object.entries(LAYOUTS)) {
      const found = await db.read(
        "SELECT column_name FROM duckdb_columns() WHERE table_name = $table ORDER BY column_index",
        { table },
      );
      expect(
        found.map((r) => r.column_name),
        table,
      ).toEqual(layout.columns);
    }
    expect(await db.read("SELECT value FROM metadata WHERE key = 'schema_version'")).toEqual([
      { value: String(SCHEMA_VERSION) },
    ]);
    for (const view of ["tier_performance_mv", "pool_performance_mv", "solution_patterns_mv"]) {
      expect(await db.read(`SELECT count(*)::INTEGER AS n FROM ${view}`)).toEqual([{ n: 0 }]);
    }
    await db.close();
  });

  test("one row and many rows come back as written, whichever way they were appended", async () => {
    const db = await open();
    await db.writer.write([{ append: "executions", row: execution() }]);
    await db.writer.write(
      Array.from({ length: 3_000 }, () => ({ append: "executions" as const, row: execution() })),
    );
    const rows = await db.read(
      `SELECT timestamp::VARCHAR AS t, task_description AS d, metadata->>'a' AS a, input_tokens::INTEGER AS i, quality_score AS q, count(*)::INTEGER AS n
       FROM executions GROUP BY ALL`,
    );
    expect(rows).toEqual([
      { t: "2026-01-02 03:04:05.678", d: "it's \u{1F600}", a: "1", i: 12, q: null, n: 3_001 },
    ]);
    await db.close();
  });

  test("a row that is there already is ignored and its neighbours in the batch are kept", async () => {
    const db = await open();
    const ids = Array.from({ length: 20 }, () => randomUUID());
    await db.writer.write([{ append: "executions", row: execution(ids[7]) }]);
    await Promise.all(ids.map((id) => db.writer.write([{ append: "executions", row: execution(id) }])));
    expect(
      await db.read("SELECT count(*)::INTEGER AS n, count(DISTINCT task_id)::INTEGER AS d FROM executions"),
    ).toEqual([{ n: 20, d: 20 }]);
    await db.close();
  });

  test("a request that breaks a rule is refused alone and whole", async () => {
    const db = await open();
    const good = Array.from({ length: 10 }, () =>
      db.writer.write([{ append: "executions", row: execution() }]),
    );
    const bad = db.writer.write([
      { append: "executions", row: execution() },
      { append: "executions", row: { ...execution(), repo: null } },
    ]);
    await expect(bad).rejects.toThrow(/NOT NULL/);
    await Promise.all(good);
    expect(await db.read("SELECT count(*)::INTEGER AS n FROM executions")).toEqual([{ n: 10 }]);
    await db.close();
  });

  test("rows of every kind of value are the same whether inserted or appended in bulk", async () => {
    const db = await open();
    const value = fc.record({
      task_description: fc.oneof(
        fc.string({ unit: "grapheme", maxLength: 20 }),
        fc.constantFrom("exactly12byt", "thirteen byte", ""),
      ),
      model_tier: fc.constantFrom("small", "medium", "large"),
      file_count: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      input_tokens: fc.option(fc.maxSafeInteger()),
      timestamp: fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_000 }),
      duration_seconds: fc.double({ noNaN: true, min: -1e30, max: 1e30 }),
      success: fc.boolean(),
      quality_score: fc.option(fc.integer({ min: 0, max: 100 })),
      decision_id: fc.option(fc.uuid()),
      error_message: fc.option(fc.string({ maxLength: 40 })),
    });
    const differing = `SELECT count(*)::INTEGER AS n FROM (
      (SELECT * EXCLUDE (task_id, recipe) FROM executions WHERE recipe = 'bulk' EXCEPT ALL SELECT * EXCLUDE (task_id, recipe) FROM executions WHERE recipe = 'single')
      UNION ALL
      (SELECT * EXCLUDE (task_id, recipe) FROM executions WHERE recipe = 'single' EXCEPT ALL SELECT * EXCLUDE (task_id, recipe) FROM executions WHERE recipe = 'bulk'))`;
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 4, maxLength: 40 }), async (values) => {
        const common = { ...execution(), uploaded_at: 0, updated_at: 0 };
        const rows = (recipe: string) =>
          values.map((each) => ({ ...common, ...each, task_id: randomUUID(), recipe }));
        await db.writer.write(rows("bulk").map((row) => ({ append: "executions" as const, row })));
        for (const row of rows("single")) await db.writer.write([{ append: "executions", row }]);
        expect(await db.read(differing)).toEqual([{ n: 0 }]);
      }),
      { numRuns: 15 },
    );
    await db.close();
  });

  test("a value that fits no column is refused alone, also while others are being committed", async () => {
    const db = await open();
    const many = (n: number) =>
      Array.from({ length: n }, () => ({ append: "executions" as const, row: execution() }));
    const first = db.writer.write(many(1_500));
    const bad = db.writer.write([
      ...many(10),
      { append: "executions", row: { ...execution(), file_count: 3e9 } },
    ]);
    const late = Array.from({ length: 1_500 }, () => db.writer.write(many(1)));
    await expect(bad).rejects.toThrow();
    await Promise.all([first, ...late]);
    expect(await db.read("SELECT count(*)::INTEGER AS n FROM executions")).toEqual([{ n: 3_000 }]);
    await db.close();
  });

  test("opening the same file again in this process gives the same database", async () => {
    const [first, second] = await Promise.all([open(), open()]);
    expect(second).toBe(first);
    await first.close();
  });

  test("a second process is refused with a sentence naming the first", async () => {
    const holder = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
    const started = readFileSync(`/proc/${holder.pid}/stat`, "utf8").split(") ")[1]?.split(" ")[19];
    writeFileSync(`${file}.lock`, JSON.stringify({ pid: holder.pid, started }));
    writeFileSync(
      join(dir, "runtime.json"),
      JSON.stringify({ pid: holder.pid, url: "http://127.0.0.1:3999" }),
    );
    try {
      await expect(open()).rejects.toThrow(`process ${holder.pid}, http://127.0.0.1:3999`);
    } finally {
      holder.kill("SIGKILL");
    }
  });

  test("what a killed process left behind does not keep the next one out", async () => {
    writeFileSync(`${file}.lock`, JSON.stringify({ pid: process.pid, started: "1" }));
    const db = await open();
    await db.close();
    expect(existsSync(`${file}.lock`)).toBe(false);
  });

  test("a log without its database is refused and kept", async () => {
    const db = await open();
    await db.close();
    renameSync(file, `${file}.away`);
    writeFileSync(`${file}.wal`, "rows");
    await expect(open()).rejects.toThrow(/write-ahead log/);
    expect(readFileSync(`${file}.wal`, "utf8")).toBe("rows");
  });

  test("a damaged file is refused with what to do, and left as it was", async () => {
    const bytes = Buffer.from("this is not a database".repeat(1_000));
    writeFileSync(file, bytes);
    await expect(open()).rejects.toThrow(/cannot be opened[^]*left as it is[^]*backup/);
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });

  test("a file of a newer version is refused", async () => {
    const db = await open();
    await db.writer.write([
      { sql: "UPDATE metadata SET value = '999' WHERE key = 'schema_version'", values: {} },
    ]);
    await db.close();
    await expect(open()).rejects.toThrow(/schema version 999/);
  });

  test("statements reach no file outside the folders they were given", async () => {
    const db = await open();
    await expect(db.read("SELECT * FROM read_text('/etc/passwd')")).rejects.toThrow(/Permission Error/);
    await db.close();
  });
});
