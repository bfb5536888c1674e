import { mkdirSync } from "node:fs";
import { join } from "node:path";
import pino from "pino";
import type { Database } from "@/server/database/database";
import { openDatabase } from "@/server/database/open";
import { Publisher } from "@/server/snapshots/publisher";
import fillSql from "./fill-executions.sql";
import { progress, timed } from "./measure";

export const DAYS = 30;
const DAY_MS = 86_400_000;
/** The last moment of the history: a midnight, so that there are exactly `DAYS` day parts. */
export const END_MS = Date.UTC(2026, 5, 1);
export const START_MS = END_MS - DAYS * DAY_MS;

export type History = { database: Database; snapshots: string };

/** Opens a database in the folder that holds `rows` executions of thirty days; the caller closes it. */
export async function openHistory(folder: string, rows: number): Promise<History> {
  const snapshots = join(folder, "snapshots");
  mkdirSync(snapshots);
  const database = await openDatabase({ file: join(folder, "learning.db"), allowedDirectories: [snapshots] });
  const values = { rows, days: DAYS, end_ms: END_MS };
  const ms = await timed(() => database.writer.write([{ sql: fillSql, values }]));
  progress(`made ${rows.toLocaleString("en")} executions of ${DAYS} days in ${(ms / 1_000).toFixed(1)} s`);
  return { database, snapshots };
}

export function openPublisher(database: Database, folder: string): Promise<Publisher> {
  return Publisher.start(database, {
    folder,
    compression: "zstd",
    keepVersions: 10,
    logger: pino({ level: "silent" }),
    onPublished: () => undefined,
  });
}
