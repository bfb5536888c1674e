import "server-only";
import { z } from "zod";
import columnsSql from "@/sql/keeping/columns.sql";
import type { Database } from "../database/database";

/** Number of rows and a checksum over all their values; the same rows in another order have the same. */
export type RowSum = { rows: number; sum: string };
export type Column = { name: string; type: string };

type Run = Database["export"];

const rowSum = z.object({ rows: z.number(), sum: z.string() });
const columnRow = z.object({ table: z.string(), name: z.string(), type: z.string() });

/** Columns of every table, by table. */
export async function tableColumns(run: Run): Promise<Map<string, Column[]>> {
  const tables = new Map<string, Column[]>();
  for (const { table, ...column } of z.array(columnRow).parse(await run(columnsSql))) {
    tables.set(table, [...(tables.get(table) ?? []), column]);
  }
  return tables;
}

/**
 * SELECT of a row sum. The hash is DuckDB's own, which another version may compute differently, so sums are compared
 * within a run and never stored. Values are cast, because Parquet gives some types back as others.
 */
export function rowSumSql(columns: Column[], from: string): string {
  const values = columns.map(({ name, type }) => `${identifier(name)}::${type}`).join(", ");
  return `SELECT count(*)::DOUBLE AS rows, coalesce(sum(hash(${values})), 0)::VARCHAR AS sum FROM ${from}`;
}

export async function readRowSum(run: Run, columns: Column[], from: string): Promise<RowSum> {
  const [row] = await run(rowSumSql(columns, from));
  return rowSum.parse(row);
}

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Path or text as an SQL literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
