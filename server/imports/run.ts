import "server-only";
import { randomUUID } from "node:crypto";
import {
  IMPORT_BATCH_ROWS,
  type ImportBatchInput,
  type ImportBatchResult,
  type ImportReject,
  type ImportRow,
  type ImportSums,
} from "@/lib/shape/import";
import type { ImportItems } from "./item";

/** Sends one batch to the API; see `POST /api/imports/rows`. */
export type SendBatch = (batch: ImportBatchInput) => Promise<ImportBatchResult>;

export type ImportReport = {
  import_id: string;
  source: string;
  dry_run: boolean;
  /** What the source has: read = inserted + already_there + repeated + rejected. */
  read: number;
  inserted: number;
  already_there: number;
  /** Rows that the source itself has more than once. */
  repeated: number;
  rejected: number;
  /** The first of them; all are in the table import_rejects. */
  first_rejects: ImportReject[];
  notes: { note: string; count: number }[];
  sums: {
    /** Of the rows that were read and kept every rule. */
    read: ImportSums;
    /** Of those rows as the database has them now. */
    in_database: ImportSums;
  };
};

const FIRST_REJECTS = 20;
// Half of the default limit of a request, for rows with long texts or embeddings.
const BATCH_BYTES = 4_000_000;
const ROW_BYTES = 1_000;

/** Sends everything a reader finds, in batches, and counts it all. */
export async function runImport(
  items: ImportItems,
  { source, dryRun, send }: { source: string; dryRun: boolean; send: SendBatch },
): Promise<ImportReport> {
  const run = new Run(source, dryRun, send);
  for await (const item of items) {
    if ("row" in item) await run.row(item.row);
    else if ("reject" in item) await run.reject(item.reject);
    else run.note(item.note);
  }
  return run.finish();
}

class Run {
  private readonly importId = randomUUID();
  private readonly seen = new Set<string>();
  private readonly notes = new Map<string, number>();
  private readonly read = noSums();
  private readonly inDatabase = noSums();
  private readonly firstRejects: ImportReject[] = [];
  private readonly counts = { read: 0, inserted: 0, already_there: 0, repeated: 0, rejected: 0 };
  private rows: ImportRow[] = [];
  private rejects: ImportReject[] = [];
  private bytes = 0;
  private inFlight: Promise<void> = Promise.resolve();

  constructor(
    private readonly source: string,
    private readonly dryRun: boolean,
    private readonly send: SendBatch,
  ) {}

  async row(row: ImportRow): Promise<void> {
    this.counts.read += 1;
    if (this.seen.has(row.task_id)) {
      this.counts.repeated += 1;
      return;
    }
    this.seen.add(row.task_id);
    addSums(this.read, sumsOf(row));
    this.rows.push(row);
    this.bytes += ROW_BYTES + sizeOf(row);
    await this.flushWhenFull();
  }

  async reject(reject: ImportReject): Promise<void> {
    this.counts.read += 1;
    this.rejects.push(reject);
    if (this.firstRejects.length < FIRST_REJECTS) this.firstRejects.push(reject);
    await this.flushWhenFull();
  }

  note(note: string): void {
    this.notes.set(note, (this.notes.get(note) ?? 0) + 1);
  }

  async finish(): Promise<ImportReport> {
    await this.flush();
    await this.inFlight;
    return {
      import_id: this.importId,
      source: this.source,
      dry_run: this.dryRun,
      ...this.counts,
      first_rejects: this.firstRejects,
      notes: [...this.notes].map(([note, count]) => ({ note, count })),
      sums: { read: this.read, in_database: this.inDatabase },
    };
  }

  private async flushWhenFull(): Promise<void> {
    const full =
      this.rows.length >= IMPORT_BATCH_ROWS ||
      this.rejects.length >= IMPORT_BATCH_ROWS ||
      this.bytes >= BATCH_BYTES;
    if (full) await this.flush();
  }

  private async flush(): Promise<void> {
    const { rows, rejects } = this;
    if (rows.length === 0 && rejects.length === 0) return;
    this.rows = [];
    this.rejects = [];
    this.bytes = 0;
    await this.inFlight;
    // The next batch is read while this one is being stored.
    this.inFlight = this.deliver(rows, rejects);
    this.inFlight.catch(() => undefined);
  }

  private async deliver(rows: ImportRow[], rejects: ImportReject[]): Promise<void> {
    const { importId: import_id, source, dryRun: dry_run } = this;
    const result = await this.send({ import_id, source, rows, rejects, dry_run });
    this.counts.inserted += result.inserted;
    this.counts.already_there += result.already_there;
    this.counts.rejected += result.rejected;
    addSums(this.inDatabase, result.in_database);
  }
}

export function noSums(): ImportSums {
  return { rows: 0, cost_usd: 0, input_tokens: 0, output_tokens: 0, cache_tokens: 0, duration_seconds: 0 };
}

function addSums(to: ImportSums, from: ImportSums): void {
  for (const key of Object.keys(to) as (keyof ImportSums)[]) to[key] += from[key];
}

function sumsOf(row: ImportRow): ImportSums {
  return {
    rows: 1,
    cost_usd: row.actual_cost,
    input_tokens: row.input_tokens ?? 0,
    output_tokens: row.output_tokens ?? 0,
    cache_tokens: numberOf(row.metadata?.cache_read_tokens) + numberOf(row.metadata?.cache_write_tokens),
    duration_seconds: row.duration_seconds,
  };
}

function numberOf(value: unknown): number {
  const number = typeof value === "number" || typeof value === "string" ? Number(value) : 0;
  return Number.isFinite(number) ? number : 0;
}

/** About how many bytes the long parts of a row take as JSON. */
function sizeOf({
  embedding,
  metadata,
  solution_summary,
  task_description,
  error_message,
}: ImportRow): number {
  const texts = [solution_summary, task_description, error_message].reduce(
    (sum, text) => sum + (text?.length ?? 0),
    0,
  );
  return (
    2 * texts + 22 * (embedding?.length ?? 0) + (metadata === null ? 0 : JSON.stringify(metadata).length)
  );
}
