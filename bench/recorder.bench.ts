// Executions recorded per second, each awaited until it is on disk, against the bare appender of DuckDB.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import pino from "pino";
import type { Database } from "@/server/database/database";
import { openDatabase } from "@/server/database/open";
import type { Row } from "@/server/database/tables";
import type { WriteOperation } from "@/server/database/writer";
import { Recorder } from "@/server/telemetry/recorder";
import { makeExecutionRows, touchedByRow } from "./execution-rows";
import { alternate, isQuick, median, ms, percentile, progress, reportRate } from "./measure";
import {
  appendAll,
  insertRow,
  openRawDatabase,
  prepareInsert,
  toChunks,
  type RawDatabase,
} from "./raw-database";
import { withTempFolder } from "./temp-folder";

const ROWS = isQuick ? 10_000 : 50_000;
const ROUNDS = isQuick ? 2 : 5;
const CALLERS = [1, 100, 1_000];
const CALLERS_MS = isQuick ? 500 : 4_000;
const OUTCOMES = isQuick ? 500 : 3_000;
const OUTCOMES_AT_ONCE = 500;
const DELAY_RESOLUTION_MS = 5;

const rows = makeExecutionRows(ROWS);
const chunks = toChunks(rows);

progress(`${ROWS.toLocaleString("en")} rows into an empty database, ${ROUNDS} rounds`);
const bulk = await alternate(ROUNDS, {
  raw: () => withRaw(async ({ connection }) => perSecond(ROWS, () => appendAll(connection, chunks))),
  rows1000: () => withOurs((database) => perSecond(ROWS, () => writeEachRow(database, 1_000))),
  batch1000: () => withOurs((database) => perSecond(ROWS, () => writeBatches(database, 1_000))),
  rows5000: () => withOurs((database) => perSecond(ROWS, () => writeEachRow(database, 5_000))),
  batch5000: () => withOurs((database) => perSecond(ROWS, () => writeBatches(database, 5_000))),
});
const ceiling = {
  unit: "rows/s",
  raw: median(bulk.raw),
  rawWhat: "prepared chunks, one appender, one transaction",
};
reportRate({ ...ceiling, what: "1,000 at once, a write() per row", figure: median(bulk.rows1000) });
reportRate({ ...ceiling, what: "1,000 in one write()", figure: median(bulk.batch1000) });
reportRate({ ...ceiling, what: "5,000 at once, a write() per row", figure: median(bulk.rows5000) });
reportRate({ ...ceiling, what: "5,000 in one write()", figure: median(bulk.batch5000) });

progress("callers that each wait for their own commit before the next");
const alone = await withRaw(insertOneByOne);
for (const callers of CALLERS) {
  const { rate, p50, p99, delayP99 } = await withOurs((database) => closedLoop(database, callers));
  const note = `p50 ${ms(p50)}, p99 ${ms(p99)}; event loop delay p99 ${ms(delayP99)}`;
  const what =
    callers === 1
      ? "one caller, awaiting each commit"
      : `${callers.toLocaleString("en")} callers, awaiting each commit`;
  if (callers === 1) {
    reportRate({
      what,
      unit: "rows/s",
      figure: rate,
      raw: alone,
      rawWhat: "prepared INSERT, autocommit",
      note,
    });
  } else {
    const times = (rate / alone).toFixed(0);
    reportRate({
      ...ceiling,
      what,
      figure: rate,
      note: `${note}; ${times} times a prepared INSERT with autocommit`,
    });
  }
}

progress("outcomes: the execution's row, and its task's row brought up to date in the same commit");
const outcomes = await withOurs(recordOutcomes);
reportRate({
  ...ceiling,
  what: `${OUTCOMES_AT_ONCE} outcomes at once (row and task)`,
  unit: "outcomes/s",
  figure: outcomes,
});

function withOurs<T>(job: (database: Database, folder: string) => Promise<T>): Promise<T> {
  return withTempFolder(async (folder) => {
    const database = await openDatabase({ file: join(folder, "learning.db"), allowedDirectories: [] });
    try {
      return await job(database, folder);
    } finally {
      await database.close();
    }
  });
}

function withRaw<T>(job: (raw: RawDatabase) => Promise<T>): Promise<T> {
  return withTempFolder(async (folder) => {
    const raw = await openRawDatabase(join(folder, "raw.db"));
    try {
      return await job(raw);
    } finally {
      raw.close();
    }
  });
}

