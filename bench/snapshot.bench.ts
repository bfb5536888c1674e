// Publishing a snapshot, against a bare COPY of the same rows to Parquet.
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Database } from "@/server/database/database";
import type { Publisher } from "@/server/snapshots/publisher";
import executionsSql from "@/sql/snapshot/executions.sql";
import { DAYS, openHistory, openPublisher, START_MS, type History } from "./history";
import { alternate, isQuick, median, ms, reportDuration, timed } from "./measure";
import { withTempFolder } from "./temp-folder";

const ROWS = isQuick ? 30_000 : 200_000;
const ROUNDS = isQuick ? 2 : 5;
const DAY_ROUNDS = isQuick ? 3 : 15;
// As the publisher writes its parts.
const PARQUET = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 30720";
const DAY_MS = 86_400_000;
const CHANGED_DAY = dayAt(DAYS - 1);

await withTempFolder(async (folder) => {
  const history = await openHistory(folder, ROWS);
  try {
    await measureFull(history);
    await measureChangedDay(history);
  } finally {
    await history.database.close();
  }
});

async function measureFull({ database, snapshots }: History): Promise<void> {
  let run = 0;
  const measured = await alternate(ROUNDS, {
    copy: () => timeCopy(database, snapshots, [{}]),
    dailyCopies: () =>
      timeCopy(
        database,
        snapshots,
        Array.from({ length: DAYS }, (_, index) => ({ day: dayAt(index) })),
      ),
    publish: async () => {
      run += 1;
      const folder = join(snapshots, `full-${run}`);
      const publisher = await openPublisher(database, folder);
      const took = await timed(() => publisher.publish({ full: true }));
      await publisher.stop();
      rmSync(folder, { recursive: true });
      return took;
    },
  });
  reportDuration({
    what: `full snapshot, ${ROWS.toLocaleString("en")} rows, ${DAYS} days`,
    unit: "ms",
    figures: measured.publish,
    raws: measured.copy,
    rawWhat: "one COPY of the same SELECT into one file",
    note: `${DAYS} COPYs, one per day, without hashing and syncing: ${ms(median(measured.dailyCopies))}`,
  });
}

async function measureChangedDay({ database, snapshots }: History): Promise<void> {
  const publisher = await openPublisher(database, join(snapshots, "kept"));
  await publisher.publish();
  const measured = await alternate(DAY_ROUNDS, {
    copy: () => timeCopy(database, snapshots, [{ day: CHANGED_DAY }]),
    publish: () => timeChange(database, publisher),
  });
  await publisher.stop();
  reportDuration({
    what: `one changed day, ${Math.round(ROWS / DAYS).toLocaleString("en")} rows`,
    unit: "ms",
    figures: measured.publish,
    raws: measured.copy,
    rawWhat: "one COPY of that day",
  });
}

/** Milliseconds of COPYs of the publisher's own SELECT: of the given days, or without a day of everything. */
async function timeCopy(database: Database, folder: string, values: { day?: string }[]): Promise<number> {
  const file = join(folder, "copy.parquet");
  const everything = executionsSql.replace(/WHERE[\s\S]*?(?=ORDER BY)/, "");
  if (everything === executionsSql)
    throw new Error("The SELECT of the snapshot has no WHERE to leave out any more.");
  const took = await timed(async () => {
    for (const value of values) {
      const select = value.day === undefined ? everything : executionsSql;
      await database.export(`COPY (${select}) TO '${file}' (${PARQUET})`, { ...value });
    }
  });
  rmSync(file);
  return took;
}

/** Milliseconds of publishing after one row of a day has changed. */
async function timeChange(database: Database, publisher: Publisher): Promise<number> {
  const before = publisher.manifest?.generation ?? 0;
  const sql =
    "UPDATE executions SET exit_code = $change WHERE task_id = (SELECT min(task_id) FROM executions WHERE timestamp >= $day::DATE AND timestamp < $day::DATE + INTERVAL 1 DAY)";
  // No program of the history ended with such a code, so the part is never the same as before.
  const values = { change: 1_000 + before, day: CHANGED_DAY };
  await database.writer.write([{ sql, values }], [{ table: "executions", day: CHANGED_DAY }]);
  const took = await timed(() => publisher.publish());
  if (publisher.manifest?.generation === before) throw new Error("The changed day was not published.");
  return took;
}

function dayAt(index: number): string {
  return new Date(START_MS + index * DAY_MS).toISOString().slice(0, 10);
}
