import "server-only";
import type { DuckDBConnection } from "@duckdb/node-api";
import learning from "@/sql/migrations/0001_learning.sql";
import imports from "@/sql/migrations/0002_imports.sql";
import keeping from "@/sql/migrations/0003_keeping.sql";
import poolPerformance from "@/sql/views/pool_performance_mv.sql";
import solutionPatterns from "@/sql/views/solution_patterns_mv.sql";
import tierPerformance from "@/sql/views/tier_performance_mv.sql";

/** Append-only: the position is the schema version, so never reorder or edit what was released. */
const MIGRATIONS = [learning, imports, keeping];
const VIEWS = [tierPerformance, poolPerformance, solutionPatterns];

export const SCHEMA_VERSION = MIGRATIONS.length;

/** The file was written by a newer Poolwise. */
export class SchemaTooNew extends Error {
  override readonly name = "SchemaTooNew";
  constructor(found: number) {
    super(
      `The database has schema version ${found}, this Poolwise knows up to ${SCHEMA_VERSION}. ` +
        "Nothing was changed. Start the newer Poolwise, or restore a backup made by this one.",
    );
  }
}

/** Brings the schema to `SCHEMA_VERSION`, one transaction per step. */
export async function migrate(connection: DuckDBConnection): Promise<void> {
  await connection.run(
    "CREATE TABLE IF NOT EXISTS metadata (key VARCHAR PRIMARY KEY, value VARCHAR NOT NULL, updated_at TIMESTAMP NOT NULL)",
  );
  const found = await readVersion(connection);
  if (found > SCHEMA_VERSION) throw new SchemaTooNew(found);
  for (let version = found + 1; version <= SCHEMA_VERSION; version++) {
    await connection.run("BEGIN TRANSACTION");
    try {
      await connection.run(MIGRATIONS[version - 1] ?? "");
      await connection.run(
        "INSERT OR REPLACE INTO metadata VALUES ('schema_version', $version, make_timestamp(epoch_us(now())))",
        { version: String(version) },
      );
      await connection.run("COMMIT");
    } catch (error) {
      await connection.run("ROLLBACK").catch(() => undefined);
      throw error;
    }
  }
  for (const view of VIEWS) await connection.run(view);
}

async function readVersion(connection: DuckDBConnection): Promise<number> {
  const reader = await connection.runAndReadAll("SELECT value FROM metadata WHERE key = 'schema_version'");
  return Number(reader.getRows()[0]?.[0] ?? 0);
}
