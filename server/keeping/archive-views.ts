import "server-only";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Database } from "../database/database";
import { listArchives } from "./archive-folder";
import { EXPIRING } from "./expiry";
import { literal } from "./row-sum";

/**
 * `archived_<table>` reads the registered archive files of a table, so that any query can ask for old months or put
 * them together with `UNION ALL BY NAME`. Without files it is empty. Files that are missing or damaged are left out,
 * since they must not keep the server from starting; `doctor` names them.
 */
export async function refreshArchiveViews(database: Database, folder: string): Promise<void> {
  const archives = await listArchives((sql) => database.export(sql));
  for (const { name } of EXPIRING) {
    const paths = archives
      .filter(({ table, file }) => table === name && existsSync(join(folder, file)))
      .map(({ file }) => join(folder, file));
    try {
      await createView(database, name, paths);
    } catch {
      await createView(database, name, await readable(database, paths));
    }
  }
}

async function createView(database: Database, table: string, paths: string[]): Promise<void> {
  const rows =
    paths.length === 0
      ? `FROM ${table} WHERE false`
      : `FROM read_parquet([${paths.map(literal).join(", ")}], union_by_name = true)`;
  await database.export(`CREATE OR REPLACE VIEW archived_${table} AS ${rows}`);
}

async function readable(database: Database, paths: string[]): Promise<string[]> {
  const found: string[] = [];
  for (const path of paths) {
    const rows = await database.export(`DESCRIBE FROM read_parquet(${literal(path)})`).catch(() => []);
    if (rows.length > 0) found.push(path);
  }
  return found;
}
