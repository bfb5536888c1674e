import "server-only";
import { createHash } from "node:crypto";
import { z } from "zod";
import { invalid } from "@/lib/errors";
import {
  importBatchSchema,
  importSumsSchema,
  type ImportBatchResult,
  type ImportReject,
  type ImportRow,
  type ImportSums,
} from "@/lib/shape/import";
import insertRejectsSql from "@/sql/import/insert_rejects.sql";
import presentSql from "@/sql/import/present.sql";
import sumsSql from "@/sql/import/sums.sql";
import type { Database } from "../database/database";
import type { Row } from "../database/tables";
import type { WriteOperation } from "../database/writer";
import { utcDay } from "../telemetry/outcome";
import { fieldErrors } from "./plan";

type Batch = z.infer<typeof importBatchSchema>;

const presentRows = z.array(z.object({ task_id: z.string() }));
const NO_SUMS: ImportSums = {
  rows: 0,
  cost_usd: 0,
  input_tokens: 0,
  output_tokens: 0,
  cache_tokens: 0,
  duration_seconds: 0,
};

/** Takes in executions from elsewhere, batch by batch. A row whose id is there already is left as it is. */
export class ImportService {
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly now: () => number = Date.now,
  ) {}

  /** Stores one batch whole, or nothing of it. @throws PoolwiseError 422 naming each field that breaks a rule */
  rows(input: unknown): Promise<ImportBatchResult> {
    const parsed = importBatchSchema.safeParse(input);
    if (!parsed.success) throw invalid(fieldErrors(parsed.error));
    // One after the other: two batches with the same row would both count it as new.
    const result = this.last.then(() => this.store(parsed.data));
    this.last = result.catch(() => undefined);
    return result;
  }

  private async store(batch: Batch): Promise<ImportBatchResult> {
    const rows = [...new Map(batch.rows.map((row) => [row.task_id.toLowerCase(), row])).values()];
    const present = await this.present(rows);
    const fresh = rows.filter((row) => !present.has(row.task_id.toLowerCase()));
    if (!batch.dry_run) await this.write(batch, fresh);
    return {
      inserted: fresh.length,
      already_there: batch.rows.length - fresh.length,
      rejected: batch.rejects.length,
      in_database: await this.sums(rows),
    };
  }

  private async write(batch: Batch, rows: ImportRow[]): Promise<void> {
    const at = this.now();
    const operations: WriteOperation[] = rows.map((row) => ({ append: "executions", row: toRow(row, at) }));
    if (batch.rejects.length > 0) operations.push(rejectOperation(batch, at));
    if (operations.length === 0) return;
    const days = new Set(rows.map((row) => utcDay(row.timestamp)));
    await this.database.writer.write(
      operations,
      [...days].map((day) => ({ table: "executions", day })),
    );
  }

  private async present(rows: ImportRow[]): Promise<Set<string>> {
    if (rows.length === 0) return new Set();
    const found = presentRows.parse(await this.database.read(presentSql, { ids: idList(rows) }));
    return new Set(found.map(({ task_id }) => task_id));
  }

  private async sums(rows: ImportRow[]): Promise<ImportSums> {
    if (rows.length === 0) return NO_SUMS;
    const [sums] = await this.database.read(sumsSql, { ids: idList(rows) });
    return importSumsSchema.parse(sums);
  }
}

function idList(rows: ImportRow[]): string {
  return rows.map((row) => row.task_id).join(",");
}

/** `updated_at` is when the row came in here, so that a snapshot of its day is cut again even after a crash. */
function toRow(row: ImportRow, at: number): Row {
  const { embedding, metadata, uploaded_at, ...columns } = row;
  return {
    ...columns,
    embedding: embedding === null ? null : JSON.stringify(embedding),
    metadata: metadata === null ? null : JSON.stringify(metadata),
    uploaded_at: uploaded_at ?? at,
    updated_at: at,
  };
}

function rejectOperation({ import_id, source, rejects }: Batch, at: number): WriteOperation {
  const list = rejects.map((reject) => ({ reject_id: rejectId(source, reject), ...reject }));
  return { sql: insertRejectsSql, values: { import_id, source, at_ms: at, rejects: JSON.stringify(list) } };
}

/** A hash in the form of a UUID (version 8). */
function rejectId(source: string, { reference, reason }: ImportReject): string {
  const hex = createHash("sha256")
    .update(JSON.stringify([source, reference, reason]))
    .digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
