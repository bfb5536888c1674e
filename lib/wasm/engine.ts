import { AsyncDuckDB, getPlatformFeatures, VoidLogger } from "@duckdb/duckdb-wasm";
import type { AsyncDuckDBConnection } from "@duckdb/duckdb-wasm";
import type { RecordBatch } from "apache-arrow";
import { messageOf } from "@/lib/errors";
import { isTrap, QueryError, SnapshotError } from "./errors";
import { bindParameters, type Parameters } from "./parameters";
import { createQueue, orAbort } from "./queue";
import { toRows, type Row } from "./rows";

const ASSETS = "/duckdb";

// Without the first two a missing function reaches for the network and takes the instance down with it.
// The macros stand in for what lives in an extension that is not shipped.
const BOOT = [
  "SET autoinstall_known_extensions = false",
  "SET autoload_known_extensions = false",
  "CREATE MACRO today() AS current_timestamp::TIMESTAMP::DATE",
  'CREATE MACRO "current_date"() AS current_timestamp::TIMESTAMP::DATE',
];

export type Engine = {
  /** Rows of one statement with `$name` parameters. Rejects with QueryError, or the signal's reason. */
  query: (sql: string, parameters: Parameters, signal?: AbortSignal) => Promise<Row[]>;
  /** Statements that take effect together or not at all. */
  transaction: (statements: readonly string[]) => Promise<void>;
  /** Creates the table from an Arrow IPC stream. The buffer is handed over. */
  insert: (table: string, ipc: Uint8Array) => Promise<void>;
  close: () => void;
  /** Settles with the reason once the worker has died. */
  died: Promise<SnapshotError>;
};

/** Starts the database in its worker. Rejects with SnapshotError; a half-open worker is ended. */
export async function openEngine(): Promise<Engine> {
  await requireWebAssembly();
  const worker = new Worker(`${ASSETS}/duckdb-browser-eh.worker.js`);
  const database = new AsyncDuckDB(new VoidLogger(), worker);
  const died = watchWorker(worker);
  try {
    await Promise.race([boot(database), died.then((error) => Promise.reject(error))]);
  } catch (error) {
    worker.terminate();
    if (error instanceof SnapshotError) throw error;
    throw new SnapshotError("engine", "The database did not start in this browser", "Reload the page.", {
      cause: error,
    });
  }
  return createEngine(database, worker, died);
}

async function requireWebAssembly(): Promise<void> {
  const supported =
    typeof WebAssembly === "object" &&
    typeof Worker === "function" &&
    (await getPlatformFeatures()).wasmExceptions;
  if (supported) return;
  throw new SnapshotError(
    "unsupported",
    "This browser cannot run the dashboard's database",
    "It needs WebAssembly with exceptions: Chrome or Edge 95, Firefox 100, Safari 15.2, or newer.",
  );
}

async function boot(database: AsyncDuckDB): Promise<void> {
  await database.instantiate(new URL(`${ASSETS}/duckdb-eh.wasm`, window.location.origin).href);
  await database.open({ query: { castBigIntToDouble: true, castDecimalToDouble: true } });
  await withConnection(database, async (connection) => {
    for (const statement of BOOT) await connection.query(statement);
  });
}

/** The driver forgets its callers when the worker dies; without this they would wait for ever. */
function watchWorker(worker: Worker): Promise<SnapshotError> {
  return new Promise((resolve) => {
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      resolve(crashed(event.message || "the worker stopped"));
    });
  });
}

function crashed(reason: string): SnapshotError {
  return new SnapshotError(
    "engine",
    `The database in this browser stopped: ${reason}`,
    "Try again: it is started anew.",
  );
}

function createEngine(database: AsyncDuckDB, worker: Worker, workerDied: Promise<SnapshotError>): Engine {
  const enqueue = createQueue();
  const life = createLife();
  void workerDied.then(life.end);

  function run<T>(job: (connection: AsyncDuckDBConnection) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return enqueue(async () => {
      try {
        return await life.guard(() => withConnection(database, job));
      } catch (error) {
        if (isTrap(error)) life.end(crashed(messageOf(error)));
        throw error;
      }
    }, signal);
  }

  return {
    died: life.ended,
    query: (sql, parameters, signal) => {
      const bound = bindParameters(sql, parameters);
      const answer = run((connection) => runStatement(connection, bound.text, bound.values, signal), signal);
      return orAbort(answer, signal).catch((error: unknown) =>
        Promise.reject(asQueryError(error, sql, signal)),
      );
    },
    transaction: (statements) => run((connection) => runTransaction(connection, statements)),
    insert: (table, ipc) =>
      run((connection) => connection.insertArrowFromIPCStream(ipc, { name: table, create: true })),
    close: () => {
      worker.terminate();
      life.end(crashed("it was closed"));
    },
  };
}

type Life = {
  ended: Promise<SnapshotError>;
  end: (reason: SnapshotError) => void;
  /** The job's outcome, or the reason of the end if that comes first. */
  guard: <T>(job: () => Promise<T>) => Promise<T>;
};

function createLife(): Life {
  const guarded = new Set<(reason: SnapshotError) => void>();
  let reason: SnapshotError | undefined;
  let announce: (reason: SnapshotError) => void = () => undefined;
  const ended = new Promise<SnapshotError>((resolve) => {
    announce = resolve;
  });

  function end(why: SnapshotError): void {
    if (reason !== undefined) return;
    reason = why;
    announce(why);
    for (const reject of guarded) reject(why);
  }

  function guard<T>(job: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (reason !== undefined) {
        reject(reason);
        return;
      }
      guarded.add(reject);
      job()
        .then(resolve, reject)
        .finally(() => guarded.delete(reject));
    });
  }

  return { ended, end, guard };
}

async function withConnection<T>(
  database: AsyncDuckDB,
  job: (connection: AsyncDuckDBConnection) => Promise<T>,
): Promise<T> {
  const connection = await database.connect();
  try {
    return await job(connection);
  } finally {
    await connection.close();
  }
}

async function runStatement(
  connection: AsyncDuckDBConnection,
  text: string,
  values: readonly unknown[],
  signal: AbortSignal | undefined,
): Promise<Row[]> {
  const statement = await connection.prepare(text);
  try {
    const batches: RecordBatch[] = [];
    for await (const batch of await statement.send(...values)) {
      signal?.throwIfAborted();
      batches.push(batch);
    }
    return toRows(batches);
  } finally {
    await statement.close();
  }
}

async function runTransaction(
  connection: AsyncDuckDBConnection,
  statements: readonly string[],
): Promise<void> {
  await connection.query("BEGIN");
  try {
    for (const statement of statements) await connection.query(statement);
    await connection.query("COMMIT");
  } catch (error) {
    // Why the work failed matters more than that undoing it failed too.
    await connection.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

function asQueryError(error: unknown, sql: string, signal: AbortSignal | undefined): Error {
  if (error instanceof Error && (signal?.aborted === true || error instanceof SnapshotError)) return error;
  return new QueryError(messageOf(error), sql, { cause: error });
}
