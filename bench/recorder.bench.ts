// Executions recorded per second, each awaited until it is on disk, against the bare appender of DuckDB.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Database } from "@/server/database/database";
import { openDatabase } from "@/server/database/open";
import type { Row } from "@/server/database/tables";
import type { WriteOperation } from "@/server/database/writer";
import { outcomeOperations, touchedBy } from "@/server/telemetry/outcome";
import { makeExecutionRows, touchedByRow } from "./execution-rows";
import { alternate, isQuick, median, ms, percentile, progress, reportRate, type Comparison } from "./measure";
import {
  appendAll,
  appendEach,
  insertRow,
  openRawDatabase,
  prepareInsert,
  toChunks,
  type RawDatabase,
} from "./raw-database";
import { finishedTask, queuedTask } from "./task-rows";
import { withTempFolder } from "./temp-folder";

const ROWS = isQuick ? 10_000 : 50_000;
const ROUNDS = isQuick ? 2 : 5;
const CALLERS = [100, 1_000];
const CALLERS_MS = isQuick ? 300 : 3_000;
const OUTCOMES = isQuick ? 500 : 3_000;
const OUTCOMES_AT_ONCE = 500;
const DELAY_RESOLUTION_MS = 5;

const rows = makeExecutionRows(ROWS);
const chunks = toChunks(rows);
const chunksOf1000 = toChunks(rows, 1_000);

const appender = await measureBulk();
await measureCallers(appender);
await measureOutcomes(appender);

/** What the bare appender does, which the other figures are compared with as well. */
type Ceiling = Pick<Comparison, "unit" | "raws" | "rawWhat">;

async function measureBulk(): Promise<Ceiling> {
  progress(`${ROWS.toLocaleString("en")} rows into an empty database, ${ROUNDS} rounds`);
  const measured = await alternate(ROUNDS, {
    raw: () => withRaw(({ connection }) => perSecond(ROWS, () => appendAll(connection, chunks))),
    raw1000: () => withRaw(({ connection }) => perSecond(ROWS, () => appendEach(connection, chunksOf1000))),
    rows1000: () => withOurs((database) => perSecond(ROWS, () => writeEachRow(database, 1_000))),
    batch1000: () => withOurs((database) => perSecond(ROWS, () => writeBatches(database, 1_000))),
    rows5000: () => withOurs((database) => perSecond(ROWS, () => writeEachRow(database, 5_000))),
    batch5000: () => withOurs((database) => perSecond(ROWS, () => writeBatches(database, 5_000))),
  });
  const ceiling = {
    unit: "rows/s",
    raws: measured.raw,
    rawWhat: "prepared chunks, one appender, one transaction",
  };
  const perThousand = Math.round(median(measured.raw1000)).toLocaleString("en");
  const note = `the bare appender with a commit per 1,000 rows: ${perThousand} rows/s`;
  reportRate({
    ...ceiling,
    what: "1,000 at once, a write() per row",
    figures: measured.rows1000,
    note,
  });
  reportRate({ ...ceiling, what: "1,000 in one write()", figures: measured.batch1000 });
  reportRate({ ...ceiling, what: "5,000 at once, a write() per row", figures: measured.rows5000 });
  reportRate({ ...ceiling, what: "5,000 in one write()", figures: measured.batch5000 });
  return ceiling;
}

async function measureCallers(ceiling: Ceiling): Promise<void> {
  progress("callers that each wait for their own commit before the next");
  const loops: Loop[] = [];
  const single = await alternate(ROUNDS, {
    raw: () => withRaw(insertOneByOne),
    ours: async () => {
      const loop = await withOurs((database) => closedLoop(database, 1));
      loops.push(loop);
      return loop.rate;
    },
  });
  const insert = median(single.raw);
  reportRate({
    what: "1 caller, awaiting each commit",
    unit: "rows/s",
    figures: single.ours,
    raws: single.raw,
    rawWhat: "prepared INSERT, autocommit",
    note: waits(loops),
  });
  for (const callers of CALLERS) {
    const loop = await withOurs((database) => closedLoop(database, callers));
    const times = (loop.rate / insert).toFixed(0);
    reportRate({
      ...ceiling,
      what: `${callers.toLocaleString("en")} callers, awaiting each commit`,
      figures: [loop.rate],
      note: `${waits([loop])}; ${times} times a prepared INSERT with autocommit`,
    });
  }
}

function waits(loops: Loop[]): string {
  const of = (key: keyof Loop) => ms(median(loops.map((loop) => loop[key])));
  return `p50 ${of("p50")}, p99 ${of("p99")}; event loop delay p99 ${of("delayP99")}`;
}

/** What the server writes when a task ends: the execution's row, and its task's row brought up to date with it. */
async function measureOutcomes(ceiling: Ceiling): Promise<void> {
  progress(`outcomes of ${OUTCOMES.toLocaleString("en")} tasks`);
  const figures = [await withOurs(recordOutcomes)];
  reportRate({ ...ceiling, what: `${OUTCOMES_AT_ONCE} outcomes at once (row and task)`, figures });
}

function withOurs<T>(job: (database: Database) => Promise<T>): Promise<T> {
  return withTempFolder(async (folder) => {
    const database = await openDatabase({ file: join(folder, "learning.db"), allowedDirectories: [] });
    try {
      return await job(database);
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

/** Rows per second, and milliseconds. */
type Loop = { rate: number; p50: number; p99: number; delayP99: number };

async function closedLoop(database: Database, callers: number): Promise<Loop> {
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

async function recordOutcomes(database: Database): Promise<number> {
  const executions = rows.slice(0, OUTCOMES);
  await database.writer.write(executions.map((row) => ({ append: "tasks", row: queuedTask(row) })));
  return perSecond(OUTCOMES, async () => {
    for (let start = 0; start < OUTCOMES; start += OUTCOMES_AT_ONCE) {
      const batch = executions.slice(start, start + OUTCOMES_AT_ONCE);
      await Promise.all(batch.map((execution) => writeOutcome(database, execution)));
    }
  });
}

/** As the recorder hands an outcome to the writer. */
function writeOutcome(database: Database, execution: Row): Promise<void> {
  const outcome = { execution, task: finishedTask(execution) };
  return database.writer.write(outcomeOperations(outcome), touchedBy(outcome));
}
