import "server-only";
import { existsSync, realpathSync, statSync } from "node:fs";
import { DuckDBInstance, type DuckDBConnection, type Json } from "@duckdb/node-api";
import { messageOf } from "@/lib/errors";

/** The file cannot be read; the message says what was found and what to do. Nothing was changed. */
export class ForeignFileUnreadable extends Error {
  override readonly name = "ForeignFileUnreadable";
}

export type ForeignColumn = { name: string; type: string };
export type ForeignRow = Record<string, Json>;

const OPTIONS = {
  threads: "2",
  autoinstall_known_extensions: "false",
  autoload_known_extensions: "false",
  allow_community_extensions: "false",
};

/** A connection for reading what others wrote. Values come as JSON: 64-bit integers, UUIDs and times are text. */
export class ForeignDatabase {
  constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
  ) {}

  async tables(): Promise<string[]> {
    const rows = await this.all("SELECT table_name FROM duckdb_tables() ORDER BY ALL");
    return rows.map((row) => textOf(row.table_name));
  }

  /** Columns of a FROM expression, in its order. */
  async columns(from: string): Promise<ForeignColumn[]> {
    const rows = await this.all(`DESCRIBE FROM ${from}`);
    return rows.map((row) => ({ name: textOf(row.column_name), type: textOf(row.column_type) }));
  }

  async all(sql: string): Promise<ForeignRow[]> {
    return (await this.connection.runAndReadAll(sql)).getRowObjectsJson();
  }

  /** Rows one at a time, without holding the whole result in memory. */
  async *rows(sql: string): AsyncGenerator<ForeignRow> {
    const result = await this.connection.stream(sql);
    for await (const chunk of result.yieldRowObjectJson()) yield* chunk;
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
  }
}

/**
 * Opens another program's DuckDB file for reading only.
 * @param ownFile our own database: never opened here, since a second open in one process loses rows
 * @throws ForeignFileUnreadable
 */
export async function openForeignDatabase(file: string, ownFile: string): Promise<ForeignDatabase> {
  if (isSameFile(file, ownFile)) {
    throw new ForeignFileUnreadable(
      `${file} is this Poolwise's own database; there is nothing to import from it.`,
    );
  }
  if (existsSync(`${file}.wal`) && isSameFile(`${file}.wal`, `${ownFile}.wal`)) {
    throw new ForeignFileUnreadable(`${file}.wal is the write-ahead log of this Poolwise's own database.`);
  }
  try {
    const instance = await DuckDBInstance.create(realpathSync(file), {
      ...OPTIONS,
      access_mode: "READ_ONLY",
    });
    return await connect(instance);
  } catch (error) {
    throw explain(error, file);
  }
}

/** An empty database in memory, for reading Parquet and CSV files. */
export async function openForeignFiles(): Promise<ForeignDatabase> {
  return connect(await DuckDBInstance.create(":memory:", OPTIONS));
}

/** A value that is known to be text or a number. */
export function textOf(value: Json | undefined): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** A name or text inside SQL. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

async function connect(instance: DuckDBInstance): Promise<ForeignDatabase> {
  const connection = await instance.connect();
  return new ForeignDatabase(instance, connection);
}

/** The same file under whatever name: symbolic links and hard links end at one inode. */
function isSameFile(file: string, other: string): boolean {
  const a = statSync(file, { throwIfNoEntry: false });
  const b = statSync(other, { throwIfNoEntry: false });
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev;
}

function explain(error: unknown, file: string): ForeignFileUnreadable {
  const message = messageOf(error);
  const holder = /Conflicting lock is held in (.+?) \(PID (\d+)\)/.exec(message);
  if (holder) {
    return new ForeignFileUnreadable(
      `${file} is open in another program (${holder[1] ?? ""}, process ${holder[2] ?? ""}). ` +
        "Stop it, or copy the file together with its .wal and import the copy.",
      { cause: error },
    );
  }
  const version = /version number (\d+), but we can only read version(?:s between)? ([\d and]+)/.exec(
    message,
  );
  if (version) {
    return new ForeignFileUnreadable(
      `${file} has DuckDB storage version ${version[1] ?? ""}; this Poolwise reads ${(version[2] ?? "").trim()}. ` +
        "Export it to Parquet with the DuckDB that wrote it, then use 'poolwise import parquet'.",
      { cause: error },
    );
  }
  return new ForeignFileUnreadable(`${file} cannot be read: ${message}`, { cause: error });
}
