import { availableParallelism } from "node:os";
import {
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBConnection,
  type DuckDBPreparedStatement,
} from "@duckdb/node-api";
import { migrate } from "@/server/database/migrate";
import { encode, LAYOUTS, type Row } from "@/server/database/tables";

/** A chunk is one vector of DuckDB, which holds no more. */
const CHUNK_ROWS = 2_048;
const { columns, kinds, types, insert } = LAYOUTS.executions;

/** A database file of the same schema and settings as the server's, with nothing of ours in between. */
export type RawDatabase = { connection: DuckDBConnection; close: () => void };

export async function openRawDatabase(file: string): Promise<RawDatabase> {
  const instance = await DuckDBInstance.create(file, {
    threads: String(availableParallelism()),
    checkpoint_threshold: "64MB",
  });
  const connection = await instance.connect();
  await migrate(connection);
  return {
    connection,
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** Rows in DuckDB's own memory layout, ready to be handed over. */
export function toChunks(rows: readonly Row[], size = CHUNK_ROWS): DuckDBDataChunk[] {
  const chunks: DuckDBDataChunk[] = [];
  for (let start = 0; start < rows.length; start += size) {
    const slice = rows.slice(start, start + size);
    const chunk = DuckDBDataChunk.create(types, slice.length);
    for (const [index, column] of columns.entries()) {
      const kind = kinds[index] ?? "text";
      chunk.setColumnValues(
        index,
        slice.map((row) => encode(kind, row[column])),
      );
    }
    chunks.push(chunk);
  }
  return chunks;
}

/** The fastest durable way in that the driver has: one appender, one transaction. */
export async function appendAll(
  connection: DuckDBConnection,
  chunks: readonly DuckDBDataChunk[],
): Promise<void> {
  await connection.run("BEGIN TRANSACTION");
  const appender = await connection.createAppender("executions");
  for (const chunk of chunks) appender.appendDataChunk(chunk);
  appender.closeSync();
  await connection.run("COMMIT");
}

/** The same with a commit after each chunk, which is what it costs that no row waits for the last one. */
export async function appendEach(
  connection: DuckDBConnection,
  chunks: readonly DuckDBDataChunk[],
): Promise<void> {
  const appender = await connection.createAppender("executions");
  for (const chunk of chunks) {
    await connection.run("BEGIN TRANSACTION");
    appender.appendDataChunk(chunk);
    appender.flushSync();
    await connection.run("COMMIT");
  }
  appender.closeSync();
}

export function prepareInsert(connection: DuckDBConnection): Promise<DuckDBPreparedStatement> {
  return connection.prepare(insert);
}

/** Inserts one row and commits it. */
export async function insertRow(statement: DuckDBPreparedStatement, row: Row): Promise<void> {
  statement.bind(
    columns.map((column, index) => encode(kinds[index] ?? "text", row[column])),
    types,
  );
  await statement.run();
}
