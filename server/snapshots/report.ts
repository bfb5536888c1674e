import "server-only";
import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ReportFormat, ReportName, ReportQuery } from "@/lib/shape/report";
import decisions from "@/sql/report/routing_decisions.sql";
import executions from "@/sql/report/executions.sql";
import pools from "@/sql/report/pools.sql";
import tasks from "@/sql/report/tasks.sql";
import type { Database } from "../database/database";

const STATEMENTS: Record<ReportName, string> = { executions, routing_decisions: decisions, tasks, pools };
const FORMATS: Record<ReportFormat, string> = {
  parquet: "FORMAT parquet, COMPRESSION zstd",
  csv: "FORMAT csv, HEADER",
  json: "FORMAT json, ARRAY true",
};
const BARE_DATE = /^\d{4}-\d{2}-\d{2}$/;
const DAY_MS = 86_400_000;

/** Writes a report of the live database to a new file in `folder` and returns its path; the caller removes it. */
export async function writeReport(
  database: Database,
  folder: string,
  name: ReportName,
  format: ReportFormat,
  query: ReportQuery,
): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}-${randomUUID()}.${format}`);
  const values = {
    from_ms: query.from === undefined ? null : Date.parse(query.from),
    to_ms: query.to === undefined ? null : Date.parse(query.to) + (BARE_DATE.test(query.to) ? DAY_MS : 0),
    repo: query.repo ?? null,
  };
  await database.export(
    `COPY (${STATEMENTS[name]}) TO '${file.replaceAll("'", "''")}' (${FORMATS[format]})`,
    values,
  );
  return file;
}
