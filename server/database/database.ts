import "server-only";
import { statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { DuckDBConnection, DuckDBInstance, DuckDBValue, Json } from "@duckdb/node-api";
import { messageOf } from "@/lib/errors";
import { Writer, type Recovery, type Touched } from "./writer";

export type Values = Record<string, DuckDBValue>;

const READ_TIMEOUT_MS = 30_000;
const REOPEN_FREE_BYTES = 16 * 1024 * 1024;
const FATAL = /database has been invalidated|FATAL Error/;

/** What is open between two openings of the file. A connection runs one statement at a time, so each work has its own. */
export type Session = {
  instance: DuckDBInstance;
  write: DuckDBConnection;
  exporter: DuckDBConnection;
  readers: DuckDBConnection[];
};

export type DatabaseParts = {
  file: string;
  /** Opens the file; called again when DuckDB has given the last session up. */
  openSession: () => Promise<Session>;
  onClosed: () => void;
};

/** The open learning database: one writer, two readers, one connection for exports. */
export class Database {
  private idle: DuckDBConnection[];
  private readonly waiting: ((connection: DuckDBConnection) => void)[] = [];
  private readonly listeners = new Set<(touched: Touched[]) => void>();
  readonly writer: Writer;
  private exporting: Promise<unknown> = Promise.resolve();
  private reopening: Promise<boolean> | null = null;
  /** Why there is no session, after an attempt to open one again that failed. */
  private lost: Error | null = null;
  private closed = false;

  private constructor(
    private readonly parts: DatabaseParts,
    private session: Session,
  ) {
    this.idle = [...session.readers];
    this.writer = new Writer({
      connection: () => this.session.write,
      onCommitted: (touched) => {
        for (const listener of this.listeners) listener(touched);
      },
      recover: (error) => this.recover(error),
    });
  }

  static async open(parts: DatabaseParts): Promise<Database> {
    return new Database(parts, await parts.openSession());
  }

  get file(): string {
    return this.parts.file;
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
    } catch (error) {
      const recovery = await this.recover(error);
      throw recovery.reason;
    } finally {
      clearTimeout(timer);
      this.giveBack(connection);
    }
  }

  /** Runs a statement on the connection kept for exports, one at a time. */
  export(sql: string, values: Values = {}): Promise<Record<string, Json>[]> {
    const run = this.exporting.then(async () =>
      (await this.session.exporter.runAndReadAll(sql, values)).getRowObjectsJson(),
    );
    this.exporting = run.catch(() => undefined);
    return run;
  }

  /**
   * Gives `action` the export connection to itself inside a read-only transaction: everything it reads or copies is of
   * one moment. `action` must use the function it is given and not `export`, which would wait for it to end.
   */
  exportAtOnce<T>(action: (run: Database["export"]) => Promise<T>): Promise<T> {
    const all = this.exporting.then(async () => {
      const connection = this.session.exporter;
      const run = async (sql: string, values: Values = {}) =>
        (await connection.runAndReadAll(sql, values)).getRowObjectsJson();
      await run("BEGIN TRANSACTION READ ONLY");
      try {
        const result = await action(run);
        await run("COMMIT");
        return result;
      } catch (error) {
        await run("ROLLBACK").catch(() => undefined);
        throw error;
      }
    });
    this.exporting = all.catch(() => undefined);
    return all;
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
    if (this.lost === null) closeSession(this.session, this.writer);
    this.parts.onClosed();
  }

  /**
   * After a fatal error, such as a checkpoint on a full disk, DuckDB answers nothing more until the file is opened
   * again. Does that, once however many ask, and says whether it is open. Nothing that was committed is lost.
   */
  private async recover(error: unknown): Promise<Recovery> {
    if (this.closed || (this.lost === null && !FATAL.test(messageOf(error))))
      return { reopened: false, reason: error };
    this.reopening ??= this.reopen().finally(() => {
      this.reopening = null;
    });
    const reopened = await this.reopening;
    return { reopened, reason: this.lost ?? error };
  }

  private async reopen(): Promise<boolean> {
    try {
      if (this.lost === null) closeSession(this.session, this.writer);
      requireSpace(this.file);
      this.session = await this.parts.openSession();
      this.lost = null;
      this.idle = [...this.session.readers];
      for (const next of this.waiting.splice(0, this.idle.length)) {
        const connection = this.idle.pop();
        if (connection) next(connection);
      }
      return true;
    } catch (error) {
      // Still no space, say: whoever asks next tries again, and what cannot be written waits in the spool.
      this.lost = error instanceof Error ? error : new Error(String(error));
      return false;
    }
  }

  private takeReader(): Promise<DuckDBConnection> {
    const connection = this.idle.pop();
    if (connection) return Promise.resolve(connection);
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private giveBack(connection: DuckDBConnection): void {
    if (!this.session.readers.includes(connection)) return;
    const next = this.waiting.shift();
    if (next) next(connection);
    else this.idle.push(connection);
  }
}

/**
 * A checkpoint that fails twice on a full disk leaves a log that DuckDB refuses to replay ("more than one checkpoint
 * marker"), so the file is not touched again before a checkpoint has room.
 */
function requireSpace(file: string): void {
  const disk = statfsSync(dirname(file));
  const free = disk.bavail * disk.bsize;
  const log = statSync(`${file}.wal`, { throwIfNoEntry: false })?.size ?? 0;
  const needed = REOPEN_FREE_BYTES + 2 * log;
  if (free >= needed) return;
  const mb = (bytes: number) => Math.ceil(bytes / 1024 / 1024);
  throw new Error(
    `The disk of ${file} is full: ${mb(free)} MB are free, ${mb(needed)} MB are needed to go on`,
  );
}

function closeSession({ instance, write, exporter, readers }: Session, writer: Writer): void {
  writer.close();
  for (const connection of [...readers, exporter]) connection.interrupt();
  for (const connection of [write, exporter, ...readers]) connection.closeSync();
  instance.closeSync();
}
