import "server-only";
import { statSync } from "node:fs";
import type { DuckDBConnection, DuckDBInstance, DuckDBValue, Json } from "@duckdb/node-api";
import { Writer, type Touched } from "./writer";

export type Values = Record<string, DuckDBValue>;

const READERS = 2;
const READ_TIMEOUT_MS = 30_000;

/**
 * The open learning database: one writer, two readers, one connection for exports.
 * A connection runs one statement at a time, so each kind of work has its own.
 */
export class Database {
  private readonly idle: DuckDBConnection[];
  private readonly waiting: ((connection: DuckDBConnection) => void)[] = [];
  private readonly listeners = new Set<(touched: Touched[]) => void>();
  readonly writer: Writer;
  private exporting: Promise<unknown> = Promise.resolve();
  private closed = false;

  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly write: DuckDBConnection,
    private readonly readers: DuckDBConnection[],
    private readonly exporter: DuckDBConnection,
    readonly file: string,
    private readonly onClosed: () => void,
  ) {
    this.idle = [...readers];
    this.writer = new Writer(write, (touched) => {
      for (const listener of this.listeners) listener(touched);
    });
  }

  static async create(
    instance: DuckDBInstance,
    write: DuckDBConnection,
    file: string,
    onClosed: () => void,
  ): Promise<Database> {
    const readers = await Promise.all(Array.from({ length: READERS }, () => instance.connect()));
    return new Database(instance, write, readers, await instance.connect(), file, onClosed);
  }

  /** Called after each commit with the day parts it changed. Returns the unsubscriber. */
  onCommitted(listener: (touched: Touched[]) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * Runs a statement on a reader and returns its rows as JSON values: 64-bit integers, UUIDs and times are text,
   * so statements cast what must be a number.
   * @throws Error when it takes longer than `timeoutMs`
   */
  async read(sql: string, values: Values = {}, timeoutMs = READ_TIMEOUT_MS): Promise<Record<string, Json>[]> {
    const connection = await this.takeReader();
    const timer = setTimeout(() => connection.interrupt(), timeoutMs);
    try {
      const reader = await connection.runAndReadAll(sql, values);
      return reader.getRowObjectsJson();
    } finally {
      clearTimeout(timer);
      this.giveBack(connection);
    }
  }

  /** Runs a statement on the connection kept for exports, one at a time. */
  export(sql: string, values: Values = {}): Promise<Record<string, Json>[]> {
    const run = this.exporting.then(async () =>
      (await this.exporter.runAndReadAll(sql, values)).getRowObjectsJson(),
    );
    this.exporting = run.catch(() => undefined);
    return run;
  }

  /** Bytes of the database file and its write-ahead log. */
  sizeBytes(): number {
    return [this.file, `${this.file}.wal`].reduce(
      (sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
  }

  /** Commits what is pending, writes a checkpoint and lets go of the file. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.writer.drain();
    await this.exporting;
    this.writer.close();
    for (const connection of [...this.readers, this.exporter]) connection.interrupt();
    for (const connection of [this.write, ...this.readers, this.exporter]) connection.closeSync();
    this.instance.closeSync();
    this.onClosed();
  }

  private takeReader(): Promise<DuckDBConnection> {
    const connection = this.idle.pop();
    if (connection) return Promise.resolve(connection);
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private giveBack(connection: DuckDBConnection): void {
    const next = this.waiting.shift();
    if (next) next(connection);
    else this.idle.push(connection);
  }
}