async function perSecond(count: number, job: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await job();
  return count / ((performance.now() - started) / 1_000);
}

async function writeEachRow(database: Database, size: number): Promise<void> {
  for (const batch of batches(size)) {
    await Promise.all(batch.map((row) => database.writer.write([append(row)], touchedByRow(row))));
  }
}

async function writeBatches(database: Database, size: number): Promise<void> {
  for (const batch of batches(size))
    await database.writer.write(batch.map(append), batch.flatMap(touchedByRow));
}

function batches(size: number): Row[][] {
  return Array.from({ length: Math.ceil(ROWS / size) }, (_, index) =>
    rows.slice(index * size, (index + 1) * size),
  );
}

function append(row: Row): WriteOperation {
  return { append: "executions", row };
}

async function insertOneByOne({ connection }: RawDatabase): Promise<number> {
  const statement = await prepareInsert(connection);
  const started = performance.now();
  let written = 0;
  while (performance.now() < started + CALLERS_MS) {
    await insertRow(statement, nextRow(written));
    written += 1;
  }
  const seconds = (performance.now() - started) / 1_000;
  statement.destroySync();
  return written / seconds;
}

function nextRow(index: number): Row {
  return { ...rows[index % rows.length], task_id: randomUUID() };
}

async function closedLoop(database: Database, callers: number) {
  const latencies: number[] = [];
  const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
  const started = performance.now();
  const until = started + CALLERS_MS;
  const call = async () => {
    for (let now = performance.now(); now < until; now = performance.now()) {
      const row = nextRow(latencies.length);
      await database.writer.write([append(row)], touchedByRow(row));
      latencies.push(performance.now() - now);
    }
  };
  delay.enable();
  await Promise.all(Array.from({ length: callers }, call));
  delay.disable();
  return {
    rate: latencies.length / ((performance.now() - started) / 1_000),
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    // The histogram holds the time between two looks, of which the resolution is meant to pass.
    delayP99: Math.max(0, delay.percentile(99) / 1e6 - DELAY_RESOLUTION_MS),
  };
}

/** What the server writes when a task ends, many of them at the same time. */
async function recordOutcomes(database: Database, folder: string): Promise<number> {
  const recorder = new Recorder(database, join(folder, "spool"), pino({ level: "silent" }), true);
  const executions = rows.slice(0, OUTCOMES);
  await database.writer.write(executions.map((row) => ({ append: "tasks", row: queuedTask(row) })));
  return perSecond(OUTCOMES, async () => {
    for (let start = 0; start < OUTCOMES; start += OUTCOMES_AT_ONCE) {
      const batch = executions.slice(start, start + OUTCOMES_AT_ONCE);
      await Promise.all(
        batch.map((execution) => recorder.record({ execution, task: finishedTask(execution) })),
      );
    }
  });
}

function queuedTask(execution: Row): Row {
  const { task_id, timestamp, task_type, repo, decision_id } = execution;
  return {
    task_id,
    created_at: timestamp,
    updated_at: timestamp,
    queued_at: timestamp,
    status: "queued",
    type: task_type,
    prompt: String(execution.task_description),
    repo,
    files: "[]",
    worker_type: "command",
    tier: "small",
    pool_id: "pool_local",
    pool_name: "local",
    strategy: "least_loaded",
    priority: 0,
    attempt: 0,
    interruptions: 0,
    retries: 0,
    timeout_seconds: 300,
    metadata: "{}",
    decision_id,
    output_bytes: 0,
  };
}

function finishedTask(execution: Row): Row & { task_id: string } {
  const { timestamp, exit_code, error_type, error_message, solution_summary, quality_score } = execution;
  return {
    task_id: String(execution.task_id),
    updated_at: timestamp,
    attempt: 1,
    interruptions: 0,
    pool_id: "pool_local",
    pool_name: "local",
    exit_code,
    error_type,
    error_message,
    output_bytes: 420,
    status: error_type === null ? "succeeded" : "failed",
    waiting_reason: null,
    finished_at: timestamp,
    summary: solution_summary,
    quality_score,
    cost_usd: 0,
    duration_seconds: execution.duration_seconds,
    cpu_time_seconds: execution.cpu_time_seconds,
    peak_memory_mb: execution.peak_memory_mb,
  };
}
