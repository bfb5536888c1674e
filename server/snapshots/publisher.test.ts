import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createHash, randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import pino from "pino";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Manifest } from "@/lib/shape/manifest";
import type { Database } from "../database/database";
import { openDatabase } from "../database/open";
import { Publisher } from "./publisher";
import { writeReport } from "./report";

let dir: string;
let folder: string;
let database: Database;
const published: Manifest[] = [];
const start = () =>
  Publisher.start(database, {
    folder,
    compression: "zstd",
    keepVersions: 2,
    logger: pino({ level: "silent" }),
    onPublished: (m) => void published.push(m),
  });

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "poolwise-snap-"));
  folder = join(dir, "snapshots");
  published.length = 0;
  database = await openDatabase({
    file: join(dir, "learning.db"),
    allowedDirectories: [folder, join(dir, "reports")],
  });
});
afterEach(async () => {
  await database.close();
  rmSync(dir, { recursive: true, force: true });
});

const DAY_1 = Date.UTC(2026, 0, 1, 23, 59, 59);
const DAY_2 = Date.UTC(2026, 0, 2, 0, 0, 1);

function add(timestamp: number, repo = "r"): Promise<void> {
  const row = {
    task_id: randomUUID(),
    timestamp,
    task_type: "linting",
    task_description: "d",
    repo,
    file_count: 0,
    estimated_tokens: 1,
    model_tier: "small",
    pool_type: "mahavishnu",
    routing_confidence: 0.9,
    complexity_score: 3,
    success: true,
    duration_seconds: 1,
    cost_estimate: 0,
    actual_cost: 0.5,
    metadata: '{"team":"a"}',
    updated_at: Date.now(),
    uploaded_at: Date.now(),
  };
  return database.writer.write(
    [{ append: "executions", row }],
    [{ table: "executions", day: new Date(timestamp).toISOString().slice(0, 10) }],
  );
}

async function rowsOf(file: string): Promise<unknown[]> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(`SELECT * FROM read_parquet('${file}')`)).getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

describe("a snapshot", () => {
  test("has one part per day whose name, hash, size and rows are true, and any tool can read it", async () => {
    const publisher = await start();
    await add(DAY_1);
    await add(DAY_2);
    await add(DAY_2 + 5);
    const manifest = await publisher.publish();
    expect(manifest).toMatchObject({ format: "poolwise-snapshot", version: 1, generation: 1 });
    const table = manifest.tables.executions;
    expect(table).toMatchObject({ rows: 3, min_timestamp: "2026-01-01T23:59:59.000Z" });
    expect(table?.parts.map((part) => [part.day, part.rows])).toEqual([
      ["2026-01-01", 1],
      ["2026-01-02", 2],
    ]);
    for (const part of table?.parts ?? []) {
      const bytes = readFileSync(join(folder, part.file));
      expect(bytes.length).toBe(part.bytes);
      expect(createHash("sha256").update(bytes).digest("hex")).toBe(part.sha256);
      const rows = await rowsOf(join(folder, part.file));
      expect(rows).toHaveLength(part.rows);
      expect(Object.keys(rows[0] as object)).toEqual(table?.columns.map((column) => column.name));
      expect(rows[0]).toMatchObject({ metadata: [{ key: "team", value: "a" }] });
      expect(rows[0]).not.toHaveProperty("embedding");
    }
    await publisher.stop();
  });

  test("stays at its generation when nothing changed, and a change replaces its own day only", async () => {
    const publisher = await start();
    await add(DAY_1);
    await add(DAY_2);
    const first = await publisher.publish();
    expect(await publisher.publish()).toBe(first);
    expect((await publisher.publish({ full: true })).generation).toBe(1);
    await add(DAY_2);
    const second = await publisher.publish();
    expect(second.generation).toBe(2);
    const day = (manifest: Manifest, index: number) => manifest.tables.executions?.parts[index]?.file;
    expect(day(second, 0)).toBe(day(first, 0));
    expect(day(second, 1)).not.toBe(day(first, 1));
    expect(published.map((manifest) => manifest.generation)).toEqual([1, 2]);
    await publisher.stop();
  });

  test("after a restart goes on where it was: the same generation, or only the days that changed meanwhile", async () => {
    const first = await start();
    await add(DAY_1);
    await add(DAY_2);
    const before = await first.publish();
    await first.stop();
    const second = await start();
    expect((await second.publish()).generation).toBe(before.generation);
    await second.stop();
    await add(DAY_1);
    const third = await start();
    const after = await third.publish();
    expect(after.generation).toBe(2);
    expect(after.tables.executions?.parts.map((part) => part.rows)).toEqual([2, 1]);
    await third.stop();
  });

  test("has only the parts in force in its folder, keeps those of kept generations aside and removes the rest", async () => {
    const publisher = await start();
    for (let i = 0; i < 4; i++) {
      await add(DAY_1);
      await publisher.publish();
    }
    const parts = (place: string) => readdirSync(place).filter((file) => file.startsWith("executions-"));
    expect(parts(folder)).toEqual([publisher.manifest?.tables.executions?.parts[0]?.file]);
    expect(parts(join(folder, "previous"))).toHaveLength(1);
    expect(readdirSync(folder).filter((file) => file.endsWith(".tmp"))).toEqual([]);
    await publisher.stop();
  });

  test("sets a damaged manifest aside and publishes anew", async () => {
    const first = await start();
    await add(DAY_1);
    await first.publish();
    await first.stop();
    writeFileSync(join(folder, "manifest.json"), "{ half");
    const second = await start();
    const anew = await second.publish();
    expect(anew.tables.executions?.rows).toBe(1);
    expect(anew.generation).toBe(2);
    expect(readFileSync(join(folder, "manifest.json.damaged"), "utf8")).toBe("{ half");
    await second.stop();
  });
});

describe("a report", () => {
  test.each([
    [{}, 3],
    [{ from: "2026-01-02" }, 2],
    [{ to: "2026-01-01" }, 1],
    [{ from: "2026-01-02T00:00:01Z", to: "2026-01-02T00:00:02Z" }, 1],
    [{ repo: "it's" }, 1],
    [{ repo: "none" }, 0],
  ])("of %j holds %i rows in every format", async (query, expected) => {
    await add(DAY_1);
    await add(DAY_2);
    await add(DAY_2 + 60_000, "it's");
    const reports = join(dir, "reports");
    expect(await rowsOf(await writeReport(database, reports, "executions", "parquet", query))).toHaveLength(
      expected,
    );
    const csv = readFileSync(await writeReport(database, reports, "executions", "csv", query), "utf8")
      .trim()
      .split("\n");
    expect(csv).toHaveLength(expected + 1);
    expect(
      JSON.parse(readFileSync(await writeReport(database, reports, "executions", "json", query), "utf8")),
    ).toHaveLength(expected);
  });
});
